"""The assistant's message, as it stands in a request's history and in an answer."""

from typing import Any, Final

from offramp.types import JsonObject, Media, Message, Origin, Part, Text, ToolCall, ToolResult, Unknown
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.message_content import put_content, take_content
from offramp_providers.dialects.mistral.calls import AT_CALLS, decode_calls, encode_call
from offramp_providers.dialects.mistral.encoding import Encoding, residue_wire
from offramp_providers.dialects.mistral.parts import chunk_reader, encode_chunks, encode_unknown, with_references
from offramp_providers.dialects.shapes import is_list

_ROLE_KEPT: Final = "role=kept"
_NOT_PREFIX: Final = "prefix=false"
"""Marks a message that says of itself what holds anyway: that the answer does not begin with it."""


def decode_assistant(raw: JsonObject, issuer: Origin, author: Origin) -> Message:
    """An assistant message.

    Args:
        raw: the message on the wire.
        issuer: whose files are meant.
        author: stamped on the message.
    """
    left = dict(raw)
    marks: list[str] = []
    if left.get("role") == "assistant":
        del left["role"]
    else:
        marks.append(_ROLE_KEPT)
    if left.get("prefix") is False:
        del left["prefix"]
        marks.append(_NOT_PREFIX)
    content, mark = take_content(left, chunk_reader(issuer))
    if mark:
        marks.append(mark)
    calls: Any = left.get("tool_calls")
    called: list[Part] = []
    if is_list(calls) and calls:
        del left["tool_calls"]
        called = decode_calls(calls)
    return Message(
        "assistant", (*with_references(content), *called), origin=author, wire=residue_wire(left, tuple(marks))
    )


def encode_assistant(encoding: Encoding, message: Message) -> JsonObject | None:
    """An assistant message; None where nothing of it can be said, which is then named."""
    draft = _Draft(encoding, message.origin)
    for part in message.parts:
        draft.add(part)
    encoding.called = tuple(part.call_id for part in message.parts if isinstance(part, ToolCall))
    residue, form = encoding.own(message, message.wire, message.origin)
    if message.parts and not (draft.content or draft.calls or encoding.answering):
        encoding.log.lose("message.empty", message)
        return None
    body: JsonObject = {}
    if _ROLE_KEPT not in form:
        body["role"] = "assistant"
    put_content(body, draft.content, form)
    if draft.calls:
        body["tool_calls"] = draft.calls
    if _NOT_PREFIX in form:
        body["prefix"] = False
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    return under(residue, body)


class _Draft:
    """An assistant message while it is written: content, and then calls."""

    __slots__ = ("author", "calls", "content", "encoding")

    def __init__(self, encoding: Encoding, author: Origin | None) -> None:
        self.encoding = encoding
        self.author = author
        self.content: list[Any] = []
        self.calls: list[Any] = []

    def add(self, part: Part) -> None:
        """Write one part, or name its loss."""
        encoding = self.encoding
        match part:
            case ToolCall():
                call = encode_call(encoding, part, self.author, len(self.calls))
                self.calls += [] if call is None else [call]
            case Unknown() if part.wire is not None and AT_CALLS in part.wire.form:
                self.calls += encode_unknown(encoding, part, self.author)
            case ToolResult(executor="vendor"):
                encoding.log.lose("vendor_tool", part)
            case Text(text="") if encoding.answering and not encoding.native and not part.citations:
                # The content of an answer is usually one string, and an empty one is none.
                encoding.log.lose("text.empty", part)
            case Media() if encoding.answering and not encoding.native:
                encoding.log.lose("media.unsupported", part)
            case _:
                self._add_content(part)

    def _add_content(self, part: Part) -> None:
        chunks = encode_chunks(self.encoding, part, self.author)
        if chunks and self.calls:
            self.encoding.log.lose("part_order", part)
        self.content += chunks
