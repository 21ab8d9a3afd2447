"""`offramp prohibit`: stop whatever a selector names, at once or from a date on, and see who has obeyed."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from offramp.cli._named import names_nobody
from offramp.cli._output import console, order_json, print_json, record_order, replica_json, replica_table
from offramp.cli._state import (
    DEFAULT_CONFIG,
    ByOption,
    ConfigOption,
    JsonOption,
    Setting,
    StateOption,
    setting_of,
    user,
)
from offramp.contracts.state import TRAFFIC, Order, PermissionStore, Right
from offramp.errors import ConfigurationError
from offramp.state import ReplicaStanding, wait_for_replicas
from offramp.state import prohibit as give_order
from offramp.types import Selector

_WAIT_S = 5.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("prohibit")(prohibit)


def prohibit(  # noqa: PLR0913  # a command's options are its parameters
    selector: Annotated[str, typer.Argument(help="Who is stopped: kind:name, such as developer:acme.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, or a reference such as ORDER-17.")],
    config: ConfigOption = DEFAULT_CONFIG,
    state: StateOption = None,
    notice: Annotated[str | None, typer.Option("--notice", help="Stop from this UTC date (or instant) on.")] = None,
    by: ByOption = None,
    export: Annotated[bool, typer.Option("--export", help="Also stop fetching our data back.")] = False,
    deletion: Annotated[bool, typer.Option("--deletion", help="Also stop asking the vendor to delete.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the replicas.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Stop traffic to whatever SELECTOR names. Needs no signature, and takes effect at its commit.

    Exit code 1: the order stands, and a replica has not acknowledged it within 5 seconds.
    """
    setting = setting_of(config, state)
    rights: list[Right] = [*TRAFFIC, *_rights("export", given=export), *_rights("deletion", given=deletion)]
    with closing(setting.open(create=True)) as store:
        order = give_order(
            store,
            Selector.parse(selector),
            reason=reason,
            by=by or user(),
            rights=tuple(rights),
            notice_until=_instant(notice),
        )
        if not as_json:
            console().print(_committed(order))
        told = (record_order(setting, order), names_nobody(order.selector, config) if state is None else None)
        warnings = [each for each in told if each]
        _report(store, order, setting, no_wait=no_wait, as_json=as_json, warnings=warnings)


def _rights(right: Right, *, given: bool) -> tuple[Right, ...]:
    return (right,) if given else ()


def _report(
    store: PermissionStore, order: Order, setting: Setting, *, no_wait: bool, as_json: bool, warnings: Sequence[str]
) -> None:
    found = wait_for_replicas(store, order.epoch, timeout_s=0.0 if no_wait else _WAIT_S)
    now = datetime.now(UTC)
    if as_json:
        replicas = [replica_json(standing, at=now) for standing in found]
        print_json(
            {
                "schema": "offramp-order/1",
                "state": store.url,
                "order": order_json(order, at=now),
                "replicas": replicas,
                "warnings": list(warnings),
            }
        )
    else:
        _show(found, setting, now=now, no_wait=no_wait, warnings=warnings)
    if not no_wait and any(standing.obedience in ("pending", "silent") for standing in found):
        raise typer.Exit(1)


def _show(
    found: tuple[ReplicaStanding, ...], setting: Setting, *, now: datetime, no_wait: bool, warnings: Sequence[str]
) -> None:
    out = console()
    for warning in warnings:
        out.print(f"warning: {warning}")
    if not found:
        out.print(f"No replica is registered at {setting.state}. Processes that start later obey the order.")
        return
    out.print(replica_table(found, at=now))
    obeyed = sum(standing.obedience in ("acknowledged", "gone") for standing in found)
    tail = "" if no_wait or obeyed == len(found) else "; see the others: offramp status --watch"
    out.print(f"{obeyed} of {len(found)} replicas send nothing more{tail}")


def _committed(order: Order) -> str:
    until = f" from {order.notice_until.isoformat()} on" if order.notice_until else ""
    return (
        f"{order.selector} is prohibited{until}: order {order.id}, epoch {order.epoch}, "
        f"committed {order.at.isoformat()} (monotonic {order.committed_monotonic_s:.6f} s), by {order.by}"
    )


def _instant(word: str | None) -> datetime | None:
    """A date is its first instant in UTC; an instant says its time zone."""
    if word is None:
        return None
    try:
        found = (
            datetime.combine(date.fromisoformat(word), time(), UTC) if len(word) == 10 else datetime.fromisoformat(word)
        )
    except ValueError as error:
        raise _no_date(word) from error
    if found.tzinfo is None:
        raise _no_date(word)
    if found <= datetime.now(UTC):
        raise ConfigurationError(f"{word} has passed", where="--notice", mend="leave --notice out to stop now")
    return found.astimezone(UTC)


def _no_date(word: str) -> ConfigurationError:
    return ConfigurationError(
        f"{word!r} is not a date", where="--notice", mend="write 2027-01-31, or 2027-01-31T12:00:00+00:00"
    )
