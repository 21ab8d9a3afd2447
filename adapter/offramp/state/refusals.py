"""The gate's refusals, as errors that say which order, since when, and what to do."""

from offramp.contracts.policy import Decision
from offramp.contracts.state import Order
from offramp.errors import OfframpError, PolicyDenied, Prohibited


def stopped_by(order: Order, epoch: int) -> Prohibited:
    """An order in force names this endpoint."""
    since = order.notice_until or order.at
    return Prohibited(
        f"{order.selector} is prohibited since {since.isoformat(timespec='seconds')}"
        f" (order {order.id}, epoch {order.epoch}, by {order.by}: {order.reason})",
        selector=str(order.selector),
        epoch=epoch,
        mend="`offramp status` shows the orders in force; a signed `offramp allow` lifts one",
    )


def unreadable(error: Exception, epoch: int | None) -> Prohibited:
    """Whether an order stands cannot be told, so nothing is sent."""
    told = error.what if isinstance(error, OfframpError) else type(error).__name__
    where = f"{error.where}: " if isinstance(error, OfframpError) and error.where else ""
    return Prohibited(
        f"permission cannot be read, so nothing is sent: {where}{told}",
        selector=None,
        epoch=epoch,
        mend="make the state readable again; sending then goes on by itself",
    )


def unsupervised(mission: str, why: str, epoch: int) -> Prohibited:
    """Nobody oversees an open exchange any more, or its supervisor has stopped it."""
    return Prohibited(
        f"mission {mission} was stopped in mid-exchange: {why}",
        selector=f"mission:{mission}",
        epoch=epoch,
        mend=f"it goes on once somebody supervises it: offramp supervise {mission} --as NAME",
    )


def denied_by(decision: Decision) -> PolicyDenied:
    """A token was asked for against a denial."""
    reasons = [str(reason) for reason in decision.reasons]
    because = f": {reasons[0]}" if reasons else ""
    return PolicyDenied(
        f"policy denies {decision.mission} at {decision.endpoint}{because}",
        reasons=reasons,
        mend="run `offramp policy explain` to see each reason; a denial is final and is not tried elsewhere",
    )
