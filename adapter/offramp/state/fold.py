"""From the history of orders to what stands now. Pure."""

from collections.abc import Callable, Iterable

from offramp.contracts.state import IgnoredAllow, Order, Snapshot

Verify = Callable[[Order], str | None]
"""Why the signature of an `allowed` does not hold; None: it holds."""


def fold(store: str, orders: Iterable[Order], verify: Verify) -> Snapshot:
    """What stands after these orders.

    Stops add up: a later notice never loosens an earlier prohibition. Only a signed `allowed` lifts, and only the
    orders for the same selector up to the epoch that it answers; one that does not verify lifts nothing.
    """
    stops: list[Order] = []
    ignored: list[IgnoredAllow] = []
    epoch = 0
    for order in orders:
        epoch = order.epoch
        if order.state != "allowed":
            stops.append(order)
        elif (why := _unfit(order, verify)) is not None:
            ignored.append(IgnoredAllow(order, why))
        else:
            stops = [stop for stop in stops if not _lifts(order, stop)]
    return Snapshot(store=store, epoch=epoch, stops=tuple(stops), ignored=tuple(ignored))


def _unfit(order: Order, verify: Verify) -> str | None:
    if order.signature is None:
        return "it is not signed"
    if order.signature.answers_epoch >= order.epoch:
        return "it answers an epoch that was still to come"
    return verify(order)


def _lifts(order: Order, stop: Order) -> bool:
    answered = order.signature.answers_epoch if order.signature else 0
    same = stop.selector.kind == order.selector.kind
    return same and stop.selector.name.casefold() == order.selector.name.casefold() and stop.epoch <= answered
