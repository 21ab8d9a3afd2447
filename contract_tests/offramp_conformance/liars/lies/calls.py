"""Lies about tools: choices that are not heeded, calls that were not made so."""

import json
from collections.abc import Callable
from typing import Any, Final

from offramp.types import (
    GenerateRequest,
    ToolChoiceAny,
    ToolChoiceNamed,
    ToolChoiceNone,
    changed,
    value,
)
from offramp_conformance.liars.json_leaves import with_leaves
from offramp_conformance.liars.lies.lie import everywhere_but, lie
from offramp_conformance.liars.twists import Twist, in_the_words_of
from offramp_providers.emulator.answers import Answer, Call, Part, Saying
from offramp_providers.emulator.config import Dialect
from offramp_providers.emulator.wire import Writing

_TEXT_ARGUMENTS: Final[tuple[Dialect, ...]] = ("openai_chat", "openai_responses", "mistral", "cohere_v2")
"""Dialects in which arguments are a text, which may be no JSON."""
_FORCES: Final[tuple[Dialect, ...]] = (
    *("anthropic_messages", "openai_chat", "bedrock_converse", "openai_responses", "gemini", "mistral"),
)
_MANY: Final = 16


def _choosing(change: Callable[[GenerateRequest], GenerateRequest]) -> Twist:
    return Twist(hears=change)


FORCED_IGNORED = lie(
    "forced_ignored",
    "That some tool must be called is not heeded.",
    _choosing(
        lambda asked: changed(asked, tool_choice=None) if isinstance(asked.tool_choice, ToolChoiceAny) else asked
    ),
    "tools.forced.any",
    dialects=_FORCES,
)

NAMED_IGNORED = lie(
    "named_ignored",
    "Which tool must be called is not heeded: it calls the first.",
    _choosing(
        lambda asked: (
            changed(
                asked,
                tool_choice=ToolChoiceNamed(next((each.name for each in asked.tools if each.type == "function"), "")),
            )
            if isinstance(asked.tool_choice, ToolChoiceNamed)
            else asked
        )
    ),
    "tools.forced.named",
    dialects=_FORCES,
)

NONE_IGNORED = lie(
    "none_ignored",
    "That no tool may be called is not heeded.",
    _choosing(
        lambda asked: changed(asked, tool_choice=None) if isinstance(asked.tool_choice, ToolChoiceNone) else asked
    ),
    "tools.none",
    dialects=("anthropic_messages", "openai_chat", "openai_responses", "gemini", "mistral", "cohere_v2"),
)

PARALLEL_ANYWAY = lie(
    "parallel_anyway",
    "That calls must come one by one is not heeded.",
    _choosing(lambda asked: changed(asked, parallel_tool_calls=None)),
    "tools.parallel.off",
    dialects=("anthropic_messages", "openai_chat", "openai_responses", "mistral"),
)

TOOLS_CUT = lie(
    "tools_cut",
    "Only the first sixteen tools reach the model.",
    _choosing(lambda asked: changed(asked, tools=asked.tools[:_MANY])),
    "tools.many",
)


def _calls(change: Callable[[tuple[Call, ...]], tuple[Part, ...]]) -> Twist:
    """Changes the calls of an answer, all together."""

    def says(answer: Answer, _: GenerateRequest) -> Answer:
        calls = tuple(each for each in answer.parts if isinstance(each, Call))
        rest = tuple(each for each in answer.parts if not isinstance(each, Call))
        return changed(answer, parts=(*rest, *change(calls))) if calls else answer

    return Twist(says=says)


def _each_call(change: Callable[[Call], Part]) -> Twist:
    return _calls(lambda calls: tuple(change(each) for each in calls))


ONE_CALL_OF_SEVERAL = lie(
    "one_call_of_several",
    "Of several calls only the first arrives.",
    _calls(lambda calls: calls[:1]),
    "tools.parallel.on",
)

CALLS_DOUBLED = lie(
    "calls_doubled",
    "Each call comes twice.",
    _calls(lambda calls: (*calls, *calls)),
    "tools.parallel.off",
    "tools.parallel.on",
)

CALLS_CALLED_COMPLETE = lie(
    "calls_called_complete",
    "An answer with calls is said to be complete, so that no client runs them.",
    Twist(says=lambda answer, _: changed(answer, ending="end") if answer.ending == "calls" else answer),
    "tools.outcome.told",
    dialects=("openai_chat", "anthropic_messages", "bedrock_converse", "mistral", "cohere_v2"),
)

