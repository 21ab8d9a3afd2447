"""Writes plain data as TOML: every top-level key on its own line, whatever is below in line."""

import json
from datetime import date
from typing import Any

from offramp.types import JsonObject


def toml_of(data: JsonObject) -> str:
    """TOML that reads back as this data."""
    return "".join(f"{json.dumps(key)} = {_value(inner)}\n" for key, inner in data.items())


def _value(held: Any) -> str:
    if isinstance(held, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(inner)}" for key, inner in held.items()) + " }"
    if isinstance(held, list | tuple):
        return "[" + ", ".join(_value(inner) for inner in held) + "]"
    return held.isoformat() if isinstance(held, date) else json.dumps(held)
