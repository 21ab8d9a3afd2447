"""The grader of tool calls: names, and arguments by JSON value."""

from typing import Any

from pydantic_core import from_json

from offramp.types import AnyResponse, ToolCall, value
from offramp_conformance.parity.graders.grade import PASSED, Grade, failed
from offramp_conformance.parity.graders.json_values import equal, holds, paired_off
from offramp_conformance.parity.graders.specs import ExpectedCall, ToolCalls


@value
class _Call:
    name: str
    arguments: Any


def grade_tool_calls(spec: ToolCalls, response: AnyResponse) -> Grade:
    """As many calls as expected, each with one of its own."""
    made = [part for part in response.message.parts if isinstance(part, ToolCall) and part.executor == "client"]
    if len(made) != len(spec.calls):
        return failed(f"{len(made)} calls in place of {len(spec.calls)}")
    try:
        found = [_Call(each.name, from_json(each.arguments_json or "{}")) for each in made]
    except ValueError:
        return failed("arguments that are not JSON")

    def fits(call: _Call, expected: ExpectedCall) -> bool:
        if call.name != expected.name:
            return False
        same = equal if spec.arguments == "equal" else holds
        return expected.arguments is None or same(call.arguments, expected.arguments)

    expected = list(spec.calls)
    matched = all(map(fits, found, expected)) if spec.ordered else paired_off(found, expected, fits)
    return PASSED if matched else failed("another tool or other arguments")
