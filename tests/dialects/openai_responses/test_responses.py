"""Why an answer ended, what it cost, and how an answer of another dialect is said here."""

from typing import Any

import pytest

from offramp.types import (
    Alternative,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    Reasoning,
    Refusal,
    Response,
    Text,
    ToolCall,
    Usage,
    assistant,
)
from offramp_providers.dialects.openai_responses import DIALECT

TEXT = {"type": "message", "id": "m", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}
REFUSAL = {"type": "message", "id": "m", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
PATCH = {"type": "apply_patch_call", "id": "p", "call_id": "c", "operation": {}}
SEARCH = {"type": "tool_search_call", "id": "s", "call_id": "c", "arguments": {}}
LIMIT = {"reason": "max_output_tokens"}


@pytest.mark.parametrize(
    ("output", "status", "details", "kind", "raw"),
    [
        ([TEXT], "completed", None, OutcomeKind.COMPLETED, "completed"),
        ([TEXT, CALL], "completed", None, OutcomeKind.TOOL_CALLS, "completed"),
        ([PATCH], "completed", None, OutcomeKind.TOOL_CALLS, "completed"),
        ([{**SEARCH, "execution": "client"}], "completed", None, OutcomeKind.TOOL_CALLS, "completed"),
        ([{**SEARCH, "execution": "server"}], "completed", None, OutcomeKind.COMPLETED, "completed"),
        ([REFUSAL], "completed", None, OutcomeKind.REFUSAL, "completed"),
        ([], "completed", None, OutcomeKind.EMPTY, "completed"),
        ([TEXT], "incomplete", LIMIT, OutcomeKind.MAX_OUTPUT, "max_output_tokens"),
        ([TEXT], "incomplete", {"reason": "content_filter"}, OutcomeKind.CONTENT_FILTER, "content_filter"),
        ([REFUSAL], "incomplete", {"reason": "content_filter"}, OutcomeKind.CONTENT_FILTER, "content_filter"),
        ([TEXT], "incomplete", {"reason": "novel"}, OutcomeKind.UNKNOWN, "novel"),
        ([TEXT], "incomplete", None, OutcomeKind.UNKNOWN, "incomplete"),
        ([], "failed", None, OutcomeKind.ERROR, "failed"),
        ([], "cancelled", None, OutcomeKind.CANCELLED, "cancelled"),
        ([], "in_progress", None, OutcomeKind.PAUSED, "in_progress"),
        ([TEXT], "novel", None, OutcomeKind.UNKNOWN, "novel"),
        ([TEXT], None, None, OutcomeKind.UNKNOWN, None),
    ],
)
def test_the_outcome_follows_from_status_reason_and_items(
    issuer: Origin, output: list[Any], status: str | None, details: Any, kind: OutcomeKind, raw: str | None
) -> None:
    body = {"id": "r", "model": "m", "status": status, "incomplete_details": details, "output": output}

    answer = DIALECT.decode_response(body, {}, issuer)

    assert (answer.outcome.kind, answer.outcome.raw) == (kind, raw)
    assert DIALECT.encode_response(answer).body == body


def test_an_error_without_a_status_is_an_error(issuer: Origin) -> None:
    answer = DIALECT.decode_response({"error": {"code": "server_error"}}, {}, issuer)

    assert answer.outcome == Outcome(OutcomeKind.ERROR)


def test_counts_are_copied_and_unknown_ones_stay_unknown(issuer: Origin) -> None:
    counted = {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 3}

    known = DIALECT.decode_response({"usage": counted}, {}, issuer).usage
    unknown = DIALECT.decode_response({}, {}, issuer).usage

    assert known == Usage(input_tokens=9, output_tokens=3, cache_read_tokens=4, raw=counted)
    assert unknown == Usage()


def _elsewhere(message: Message, kind: OutcomeKind, **more: Any) -> Response[Any]:
    origin = Origin(developer="a", host="a", dialect="acme", model="m", response_id="r")
    return Response(message, Outcome(kind), origin=origin, **more)


def test_an_answer_of_another_dialect_is_a_list_of_items() -> None:
    message = assistant(Reasoning("Think."), Text("Hi"), Refusal("No.", category="x"), ToolCall("c", "f", "{}"))

    encoded = DIALECT.encode_response(_elsewhere(message, OutcomeKind.REFUSAL))

    reasoning, said, call = encoded.body["output"]
    assert reasoning["content"] == [{"type": "reasoning_text", "text": "Think."}]
    assert [block["type"] for block in said["content"]] == ["output_text", "refusal"]
    assert (call["type"], call["arguments"], encoded.body["status"]) == ("function_call", "{}", "completed")
    codes = [(loss.code, loss.path) for loss in encoded.losses if loss.code != "envelope.injected"]
    assert codes == [("refusal.category", "message.parts[2].category")]


@pytest.mark.parametrize(
    ("kind", "status", "reason", "lost"),
    [
        (OutcomeKind.COMPLETED, "completed", None, False),
        (OutcomeKind.MAX_OUTPUT, "incomplete", "max_output_tokens", False),
        (OutcomeKind.CONTENT_FILTER, "incomplete", "content_filter", False),
        (OutcomeKind.CANCELLED, "cancelled", None, False),
        (OutcomeKind.STOP_SEQUENCE, "completed", None, True),
        (OutcomeKind.CONTEXT_EXCEEDED, "incomplete", "max_output_tokens", True),
        (OutcomeKind.REFUSAL, "incomplete", "content_filter", True),
        (OutcomeKind.PAUSED, "incomplete", None, True),
        (OutcomeKind.UNKNOWN, "incomplete", None, False),
    ],
)
def test_an_outcome_without_a_word_here_is_never_said_to_be_complete(
    kind: OutcomeKind, status: str, reason: str | None, *, lost: bool
) -> None:
    encoded = DIALECT.encode_response(_elsewhere(assistant("Hi"), kind))

    details = encoded.body["incomplete_details"]
    assert (encoded.body["status"], details and details["reason"]) == (status, reason)
    assert ("outcome.rewritten" in [loss.code for loss in encoded.losses]) == lost


def test_only_one_answer_can_be_said() -> None:
    other = Alternative(assistant("Ho"), Outcome(OutcomeKind.COMPLETED))

    encoded = DIALECT.encode_response(_elsewhere(assistant("Hi"), OutcomeKind.COMPLETED, alternatives=(other,)))

    assert "alternatives" in [loss.code for loss in encoded.losses]
