"""Why an answer ended."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from offramp.types import JsonMapping, Outcome, OutcomeKind, Part
from offramp_providers.dialects.part_kinds import is_call, says_something
from offramp_providers.dialects.shapes import is_object

_Kind = OutcomeKind

_KINDS: Final[Mapping[str, OutcomeKind]] = {
    "end_turn": _Kind.COMPLETED,
    "tool_use": _Kind.TOOL_CALLS,
    "max_tokens": _Kind.MAX_OUTPUT,
    "stop_sequence": _Kind.STOP_SEQUENCE,
    "guardrail_intervened": _Kind.CONTENT_FILTER,
    "content_filtered": _Kind.CONTENT_FILTER,
    "malformed_model_output": _Kind.ERROR,
    "malformed_tool_use": _Kind.ERROR,
    "model_context_window_exceeded": _Kind.CONTEXT_EXCEEDED,
}
"""The vendor's words (botocore bedrock-runtime of 2026-08-07, read 2026-11-26)."""

_WORDS: Final[Mapping[OutcomeKind, str]] = {
    _Kind.COMPLETED: "end_turn",
    _Kind.EMPTY: "end_turn",
    _Kind.TOOL_CALLS: "tool_use",
    _Kind.MAX_OUTPUT: "max_tokens",
    _Kind.STOP_SEQUENCE: "stop_sequence",
    _Kind.CONTENT_FILTER: "content_filtered",
    _Kind.REFUSAL: "content_filtered",
    _Kind.CONTEXT_EXCEEDED: "model_context_window_exceeded",
}
"""The nearest word for each of ours. The others are said in our own, which no reader takes for one of the vendor's."""


def decode_outcome(raw: str | None, *, stop_sequence: str | None, empty: bool, called: bool) -> Outcome:
    """Keep the vendor's word beside ours; a word that we do not know is UNKNOWN, never `completed`."""
    kind = _KINDS.get(raw or "", _Kind.UNKNOWN)
    if kind is _Kind.COMPLETED and (empty or called):
        kind = _Kind.EMPTY if empty else _Kind.TOOL_CALLS
    return Outcome(kind, raw=raw, stop_sequence=stop_sequence)


def stop_sequence_in(body: JsonMapping) -> str | None:
    """The stop sequence that matched, where the caller has asked for the field in which some models say it."""
    found: Any = body.get("additionalModelResponseFields")
    for holder in (found, found.get("delta") if is_object(found) else None):
        told: Any = holder.get("stop_sequence") if is_object(holder) else None
        if type(told) is str:
            return told
    return None


def outcome_of(body: JsonMapping, raw: str | None, parts: Iterable[Part]) -> Outcome:
    """The outcome of a whole message."""
    parts = tuple(parts)
    return decode_outcome(
        raw,
        stop_sequence=stop_sequence_in(body),
        empty=not any(map(says_something, parts)),
        called=any(map(is_call, parts)),
    )


def word_of(outcome: Outcome, *, own: bool) -> str | None:
    """The word that is sent. None: the vendor itself had none."""
    if own:
        return outcome.raw
    return _WORDS.get(outcome.kind, outcome.kind.value)


def untold(outcome: Outcome, word: str | None, *, empty: bool, called: bool, residue: JsonMapping) -> list[str]:
    """The fields of the outcome that a reader of the word, and of what stands beside it, does not come to."""
    read = decode_outcome(word, stop_sequence=stop_sequence_in(residue), empty=empty, called=called)
    return [name for name in ("kind", "stop_sequence", "category") if getattr(read, name) != getattr(outcome, name)]
