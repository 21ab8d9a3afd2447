"""Graders: how good is one answer?"""

from collections.abc import Sequence
from typing import assert_never

from offramp.types import AnyResponse
from offramp_conformance.parity.graders.function import grade_function
from offramp_conformance.parity.graders.grade import Grade
from offramp_conformance.parity.graders.specs import (
    Exact,
    Function,
    Numeric,
    Regex,
    Single,
    Structured,
    ToolCalls,
)
from offramp_conformance.parity.graders.structured import grade_structured
from offramp_conformance.parity.graders.text import grade_exact, grade_numeric, grade_regex
from offramp_conformance.parity.graders.tools import grade_tool_calls


def grade(spec: Single, response: AnyResponse) -> Grade:
    """One grader on one answer.

    Raises:
        Ungraded: the grader itself failed.
    """
    match spec:
        case Exact():
            return grade_exact(spec, response.text)
        case Regex():
            return grade_regex(spec, response.text)
        case Numeric():
            return grade_numeric(spec, response.text)
        case Structured():
            return grade_structured(spec, response.text)
        case ToolCalls():
            return grade_tool_calls(spec, response)
        case Function():
            return grade_function(spec, response)
        case _:
            assert_never(spec)


def grade_all(specs: Sequence[Single], response: AnyResponse) -> Grade:
    """As good as the worst of the grades.

    Raises:
        Ungraded: one of the graders failed.
    """
    return min((grade(spec, response) for spec in specs), key=lambda each: each.score)
