"""Adds a file's name to a list in `offramp.toml`, and changes nothing else of it, its comments included."""

import json
import os
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from offramp.policy.lines import line_of

_LIST: Final = re.compile(r"^(\s*[\w-]+\s*=\s*\[)([^\[\]#]*?)(,?\s*)(\].*)$")


def enlist(config: Path, table: Sequence[str], key: str, name: str) -> bool:
    """Add `name` to the list `key` of a table; the list is made where there is none.

    Returns:
        Whether it stands there now. False: the file is written in a way that this does not change; nothing was.
    """
    file = config.resolve()
    text = file.read_bytes().decode()
    wanted = tomllib.loads(text)
    held = _table(wanted, table).setdefault(key, [])
    if name in held:
        return True
    held.append(name)
    for made in (_longer(text, (*table, key), name), _with_new_list(text, table, key, name)):
        if made is not None and _reads_as(made, wanted):
            _replace(file, made)
            return True
    return False


def _table(data: dict[str, Any], table: Sequence[str]) -> dict[str, Any]:
    for step in table:
        data = data[step]
    return data


def _longer(text: str, path: Sequence[str], name: str) -> str | None:
    """The text with one name more in a list that stands on one line."""
    lines, number = text.splitlines(keepends=True), line_of(text, path)
    found = _LIST.match(lines[number - 1].rstrip("\r\n")) if number else None
    if number is None or found is None:
        return None
    start, names, _, rest = found.groups()
    end = lines[number - 1][len(lines[number - 1].rstrip("\r\n")) :]
    lines[number - 1] = f"{start}{names}{', ' if names.strip() else ''}{json.dumps(name)}{rest}{end}"
    return "".join(lines)


def _with_new_list(text: str, table: Sequence[str], key: str, name: str) -> str | None:
    """The text with a new list right below the table's name; of the whole file, above its first table."""
    lines = text.splitlines(keepends=True)
    number = line_of(text, table) if table else _first_table(lines)
    if number is None:
        return None
    lines.insert(number, f"{key} = [{json.dumps(name)}]\n")
    return "".join(lines)


def _first_table(lines: Sequence[str]) -> int:
    return next((number for number, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))


def _reads_as(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _replace(file: Path, text: str) -> None:
    beside = file.with_name(f".{file.name}.new")
    beside.write_bytes(text.encode())
    beside.chmod(file.stat().st_mode)
    os.replace(beside, file)  # noqa: PTH105  # as the state does: at once, or not at all
