"""What an answer with calls says of its own end."""

from collections.abc import Mapping
from typing import Final

from offramp.types import OutcomeKind
from offramp_conformance.checks.prompts import call_tool
from offramp_conformance.checks.toolbox import LOOK, arguments_of, calls_of, some_calls
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, Unaskable, expect, held
from offramp_conformance.suite.subject import Subject

_SAYS_CALLS: Final[Mapping[str, str]] = {
    "anthropic_messages": "tool_use",
    "bedrock_converse": "tool_use",
    "cohere_v2": "TOOL_CALL",
    "mistral": "tool_calls",
    "openai_chat": "tool_calls",
}
"""The stop reason beside calls that a model has chosen to make, by dialect. Others have no such word."""


@check(
    "tools.outcome",
    level="MUST",
    axis="wire",
    proves="An answer that calls a tool says so in its outcome.",
    look_at="The stop reason of an answer with calls.",
    verifies="tools",
)
async def outcome(subject: Subject) -> Observation:
    answer = (await subject.ask(call_tool("look", place=subject.word()), tools=(LOOK,))).answer
    some_calls(answer)
    expect(answer.outcome.kind is OutcomeKind.TOOL_CALLS, f"an answer with calls says {answer.outcome.kind}")
    return held()


@check(
    "tools.outcome.told",
    level="SHOULD",
    axis="wire",
    proves="Beside calls stands the stop reason that its dialect has for them.",
    look_at="The stop reason itself. Offramp goes by the calls, but clients that go by the word run no tool.",
    verifies="tools",
)
async def outcome_told(subject: Subject) -> Observation:
    word = _SAYS_CALLS.get(subject.endpoint.profile.dialect)
    if word is None:
        raise Unaskable("its dialect has no stop reason for calls")
    answer = (await subject.ask(call_tool("look", place=subject.word()), tools=(LOOK,))).answer
    some_calls(answer)
    expect(answer.outcome.raw == word, f"beside calls stands another stop reason than {word}")
    return held()


@check(
    "tools.arguments.cut",
    level="MUST",
    axis="wire",
    proves="A call that was cut by the bound on output is not passed off as whole.",
    look_at="The outcome of an answer whose arguments end in their middle.",
    verifies="tools",
)
async def cut_arguments(subject: Subject) -> Observation:
    place = " ".join(subject.word(str(number)) for number in range(120))
    answer = (await subject.ask(call_tool("look", place=place), tools=(LOOK,), max_output_tokens=40)).answer
    for call in calls_of(answer):
        is_whole = isinstance(arguments_of(call), dict) and call.arguments_json
        expect(
            is_whole or answer.outcome.kind not in (OutcomeKind.TOOL_CALLS, OutcomeKind.COMPLETED),
            "arguments end in their middle, and the outcome says that they are whole",
        )
    return held()
