"""Why an answer ended: `done_reason`."""

from collections.abc import Mapping
from typing import Final

from offramp.types import JsonMapping, JsonObject, Outcome, OutcomeKind

_Kind = OutcomeKind

_KINDS: Final[Mapping[str, OutcomeKind]] = {
    "stop": _Kind.COMPLETED,
    "length": _Kind.MAX_OUTPUT,
    # A model was put into memory, or out of it: nothing was asked.
    "load": _Kind.EMPTY,
    "unload": _Kind.EMPTY,
}

_WORDS: Final[Mapping[OutcomeKind, str]] = {
    _Kind.COMPLETED: "stop",
    _Kind.TOOL_CALLS: "stop",
    _Kind.EMPTY: "stop",
    _Kind.STOP_SEQUENCE: "stop",
    _Kind.MAX_OUTPUT: "length",
    _Kind.CONTEXT_EXCEEDED: "length",
}
"""The nearest word for each of ours; the others have none that would be true."""


def decode_outcome(raw: str | None, *, empty: bool, called: bool) -> Outcome:
    """Keep the vendor's word beside ours; a word that we do not know is UNKNOWN, never `completed`.

    Args:
        raw: the vendor's word; None where it gave none.
        empty: the answer holds nothing.
        called: the answer holds calls, beside which the server says `stop`.
    """
    kind = _KINDS.get(raw or "", _Kind.UNKNOWN)
    if kind is _Kind.COMPLETED and (called or empty):
        kind = _Kind.TOOL_CALLS if called else _Kind.EMPTY
    return Outcome(kind, raw=raw)


def take_word(left: JsonObject) -> str | None:
    """Take the vendor's word; None where there is none."""
    return left.pop("done_reason") if type(left.get("done_reason")) is str and left["done_reason"] else None


def word_of(outcome: Outcome, *, own: bool) -> str | None:
    """The vendor's word; None where it has none that would be true."""
    return outcome.raw if own else _WORDS.get(outcome.kind)


def untold(outcome: Outcome, word: str | None, message: JsonMapping) -> list[str]:
    """The fields of the outcome that a reader of the word, and of the message as written, does not come to."""
    said = any(message.get(key) for key in ("content", "thinking", "images", "videos", "tool_calls"))
    read = decode_outcome(word, empty=not said, called=bool(message.get("tool_calls")))
    given = [name for name in ("stop_sequence", "category") if getattr(outcome, name) is not None]
    return given if read.kind == outcome.kind else ["kind", *given]
