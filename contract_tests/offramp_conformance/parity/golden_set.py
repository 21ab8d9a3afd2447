"""The golden set: the cases that a mission's answers are judged by."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import KW_ONLY
from functools import cache
from typing import Final

from pydantic import TypeAdapter

from offramp.json_form import to_python
from offramp.types import GenerateRequest, JsonObject, value
from offramp_conformance.parity.graders.specs import Grader, Judge, Single

FORMAT: Final = "offramp-golden-set/1"


@value
class Case:
    """One request, and how its answers are judged."""

    id: str
    _: KW_ONLY
    cluster: str
    """Where it comes from, such as a conversation. Cases of one cluster may go wrong together."""
    request: GenerateRequest
    graders: tuple[Grader, ...]
    slices: tuple[str, ...] = ()
    """Labels of the groups that it belongs to, such as `lang:de`."""
    weight: float = 1.0

    @property
    def single(self) -> tuple[Single, ...]:
        """The graders of one answer by itself."""
        return tuple(each for each in self.graders if not isinstance(each, Judge))

    @property
    def judge(self) -> Judge | None:
        """What is asked of the third endpoint."""
        return next((each for each in self.graders if isinstance(each, Judge)), None)


@value
class GoldenSet:
    """The cases of a mission."""

    name: str
    cases: tuple[Case, ...]

    @property
    def clusters(self) -> tuple[str, ...]:
        """Each once, in alphabetical order."""
        return tuple(sorted({case.cluster for case in self.cases}))

    @property
    def slices(self) -> tuple[str, ...]:
        """Each label once, in alphabetical order."""
        return tuple(sorted({label for case in self.cases for label in case.slices}))

    @property
    def sha256(self) -> str:
        """Of what is asked and how it is judged, however the file spells it and in whatever order the cases stand."""
        digest = hashlib.sha256()
        for line in sorted(_lines(self)):
            digest.update(line)
        return digest.hexdigest()


def _lines(golden_set: GoldenSet) -> Iterator[bytes]:
    for case in golden_set.cases:
        yield json.dumps(_content(case), sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _content(case: Case) -> JsonObject:
    return {
        "id": case.id,
        "cluster": case.cluster,
        "slices": sorted(set(case.slices)),
        "weight": float(case.weight),
        "request": to_python(case.request),
        "graders": _graders().dump_python(case.graders, mode="json"),
    }


@cache
def _graders() -> TypeAdapter[tuple[Grader, ...]]:
    return TypeAdapter(tuple[Grader, ...])
