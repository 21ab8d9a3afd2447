"""Each leaf of any request is on the wire, or lies under a named loss."""

import dataclasses
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import HealthCheck, given, settings

from offramp.contracts.provider import Target
from offramp.types import GenerateRequest, Origin
from offramp_providers.dialects.gemini import DIALECT
from support.strategies import values

OWN = Origin(developer="google", host="google", dialect=DIALECT.name, model="m")

DERIVED = re.compile(r"citations\[\d+\]\.(url|quoted|title)$|\.vendor_type$")
"""Read from the vendor's own object, which is what goes back."""


class Marking:
    """Puts a mark that occurs nowhere else into every free leaf of a value."""

    def __init__(self) -> None:
        self.count = itertools.count(2000)
        self.marks: dict[str, str] = {}

    def of(self, node: Any, path: str, hint: Any) -> Any:
        if isinstance(node, Origin):
            return OWN if next(self.count) % 2 else None
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
                    fields[each.name] = DIALECT.name if next(self.count) % 2 else "other"
                case name:
                    fields[name] = self.of(found, f"{path}.{name}" if path else name, hints[name])
        return type(node)(**fields)

    def _mark(self, path: str, mark: str) -> str:
        self.marks[path] = mark
        return mark


def _silent(marks: dict[str, str], said: str, named: list[str]) -> Iterator[str]:
    for path, mark in marks.items():
        under = any(path == loss or path.startswith((f"{loss}.", f"{loss}[")) for loss in named if loss)
        if mark not in said and not under and not DERIVED.search(path):
            yield path


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(values(GenerateRequest))
def test_each_leaf_of_any_request_is_said_or_named(found: GenerateRequest) -> None:
    marking = Marking()
    request = marking.of(found, "", GenerateRequest)

    encoded = DIALECT.encode_request(request, Target(origin=OWN))

    # The model stands in the path.
    assert (
        list(_silent(marking.marks, json.dumps(encoded.body) + encoded.path, [loss.path for loss in encoded.losses]))
        == []
    )
