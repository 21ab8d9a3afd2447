"""Why an answer ended: `finishReason`, or what was held against the prompt."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from offramp.types import JsonObject, Outcome, OutcomeKind, Part
from offramp_providers.dialects.part_kinds import is_call, says_something
from offramp_providers.dialects.shapes import is_object

_Kind = OutcomeKind

_KINDS: Final[Mapping[str, OutcomeKind]] = {
    "STOP": _Kind.COMPLETED,
    "MAX_TOKENS": _Kind.MAX_OUTPUT,
    **dict.fromkeys(
        (
            *("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"),
            *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"),
        ),
        _Kind.CONTENT_FILTER,
    ),
    **dict.fromkeys(
        (
            *("LANGUAGE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"),
            *("MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE"),
        ),
        _Kind.ERROR,
    ),
    "NO_IMAGE": _Kind.EMPTY,
    "CONTINUATION": _Kind.PAUSED,
    # The wire's numbers of the first three, which a client may ask for.
    "1": _Kind.COMPLETED,
    "2": _Kind.MAX_OUTPUT,
    "3": _Kind.CONTENT_FILTER,
}
"""The vendor's words (google-genai 3.4.0, read 2026-11-23). OTHER says nothing, and stays unknown."""

_WORDS: Final[Mapping[OutcomeKind, str]] = {
    _Kind.COMPLETED: "STOP",
    _Kind.TOOL_CALLS: "STOP",
    _Kind.EMPTY: "STOP",
    _Kind.STOP_SEQUENCE: "STOP",
    _Kind.MAX_OUTPUT: "MAX_TOKENS",
    _Kind.CONTEXT_EXCEEDED: "MAX_TOKENS",
    _Kind.CONTENT_FILTER: "SAFETY",
    _Kind.REFUSAL: "SAFETY",
    _Kind.PAUSED: "CONTINUATION",
}
"""The nearest word for each of ours; the others have none that would be true."""

NUMBER: Final = "finishReason=number"
"""Marks a word that was written as the number of it."""


def decode_outcome(raw: str | None, *, empty: bool, called: bool) -> Outcome:
    """Keep the vendor's word beside ours; a word that we do not know is UNKNOWN, never `completed`.

    Args:
        raw: the vendor's word; None where it gave none.
        empty: the answer holds nothing.
        called: the answer holds calls, beside which the vendor says `STOP`.
    """
    kind = _KINDS.get(raw or "", _Kind.UNKNOWN)
    if kind is _Kind.COMPLETED and (empty or called):
        kind = _Kind.EMPTY if empty else _Kind.TOOL_CALLS
    names_category = kind is _Kind.CONTENT_FILTER and raw not in ("SAFETY", "3")
    return Outcome(kind, raw=raw, category=raw if names_category else None)


def outcome_of(raw: str | None, parts: Iterable[Part]) -> Outcome:
    """The outcome of a whole message."""
    parts = tuple(parts)
    return decode_outcome(raw, empty=not any(map(says_something, parts)), called=any(map(is_call, parts)))


def blocked(feedback: Any) -> Outcome | None:
    """The outcome of a prompt that the vendor did not answer; None where it held nothing against it."""
    reason: Any = feedback.get("blockReason", feedback.get("block_reason")) if is_object(feedback) else None
    if type(reason) is not str:
        return None
    return Outcome(_Kind.CONTENT_FILTER, raw=reason, category=reason)


def take_word(left: JsonObject) -> tuple[str | None, bool]:
    """Take the vendor's word, and whether it was written as a number."""
    found: Any = left.get("finishReason")
    if type(found) is str:
        del left["finishReason"]
        return found, False
    if type(found) is int and str(found) in _KINDS:
        del left["finishReason"]
        return str(found), True
    return None, False


def word_of(outcome: Outcome, *, own: bool) -> str | None:
    """The vendor's word; None where it has none that would be true."""
    return outcome.raw if own and outcome.raw is not None else _WORDS.get(outcome.kind)


def untold(outcome: Outcome, word: str | None, parts: Iterable[Part]) -> list[str]:
    """The fields of the outcome that a reader of the word, and of the parts beside it, does not come to."""
    read = outcome_of(word, parts)
    fields = [name for name in ("kind", "category") if getattr(read, name) != getattr(outcome, name)]
    return fields if outcome.stop_sequence is None else [*fields, "stop_sequence"]
