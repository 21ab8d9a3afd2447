"""An unknown key in every object of a wire value, and where each of them stands when it was read."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final

KEY: Final = "zz_unknown"
DATA: Final = frozenset({"schema", "arguments_json", "metadata", "text"})
"""Fields whose content is the application's or the model's own data: it travels, whatever its keys."""


ARGUMENTS: Final = frozenset({"args", "input", "arguments"})
"""What the wires call the arguments of a call, which are data too."""


def objects(node: Any, *, without: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, save under some keys."""
    if isinstance(node, list):
        for child in node:
            yield from objects(child, without=without)
    elif isinstance(node, dict):
        yield node
        for key, child in node.items():
            if key not in without:
                yield from objects(child, without=without)


def poisoned(body: Any) -> tuple[Any, int]:
    """A copy with a numbered unknown key in every object, and how many there are."""
    copied = copy.deepcopy(body)
    found = list(objects(copied))
    for number, each in enumerate(found):
        each[KEY] = number
    return copied, len(found)


def numbers_in(node: Any) -> set[int]:
    """The numbers of the keys in a JSON value, in texts that are JSON themselves too."""
    if isinstance(node, str):
        return numbers_in(_parsed(node)) if KEY in node else set()
    if isinstance(node, list | tuple):
        return {number for each in node for number in numbers_in(each)}
    if not isinstance(node, dict):
        return set()
    own = {node[KEY]} if KEY in node else set()
    return own.union(*(numbers_in(each) for each in node.values()))


def _parsed(text: str) -> Any:
    """The JSON in a text, before which the status of a result may stand."""
    try:
        return json.loads(re.sub(r"^\[\w+\] ", "", text))
    except ValueError:
        return None


def places(node: Any, path: str = "") -> Iterator[tuple[str, bool, set[int]]]:
    """Path, whether it is data, and the numbers, for each field of a canonical value that holds some."""
    for each in fields(node):
        held, below = getattr(node, each.name), f"{path}.{each.name}" if path else each.name
        if each.name == "wire" and held is not None:
            for key, content in held.fields.items():
                yield f"{below}.fields.{key}", False, numbers_in({key: content})
        elif is_dataclass(held):
            yield from places(held, below)
        elif isinstance(held, tuple) and any(is_dataclass(one) for one in held):
            for position, one in enumerate(held):
                yield from places(one, f"{below}[{position}]")
        else:
            yield below, each.name in DATA, numbers_in(held)
