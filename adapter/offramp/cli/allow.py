"""`offramp allow`: lift the orders for a selector, with a trusted operator's signature."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from offramp.cli._output import console, record_order
from offramp.cli._state import DEFAULT_CONFIG, ByOption, ConfigOption, OperatorsOption, StateOption, setting_of, user
from offramp.errors import StateError
from offramp.state import allow as lift
from offramp.types import Selector


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("allow")(allow)


def allow(
    selector: Annotated[str, typer.Argument(help="The very selector of the order, such as developer:acme.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, or a reference. It is signed too.")],
    key: Annotated[Path, typer.Option("--key", help="The operator's private key, made by `offramp keys new`.")],
    config: ConfigOption = DEFAULT_CONFIG,
    state: StateOption = None,
    operators: OperatorsOption = None,
    by: ByOption = None,
) -> None:
    """Lift every order for SELECTOR that stands now."""
    setting = setting_of(config, state, operators)
    with closing(setting.open()) as store:
        order = lift(
            store, Selector.parse(selector), reason=reason, by=by or user(), key=key, operators=setting.operators
        )
        ignored = next((one for one in store.read().ignored if one.order.id == order.id), None)
        if ignored is not None:
            raise StateError(f"{selector} stays prohibited: {ignored.why}", where=str(setting.operators))
        out = console()
        out.print(f"{selector} is allowed again: order {order.id}, epoch {order.epoch}, {order.at.isoformat()}")
        warning = record_order(setting, order)
        if warning:
            out.print(f"warning: {warning}")
        for stop in store.read().stops:
            out.print(f"still in the list of orders: {stop.selector} ({stop.state}, order {stop.id})")
