"""The known ways in which libraries distort these formats, each as a fact that every dialect is held to.

What a dialect cannot say may be lost, but is named; what it can say arrives as it was.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from offramp.errors import CapabilityError, ProviderError, ProviderErrorKind
from offramp.types import (
    DataSource,
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Loss,
    Media,
    Message,
    Opaque,
    Outcome,
    OutcomeKind,
    Part,
    Reasoning,
    Refusal,
    Response,
    SchemaOutput,
    Text,
    ToolCall,
    ToolResult,
    Usage,
    fold,
    user,
)
from offramp_conformance.accounting.crossing import DIALECTS, origin_in, sent, streamed
from offramp_conformance.accounting.leaves import is_under
from support.pieces import batches_of

EVERY: Final = pytest.mark.parametrize("name", DIALECTS)
LOOK: Final = FunctionTool("look", schema={"type": "object", "properties": {"n": {"type": "integer"}}})


def asked(*messages: Message, **more: Any) -> GenerateRequest:
    return GenerateRequest(messages, tools=(LOOK,), max_output_tokens=999, **more)


def is_named(losses: Sequence[Loss], path: str) -> bool:
    return any(is_under(path, loss.path) or is_under(loss.path, path) for loss in losses)


def parts_of(request: GenerateRequest, kind: type[Part]) -> list[Any]:
    return [part for message in request.messages for part in message.parts if isinstance(part, kind)]


SEALS: Final = {
    "anthropic_messages": "signature",
    "bedrock_converse": "signature",
    "openai_responses": "encrypted_reasoning",
}
"""How the vendors that sign reasoning itself seal it."""


@pytest.mark.parametrize("name", SEALS)
def test_interleaved_signed_thinking_keeps_its_order_and_its_seals(name: str) -> None:
    def thought(text: str) -> Reasoning:
        said: Any = {"summary": (text,)} if name == "openai_responses" else {"text": text}
        return Reasoning(opaque=(Opaque(SEALS[name], f"c2Vh{text}"),), **said)

    turn = (thought("a"), ToolCall("c1", "look", "{}"), thought("b"), ToolCall("c2", "look", "{}"))
    results = Message("tool", (ToolResult("c1", (Text("1"),)), ToolResult("c2", (Text("2"),))))
    origin = origin_in(name)

    _, read, losses = sent(asked(user("go"), Message("assistant", turn, origin=origin), results), name)

    before = [(part.type, [each.data for each in part.opaque]) for part in turn]
    after = [(part.type, [each.data for each in part.opaque]) for part in read.messages[1].parts]
    assert after == before
    assert [loss.code for loss in losses if loss.path.startswith("messages[1]")] == []


IDS: Final = ("f.look:0", "f_look_0", "f-look-0", "f:look.0")


@EVERY
def test_ids_that_differ_only_in_punctuation_stay_distinct(name: str) -> None:
    calls = Message("assistant", tuple(ToolCall(each, "look", "{}") for each in IDS))
    results = Message("tool", tuple(ToolResult(each, (Text(each),)) for each in IDS))

    _, read, _ = sent(asked(user("go"), calls, results), name)

    ids = [part.call_id for part in parts_of(read, ToolCall)]
    assert len(set(ids)) == len(IDS)
    assert [(part.call_id, part.parts) for part in parts_of(read, ToolResult)] == [
        (after, (Text(before),)) for after, before in zip(ids, IDS, strict=True)
    ]


@EVERY
def test_results_of_one_function_out_of_order_keep_their_calls(name: str) -> None:
    calls = Message("assistant", tuple(ToolCall(f"c{n}", "look", f'{{"n":{n}}}') for n in (1, 2, 3)))
    results = Message("tool", tuple(ToolResult(f"c{n}", (Text(f"result {n}"),)) for n in (3, 1, 2)))

    _, read, _ = sent(asked(user("go"), calls, results), name)

    numbers = {part.call_id: json.loads(part.arguments_json)["n"] for part in parts_of(read, ToolCall)}
    for result in parts_of(read, ToolResult):
        assert result.parts == (Text(f"result {numbers[result.call_id]}"),)


@EVERY
def test_nothing_is_invented_in_a_plain_conversation(name: str) -> None:
    request = asked(
        Message("system", (Text("Be brief."),)),
        user("go"),
        Message("assistant", (ToolCall("c1", "look", "{}"),)),
        Message("tool", (ToolResult("c1", (Text("1"),)),)),
        Message("assistant", (Text("One."),)),
        user("thanks"),
    )

    _, read, losses = sent(request, name)

    assert [message.role for message in read.messages] == [message.role for message in request.messages]
    assert [part.text for part in parts_of(read, Text)] == ["Be brief.", "go", "One.", "thanks"]
    assert [tool.name for tool in read.tools if isinstance(tool, FunctionTool)] == ["look"]
    assert {loss.code for loss in losses} & {"text.injected", "tools.injected", "tool_result.injected"} == set()


_CALLED: Final = (user("go"), Message("assistant", (ToolCall("c", "look", "{}"),)))
ELEMENTS: Final[dict[str, tuple[GenerateRequest, str]]] = {
    "audio": (
        asked(user(Media(DataSource("UklGRg=="), kind="audio", media_type="audio/wav"), "hear")),
        "messages[0].parts[0]",
    ),
    "is_error": (
        asked(*_CALLED, Message("tool", (ToolResult("c", (Text("no"),), status="error"),))),
        "messages[2].parts[0].status",
    ),
    "name": (asked(Message("user", (Text("hi"),), name="ann")), "messages[0].name"),
    "fifth stop sequence": (asked(user("go"), stop=("a", "b", "c", "d", "e")), "stop"),
    "json_object": (asked(user("go"), output=JsonOutput()), "output"),
    "parallel=false": (asked(user("go"), parallel_tool_calls=False), "parallel_tool_calls"),
}


def held(request: GenerateRequest, path: str) -> Any:
    """What stands at the path; None where the request has no such place."""
    found: Any = request
    for step in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(found, tuple):
            found = found[int(step)] if int(step) < len(found) else None
        else:
            found = getattr(found, step, None)
    return found


@EVERY
@pytest.mark.parametrize("element", ELEMENTS)
def test_what_libraries_drop_arrives_or_is_named(element: str, name: str) -> None:
    request, path = ELEMENTS[element]

    _, read, losses = sent(request, name)

    assert held(read, path) == held(request, path) or is_named(losses, path)


SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "const": {"const": "x"},
    "oneOf": {"oneOf": [{"type": "string"}, {"type": "null"}]},
    "integer enum": {"type": "integer", "enum": [1, 2]},
}


def property_of(schema: Any) -> Any:
    """The schema of the one property."""
    return ((schema or {}).get("properties") or {}).get("a")


@EVERY
@pytest.mark.parametrize("kind", SCHEMAS)
def test_const_one_of_and_integer_enums_survive_or_are_named(kind: str, name: str) -> None:
    schema = {"type": "object", "properties": {"a": SCHEMAS[kind]}, "required": ["a"], "additionalProperties": False}
    request = replace(asked(user("go")), tools=(FunctionTool("f", schema=schema),))

    _, read, losses = sent(request, name)
    _, shaped, named = sent(asked(user("go"), output=SchemaOutput(schema, name="a")), name)

    (tool,) = read.tools
    assert isinstance(tool, FunctionTool)
    assert property_of(tool.schema) == SCHEMAS[kind] or is_named(losses, "tools[0].schema.properties.a")
    told = property_of(getattr(shaped.output, "schema", None))
    assert told == SCHEMAS[kind] or is_named(named, "output.schema.properties.a")


ANSWER: Final = Response[Any](
    Message("assistant", (Text("Two units."),)), Outcome(OutcomeKind.COMPLETED), usage=Usage(input_tokens=1)
)
STOP_WORDS: Final[Mapping[str, tuple[Any, ...]]] = {
    "anthropic_messages": ("stop_reason",),
    "bedrock_converse": ("stopReason",),
    "cohere_v2": ("finish_reason",),
    "gemini": ("candidates", 0, "finishReason"),
    "mistral": ("choices", 0, "finish_reason"),
    "ollama_native": ("done_reason",),
    "openai_chat": ("choices", 0, "finish_reason"),
    "openai_responses": ("status",),
}


@EVERY
def test_an_unknown_stop_reason_stays_unknown(name: str) -> None:
    body = json.loads(json.dumps(DIALECTS[name].encode_response(ANSWER).body))
    *way, last = STOP_WORDS[name]
    place: Any = body
    for step in way:
        place = place[step]
    assert place[last]
    place[last] = "a_word_of_tomorrow"

    outcome = DIALECTS[name].decode_response(body, {}, origin_in(name)).outcome

    assert (outcome.kind, outcome.raw) == (OutcomeKind.UNKNOWN, "a_word_of_tomorrow")


@EVERY
def test_a_truncated_stream_is_no_completed_answer(name: str) -> None:
    events, _, _ = streamed(batches_of(replace(ANSWER, origin=origin_in(name))), name)
    told = [str(each.data) for each in events]
    ends = next(n for n in reversed(range(len(told))) if "units." in told[n])
    for count in range(len(events)):
        decoder = DIALECTS[name].stream_decoder({}, origin_in(name))

        read = fold([*(decoder.decode(event) for event in events[:count]), decoder.finish()])

        if count <= ends:
            assert read.outcome.kind not in (OutcomeKind.COMPLETED, OutcomeKind.EMPTY), count


@EVERY
def test_a_refusal_is_a_refusal_in_both_shapes(name: str) -> None:
    refused = replace(
        ANSWER,
        message=Message("assistant", (Refusal("I will not."),)),
        outcome=Outcome(OutcomeKind.REFUSAL),
        origin=origin_in(next(other for other in DIALECTS if other != name)),
    )

    encoded = DIALECTS[name].encode_response(refused)
    whole = DIALECTS[name].decode_response(encoded.body, {}, origin_in(name))
    _, flowed, losses = streamed(batches_of(refused), name)

    for outcome, named in ((whole.outcome, encoded.losses), (flowed.outcome, losses)):
        kept = outcome.kind in (OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER)
        assert kept or is_named(named, "outcome")


TOLD_APART: Final = (
    ProviderErrorKind.RATE_LIMITED,
    ProviderErrorKind.OVERLOADED,
    ProviderErrorKind.SERVER,
    ProviderErrorKind.AUTHENTICATION,
    ProviderErrorKind.PERMISSION,
    ProviderErrorKind.QUOTA_EXHAUSTED,
    ProviderErrorKind.CONTEXT_EXCEEDED,
    ProviderErrorKind.REGION,
)
_TEXT_ONLY: Final = frozenset({ProviderErrorKind.CONTEXT_EXCEEDED, ProviderErrorKind.REGION})
NO_CODE: Final[Mapping[str, frozenset[ProviderErrorKind]]] = {
    "anthropic_messages": _TEXT_ONLY,
    "bedrock_converse": _TEXT_ONLY,
    "gemini": _TEXT_ONLY | {ProviderErrorKind.QUOTA_EXHAUSTED},
    "mistral": _TEXT_ONLY,
    "ollama_native": _TEXT_ONLY | {ProviderErrorKind.QUOTA_EXHAUSTED},
}
"""Reviewed: what a vendor has no code for, so that its message alone could tell."""


def scrubbed(node: Any) -> Any:
    """The body with all that a person would read taken out."""
    if isinstance(node, dict):
        return {key: "" if key in ("message", "detail") else scrubbed(each) for key, each in node.items()}
    return [scrubbed(each) for each in node] if isinstance(node, list) else node


@EVERY
def test_errors_are_told_apart_by_code_and_not_by_message(name: str) -> None:
    confused: dict[ProviderErrorKind, ProviderErrorKind] = {}
    for kind in TOLD_APART:
        encoded = DIALECTS[name].encode_error(ProviderError("x", kind=kind))
        read = DIALECTS[name].decode_error(encoded.status, encoded.headers, scrubbed(encoded.body))
        if read.kind is not kind:
            confused[kind] = read.kind

    assert confused.keys() == NO_CODE.get(name, frozenset())
    # What has no code of its own is taken for its nearest relative, and never for a fault of the vendor's.
    assert set(confused.values()) <= {
        ProviderErrorKind.INVALID_REQUEST,
        ProviderErrorKind.PERMISSION,
        ProviderErrorKind.RATE_LIMITED,
    }


@EVERY
def test_retry_after_survives(name: str) -> None:
    error = ProviderError("x", kind=ProviderErrorKind.RATE_LIMITED, retry_after_s=7.0)

    encoded = DIALECTS[name].encode_error(error)

    assert DIALECTS[name].decode_error(encoded.status, encoded.headers, encoded.body).retry_after_s == 7.0


@EVERY
def test_an_overloaded_anthropic_host_is_known_by_its_status(name: str) -> None:
    try:
        error = DIALECTS[name].decode_error(529, {}, {})
    except CapabilityError:
        pytest.fail("a status is no capability")

    assert error.kind is ProviderErrorKind.OVERLOADED
