"""`offramp policy carry-over`: writes down what endpoints forbade that are gone from the configuration already."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from offramp.cli._carry_over import write_remembered
from offramp.cli._output import console
from offramp.cli._policy_render import contract_of
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption
from offramp.config import Config, load_config
from offramp.contracts.policy import PolicyContract
from offramp.contracts.policy_memory import Seen
from offramp.errors import ConfigurationError
from offramp.policy.carry import carry_over
from offramp.policy.position import position_of_document
from offramp.state.route_memory import FileRouteMemory
from offramp.types import Selector

_LOOK_AGAIN: Final = timedelta(days=30)


def carry(
    left: Annotated[
        str, typer.Argument(help="The endpoint that was left, by its name or a selector: developer:x, host:x.")
    ],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    terms: Annotated[
        str | None,
        typer.Option("--terms", help="A vendor whose contract ships, or a contract's FILE.toml, where no client ran."),
    ] = None,
    folder: Annotated[Path, typer.Option("--into", help="The folder for the files.")] = Path(),
) -> None:
    """Write what an endpoint forbade as carry-over contracts, although it is gone; offramp.toml names the files.

    It is known from the memory of routes beside the state, where a client ever ran with the endpoint. Otherwise name
    its --terms: all that they forbid is carried over, whatever the channel.
    """
    setting, day = load_config(config), datetime.now(UTC).date()
    if terms is None:
        found = [*_remembered(left, setting)]
        if not found:
            mend = "name its terms: --terms VENDOR or --terms FILE.toml"
            raise ConfigurationError(f"no client ever ran with {left!r} on a route, as far as is known", mend=mend)
    else:
        found = [(_name(left), one) for one in _of_terms(left, terms, config, day)]
    due = [(name, replace(one, review_by=max(one.review_by, day + _LOOK_AGAIN))) for name, one in found]
    told = write_remembered(folder, due, config=config, day=day)
    console().print("\n".join(told) or f"{left} forbade nothing of its own: there is nothing to carry over.")


def _remembered(left: str, setting: Config) -> Iterator[tuple[str, PolicyContract]]:
    """Each document of every remembered endpoint that is meant, as it was seen last."""
    memory = FileRouteMemory.beside(setting.state, setting.folder).seen()
    newest: dict[tuple[str, str, str], tuple[date, PolicyContract]] = {}
    for seen in (one for each in memory.values() for one in each if _is_meant(one, left)):
        name = seen.identity.endpoint
        for contract in seen.contracts:
            key = (name, contract.name, contract.version)
            if key not in newest or newest[key][0] < seen.on:
                newest[key] = (seen.on, contract)
    yield from ((name, contract) for (name, _, _), (_, contract) in newest.items())


def _is_meant(seen: Seen, left: str) -> bool:
    return Selector.parse(left).matches(seen.identity) if ":" in left else seen.identity.endpoint == left


def _of_terms(left: str, terms: str, config: Path, day: date) -> Sequence[PolicyContract]:
    position = position_of_document(contract_of(terms, config))
    return carry_over(replace(position, name=_name(left)), day)


def _name(left: str) -> str:
    """The endpoint's own name. Raises ConfigurationError: waivers lift what came from an endpoint of a name."""
    name = left.removeprefix("endpoint:")
    if ":" in name:
        raise ConfigurationError(f"{left!r} is no single endpoint", where="LEFT", mend="give the name that it had")
    return name
