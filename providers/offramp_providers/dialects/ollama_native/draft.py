"""One message on the wire while it is put together. It has a place for each kind of part: an order of its own."""

from typing import Final, assert_never

from offramp.types import (
    Compaction,
    JsonObject,
    Media,
    Origin,
    Part,
    Reasoning,
    RedactedReasoning,
    Refusal,
    Text,
    TextSource,
    ToolCall,
    ToolResult,
    Unknown,
)
from offramp_providers.dialects.ollama_native.calls import encode_call
from offramp_providers.dialects.ollama_native.content import put_content
from offramp_providers.dialects.ollama_native.encoding import Encoding
from offramp_providers.dialects.ollama_native.media import encode_media

_REASONING, _MEDIA, _TEXT, _CALL = range(4)
"""The order in which a reader finds the parts."""

_CARRIES: Final[dict[str, frozenset[int]]] = {
    "system": frozenset({_TEXT}),
    "user": frozenset({_MEDIA, _TEXT}),
    "tool": frozenset({_MEDIA, _TEXT}),
    "assistant": frozenset({_REASONING, _TEXT, _CALL}),
}
"""What each role says. Media of the model's own are taken from answers, and from authors who know this dialect."""


class Draft:
    """Takes parts in; names what has no place, and what has another one."""

    __slots__ = ("_author", "_encoding", "_last", "_role", "calls", "media", "texts", "thoughts")

    def __init__(self, encoding: Encoding, role: str, author: Origin | None) -> None:
        self._encoding = encoding
        self._role = role
        self._author = author
        self._last = _REASONING
        self.thoughts: list[str] = []
        self.media: dict[str, list[str]] = {}
        self.texts: list[str] = []
        self.calls: list[JsonObject] = []

    def add(self, part: Part) -> None:  # noqa: C901  # an arm a part
        """Take one part in, or name it as lost."""
        match part:
            case Text():
                self._add_text(part, part.text)
            case Refusal():
                self._add_refusal(part)
            case Media(source=TextSource(text=text)):
                self._add_document(part, text)
            case Media():
                self._add_media(part)
            case Reasoning():
                self._add_reasoning(part)
            case ToolCall(executor="client"):
                self._add_call(part)
            case ToolCall() | ToolResult():
                self._lose("part.misplaced", part)
            case RedactedReasoning():
                self._lose("reasoning.foreign", part)
            case Compaction():
                self._lose("compaction", part)
            case Unknown():
                self._lose("unknown_part", part)
            case _:
                assert_never(part)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it is said."""
        return not (self.thoughts or self.media or self.texts or self.calls)

    def body(self, form: tuple[str, ...]) -> JsonObject:
        """The message, but for its role."""
        body: JsonObject = {}
        put_content(body, "".join(self.texts), self.media, form)
        if self.thoughts or "thinking=empty" in form:
            body["thinking"] = "".join(self.thoughts)
        if self.calls or "tool_calls=empty" in form:
            body["tool_calls"] = self.calls
        return body

    def _lose(self, code: str, part: Part) -> None:
        self._encoding.log.lose(code, part)

    def _finds_place(self, part: Part, place: int) -> bool:
        allowed = place in _CARRIES[self._role] or (
            place == _MEDIA and self._role == "assistant" and (self._encoding.native or self._encoding.answering)
        )
        if not allowed:
            self._lose("media.unsupported" if place == _MEDIA else "part.misplaced", part)
        return allowed

    def _settle(self, part: Part, place: int, *, joins: bool = False) -> None:
        """Note that the part is said: what it carries besides its content, and whether it comes to stand elsewhere."""
        log = self._encoding.log
        if part.cache is not None:
            log.lose("cache", part, "cache")
        self._encoding.lose_opaque(part)
        if place < self._last:
            log.lose("part_order", part)
        if joins:
            log.lose("text.joined", part)
        self._last = max(self._last, place)

    def _add_text(self, part: Text | Refusal | Media, text: str) -> None:
        if not text:
            self._lose("text.empty", part)
            return
        if isinstance(part, Text) and part.citations:
            self._encoding.log.lose("citations", part, "citations")
        self._encoding.log.lose_wire(part, part.wire)
        self._settle(part, _TEXT, joins=bool(self.texts))
        self.texts.append(text)

    def _add_refusal(self, part: Refusal) -> None:
        if part.text:
            self._lose("refusal.rewritten", part)
            if part.category is not None:
                self._encoding.log.lose("refusal.category", part, "category")
        self._add_text(part, part.text)

    def _add_document(self, part: Media, text: str) -> None:
        if text:
            self._lose("media.rewritten", part)
            if part.name is not None:
                self._encoding.log.lose("media.name", part, "name")
        self._add_text(part, text)

    def _add_media(self, part: Media) -> None:
        if not self._finds_place(part, _MEDIA):
            return
        sent = encode_media(self._encoding, part)
        if sent is None:
            return
        key, data = sent
        self._encoding.log.lose_wire(part, part.wire)
        self._settle(part, _MEDIA)
        self.media.setdefault(key, []).append(data)

    def _add_reasoning(self, part: Reasoning) -> None:
        encoding, author = self._encoding, part.origin or self._author
        if not self._finds_place(part, _REASONING):
            return
        if not (encoding.answering or encoding.mine(author) or (author is None and encoding.native)):
            self._lose("reasoning.unsigned" if author is None else "reasoning.foreign", part)
            return
        if not part.text:
            self._lose("text.empty", part)
            return
        if part.summary is not None:
            encoding.log.lose("reasoning.foreign", part, "summary")
        encoding.log.lose_wire(part, part.wire)
        self._settle(part, _REASONING, joins=bool(self.thoughts))
        self.thoughts.append(part.text)

    def _add_call(self, part: ToolCall) -> None:
        if not self._finds_place(part, _CALL):
            return
        self._settle(part, _CALL)
        self.calls.append(encode_call(self._encoding, part, part.origin or self._author, len(self.calls)))
