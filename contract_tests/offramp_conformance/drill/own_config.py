"""A user's own configuration taken over for a drill: the same endpoints, policy and keys; other state, ledger and log.

The order of a drill must not stop the user's real deployment, and its conversations do not belong into the real ledger.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from offramp.config import load_config
from offramp.errors import ConfigurationError
from offramp.toml_file import read_toml
from offramp.types import JsonObject
from offramp_conformance.drill.scenario import Deployment
from offramp_conformance.drill.settings import OwnConfig
from offramp_providers.emulator.json_values import is_list, is_object

_MISSION_FILES: Final = ("declaration", "waivers", "former_declarations")


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
    content = _taken_over(read_toml(own.config), config.folder, mission, own)
    target = folder / "offramp.toml"
    target.write_text("\n".join(_tables(content)) + "\n", encoding="utf-8")
    return Deployment(target, mission)


def _taken_over(content: JsonObject, base: Path, mission: str, own: OwnConfig) -> JsonObject:
    route = [own.first, own.second]
    taken: JsonObject = {
        key: content[key] for key in ("schema", "policy", "allow_unreviewed", "operators") if key in content
    }
    table = {**content["missions"][mission], "route": route}
    table.pop("weights", None)
    endpoints = {
        name: _absolute(endpoint, base, ("agreement",))
        for name, endpoint in content["endpoints"].items()
        if name in {*route, *table.get("formerly", ())}
    }
    for endpoint in endpoints.values():
        if is_object(endpoint.get("key")):
            endpoint["key"] = _absolute(endpoint["key"], base, ("file",))
    return {
        **_absolute(taken, base, ("policy", "operators")),
        "state": "sqlite:state.db",
        "ledger": {"url": "sqlite:ledger.db"},
        "endpoints": endpoints,
        "missions": {mission: _absolute(table, base, _MISSION_FILES)},
    }


def _absolute(table: JsonObject, base: Path, keys: Sequence[str]) -> JsonObject:
    """The table with the paths under these keys made absolute."""
    made = dict(table)
    for key in keys:
        held: Any = table.get(key)
        if isinstance(held, str):
            made[key] = str(base / held)
        elif is_list(held):
            made[key] = [str(base / each) for each in held]
    return made


def _tables(content: Mapping[str, Any], name: str = "") -> list[str]:
    """As TOML: plain keys first, then a table for each that holds more."""
    plain = {key: held for key, held in content.items() if not is_object(held)}
    lines = [f"{json.dumps(key)} = {_word(held)}" for key, held in plain.items()]
    for key, held in content.items():
        if is_object(held):
            place = f"{name}.{json.dumps(key)}" if name else json.dumps(key)
            lines += [f"[{place}]", *_tables(held, place)]
    return lines


def _word(held: Any) -> str:
    """A TOML value. JSON writes text, numbers, booleans and lists as TOML does; tables within lists have `=`."""
    if is_object(held):
        pairs = [f"{json.dumps(key)} = {_word(each)}" for key, each in held.items()]
        return "{ " + ", ".join(pairs) + " }"
    if is_list(held):
        return "[" + ", ".join(_word(each) for each in held) + "]"
    return json.dumps(held)