CALL_RENAMED = lie(
    "call_renamed",
    "A call names a tool that nobody offered.",
    _each_call(lambda call: Call(f"functions_{call.name}", call.arguments)),
    "tools.names",
    "tools.many",
    "tools.forced.named",
)


def _as_text(answer: Answer, _: GenerateRequest) -> Answer:
    """As a model without a proper template writes it."""
    calls = [each for each in answer.parts if isinstance(each, Call)]
    if not calls:
        return answer
    texts = (json.dumps({"name": each.name, "arguments": each.arguments}) for each in calls)
    said = "\n".join(f"<tool_call>\n{text}\n</tool_call>" for text in texts)
    return Answer((*(each for each in answer.parts if not isinstance(each, Call)), Saying(said)), "end")


CALL_AS_TEXT = lie("call_as_text", "A call stands in the text of the answer.", Twist(says=_as_text), "tools.called")


def _stringly(held: Any) -> Any:
    return held if isinstance(held, str) or held is None else json.dumps(held)


NUMBERS_AS_TEXT = lie(
    "numbers_as_text",
    "Numbers in arguments come as texts.",
    _each_call(lambda call: Call(call.name, with_leaves(call.arguments, _stringly))),
    "tools.arguments.exact",
    "tools.arguments.nested",
    "tools.strict",
)

ARGUMENT_MISSING = lie(
    "argument_missing",
    "The last argument of a call is missing.",
    _each_call(lambda call: Call(call.name, dict(list(call.arguments.items())[:-1]))),
    "tools.arguments.exact",
    "tools.arguments.nested",
    "tools.strict",
)

ARGUMENT_INVENTED = lie(
    "argument_invented",
    "A call has an argument that nobody declared.",
    _each_call(lambda call: Call(call.name, {**call.arguments, "reasoning": "as asked"})),
    "tools.arguments.exact",
    "tools.arguments.nested",
    "tools.strict",
)

ARGUMENTS_WRAPPED = lie(
    "arguments_wrapped",
    "The arguments stand one level deeper than they should.",
    _each_call(lambda call: Call(call.name, {"arguments": call.arguments})),
    "tools.arguments.exact",
    "tools.arguments.nested",
    "tools.strict",
)


def _ascii(held: Any) -> Any:
    return held.encode("ascii", "ignore").decode() if isinstance(held, str) else held


ARGUMENTS_ASCII = lie(
    "arguments_ascii",
    "Letters outside ASCII are missing from arguments.",
    _each_call(lambda call: Call(call.name, with_leaves(call.arguments, _ascii))),
    "tools.arguments.nested",
    "tools.arguments.exact",
)


@value
class _CutCall(Call):
    """Arguments that end in their middle."""

    @property
    def arguments_json(self) -> str:
        whole = json.dumps(self.arguments, ensure_ascii=False)
        return whole[: max(1, len(whole) * 2 // 3)]


ARGUMENTS_CUT = lie(
    "arguments_cut",
    "Arguments end in their middle.",
    _each_call(lambda call: _CutCall(call.name, call.arguments)),
    "tools.arguments.json",
    "tools.arguments.exact",
    dialects=_TEXT_ARGUMENTS,
)


@value
class _QuotedCall(Call):
    """Arguments that were written as JSON twice."""

    @property
    def arguments_json(self) -> str:
        return json.dumps(json.dumps(self.arguments, ensure_ascii=False), ensure_ascii=False)


ARGUMENTS_QUOTED = lie(
    "arguments_quoted",
    "Arguments are a text that holds the object, written as JSON twice.",
    _each_call(lambda call: _QuotedCall(call.name, call.arguments)),
    "tools.arguments.json",
    "tools.arguments.exact",
    dialects=_TEXT_ARGUMENTS,
)


@value
class _OneIdWriting(Writing):
    """All calls of an answer have the same id."""

    def id(self, prefix: str, purpose: str = "", *, size: int = 24) -> str:  # noqa: ARG002  # that is the lie
        return super(_OneIdWriting, self).id(prefix, "", size=size)  # noqa: UP008  # a class with slots is made anew


IDS_DOUBLED = lie(
    "ids_doubled",
    "All calls of one answer have the same id.",
    Twist(writes=lambda writing: in_the_words_of(_OneIdWriting, writing)),
    "tools.ids",
    dialects=everywhere_but("cohere_v2"),
)
