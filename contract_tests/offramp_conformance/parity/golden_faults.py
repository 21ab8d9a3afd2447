"""What can be wrong with a case beyond the shape of its tables."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import KW_ONLY
from typing import Any

from offramp.types import value
from offramp_conformance.parity.golden_tables import CaseTable
from offramp_conformance.parity.graders.specs import Grader, Judge, Numeric, Regex, Structured


@value
class Fault:
    """One mistake."""

    keys: tuple[str | int, ...]
    """Where in the case."""
    what: str
    _: KW_ONLY
    mend: str


def faults_of(table: CaseTable) -> Iterator[Fault]:
    """In the order in which they should be mended."""
    asked = [key for key in ("ask", "messages", "request") if getattr(table, key) is not None]
    if len(asked) != 1 or table.messages == ():
        keys = (asked[-1],) if asked else ()
        yield Fault(keys, "one of ask, messages and request is needed, and only one", mend="keep one of them")
    if not math.isfinite(table.weight) or table.weight <= 0:
        yield Fault(("weight",), "the weight is no number above 0", mend="leave it out for 1.0")
    if not table.graders:
        yield Fault(("graders",), "nothing judges its answers", mend="add a grader")
    if sum(isinstance(each, Judge) for each in table.graders) > 1:
        yield Fault(("graders",), "more than one judge", mend="put the rubrics into one")
    for at, each in enumerate(table.graders):
        yield from (Fault(("graders", at, key), what, mend="correct it") for key, what in _of_grader(each))


def _of_grader(spec: Grader) -> Iterator[tuple[str, str]]:
    match spec:
        case Regex() if not _is_pattern(spec.pattern):
            yield "pattern", "this is no regular expression"
        case Numeric() if not (math.isfinite(spec.expected) and spec.absolute >= 0 and spec.relative >= 0):
            yield "expected", "a number that is not finite, or a tolerance below 0"
        case Structured() if spec.schema is None and spec.contains is None:
            yield "kind", "neither schema nor contains says what is expected"
        case Structured() if not _is_json([spec.schema, spec.contains]):
            yield "kind", "a value that JSON does not have, such as a date"
        case _:
            pass


def _is_pattern(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _is_json(content: Any) -> bool:
    try:
        json.dumps(content, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
