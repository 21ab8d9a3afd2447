"""Plain data as TOML text."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any, Final, cast

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def toml_value(held: object) -> str:
    """A value as it stands behind a key; tables are written in line."""
    if isinstance(held, Mapping):
        table = cast("Mapping[str, object]", held)
        return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(inner)}" for key, inner in table.items()) + " }"
    if isinstance(held, list | tuple):
        return "[" + ", ".join(toml_value(inner) for inner in cast("Sequence[object]", held)) + "]"
    if isinstance(held, date | time):
        return held.isoformat()
    if isinstance(held, float):
        return repr(held)
    # JSON writes texts and booleans as TOML does, but for one character, which TOML wants escaped.
    return json.dumps(held, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_key(key: str) -> str:
    """A key, in quotation marks where it has to be."""
    return key if _BARE.fullmatch(key) else toml_value(key)


def toml_of(content: Mapping[str, Any]) -> str:
    """A whole document: each table under a heading of its own, what is not a table before it."""
    return "\n".join(_tables(content, ())) + "\n"


def _tables(content: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[str]:
    inner = {key: cast("Mapping[str, Any]", held) for key, held in content.items() if isinstance(held, Mapping)}
    yield from (f"{toml_key(key)} = {toml_value(held)}" for key, held in content.items() if key not in inner)
    for key, held in inner.items():
        yield f"[{'.'.join(map(toml_key, (*place, key)))}]"
        yield from _tables(held, (*place, key))
