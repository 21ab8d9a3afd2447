"""A user's own configuration taken over for a drill: the same endpoints, policy and keys; other state, ledger and log.

The order of a drill must not stop the user's real deployment, and its conversations do not belong into the real ledger.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from offramp.config import Config, load_config
from offramp.errors import ConfigurationError
from offramp.toml_file import read_toml
from offramp.toml_writing import toml_of
from offramp.types import JsonObject
from offramp_conformance.drill.scenario import Deployment
from offramp_conformance.drill.settings import OwnConfig
from offramp_providers.emulator.json_values import is_object

_OWN: Final = ("state", "ledger", "audit", "audit_key", "endpoints", "missions")
"""What the drill writes itself."""


def write_own(folder: Path, own: OwnConfig) -> Deployment:
    """Write a configuration into an empty folder that reaches the user's two endpoints.

    Raises:
        ConfigurationError: the configuration is not sound, lacks an endpoint, or no mission routes over both.
    """
    config = load_config(own.config)
    if own.first == own.second:
        raise ConfigurationError("--from and --to name the same endpoint", mend="name two endpoints")
    for option, name in (("--from", own.first), ("--to", own.second)):
        if name not in config.endpoints:
            known = ", ".join(sorted(config.endpoints))
            raise ConfigurationError(
                f"{option} names the endpoint {name!r}, which is not configured",
                where=str(own.config),
                mend=f"use one of {known}",
            )
    mission = next(
        (name for name, table in config.missions.items() if {own.first, own.second} <= set(table.route)), None
    )
    if mission is None:
        raise ConfigurationError(
            f"no mission has both {own.first} and {own.second} on its route",
            where=str(own.config),
            mend="add a mission whose route names both, and whose declaration fits office work",
        )
    target = folder / "offramp.toml"
    target.write_text(toml_of(_taken_over(config, mission, own)), encoding="utf-8")
    return Deployment(target, mission)


def _taken_over(config: Config, mission: str, own: OwnConfig) -> JsonObject:
    """What the user has written, less what the drill has of its own, and less other missions and their endpoints."""
    content: JsonObject = _with_whole_paths(read_toml(own.config), config, config)
    route = [own.first, own.second]
    table: JsonObject = {**content["missions"][mission], "route": route}
    table.pop("weights", None)
    reached = {*route, *table.get("formerly", ())}
    return {
        **{key: held for key, held in content.items() if key not in _OWN},
        "state": "sqlite:state.db",
        "ledger": {"url": "sqlite:ledger.db"},
        "endpoints": {name: held for name, held in content["endpoints"].items() if name in reached},
        "missions": {mission: table},
    }


def _with_whole_paths(written: Any, read: object, config: Config) -> Any:
    """What was written, with each path in it as seen from anywhere. What was read says which words are paths."""
    match read:
        case Path():
            return str(config.at(read))
        case tuple() | list():
            each = zip(written, cast("Sequence[object]", read), strict=True)
            return [_with_whole_paths(one, made, config) for one, made in each]
        case Mapping():
            table = cast("Mapping[str, object]", read)
            return {key: _with_whole_paths(held, table[key], config) for key, held in written.items()}
        case _ if is_object(written):
            return {key: _with_whole_paths(held, getattr(read, key, None), config) for key, held in written.items()}
        case _:
            return written
