"""A mark in every leaf of a value, so that each can be looked for on the wire."""

import dataclasses
import itertools
import json
import re
from collections.abc import Sequence
from typing import Any, Final, get_args, get_origin, get_type_hints

from offramp.types import Loss, Origin
from offramp_conformance.accounting.leaves import is_under

_DERIVED: Final = re.compile(r"citations\[\d+\]\.(url|quoted|title)$|\.vendor_type$")
"""Read from the vendor's own object, which is what goes back."""


class Marking:
    """Puts a mark that occurs nowhere else into every free leaf of a value.

    Args:
        own: the origin that half of the values get. The others have none.
    """

    def __init__(self, own: Origin) -> None:
        self.own = own
        self.count = itertools.count(2000)
        self.marks: dict[str, str] = {}

    def of(self, node: Any, path: str, hint: Any) -> Any:
        """The value with marks; `marks` then tells the mark at each path."""
        if isinstance(node, Origin):
            return self.own if next(self.count) % 2 else None
        if dataclasses.is_dataclass(node):
            return self._of_value(node, path)
        if isinstance(node, tuple):
            inner = next((get_args(each)[0] for each in (hint, *get_args(hint)) if get_origin(each) is tuple), None)
            return tuple(self.of(each, f"{path}[{position}]", inner) for position, each in enumerate(node))
        if isinstance(node, dict):
            return {"key": self._mark(path, f"mark{next(self.count)}")}
        if isinstance(node, str) and str in (hint, *get_args(hint)):
            mark = self._mark(path, f"mark{next(self.count)}")
            return json.dumps({mark: 1}, separators=(",", ":")) if path.endswith("arguments_json") else mark
        if type(node) is int and int in (hint, *get_args(hint)):
            return int(self._mark(path, str(next(self.count))))
        return node

    def _of_value(self, node: Any, path: str) -> Any:
        hints = get_type_hints(type(node))
        fields = {}
        for each in dataclasses.fields(node):
            found = getattr(node, each.name)
            match each.name:
                case "type":
                    fields[each.name] = found
                case "wire":
                    fields[each.name] = None
                case "dialect":
                    fields[each.name] = self.own.dialect if next(self.count) % 2 else "other"
                case name:
                    fields[name] = self.of(found, f"{path}.{name}" if path else name, hints[name])
        return type(node)(**fields)

    def _mark(self, path: str, mark: str) -> str:
        self.marks[path] = mark
        return mark


def silent(marks: dict[str, str], said: str, losses: Sequence[Loss]) -> list[str]:
    """The paths of marks that are neither said nor named."""
    named = [loss.path for loss in losses if loss.path]
    return [
        path
        for path, mark in marks.items()
        if mark not in said and not any(is_under(path, loss) for loss in named) and not _DERIVED.search(path)
    ]
