"""An assistant message while it is written: which field each part goes to, and what has none."""

from typing import Any, Final, assert_never

from offramp.types import (
    Compaction,
    DataSource,
    JsonObject,
    Media,
    Origin,
    Part,
    Reasoning,
    RedactedReasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
    replays,
    within_scope,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.openai_chat.calls import AT_CALLS, encode_call
from offramp_providers.dialects.openai_chat.encoding import Encoding
from offramp_providers.dialects.openai_chat.marks import with_marks
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.openai_chat.parts import REFUSAL_BLOCK, encode_block, encode_unknown

REASONING_FIELDS: Final = ("reasoning_content", "reasoning")
"""Where hosts put reasoning, the more common one first. The official vendor has neither."""

AT_AUDIO: Final = "at=audio"
"""Marks a recording that the answer spoke."""


class Draft:
    """An assistant message while it is written."""

    __slots__ = ("author", "body", "cited", "content", "encoding", "rank")

    def __init__(self, encoding: Encoding, author: Origin | None) -> None:
        self.encoding = encoding
        self.author = author
        self.body: JsonObject = {}
        self.content: list[Any] = []
        self.cited: list[Text] = []
        """Texts whose citations may be written."""
        self.rank = 0
        """How far the dialect's fixed order has got: reasoning, content, refusal and audio, calls."""

    def place(self, part: Part, rank: int) -> None:
        """Name a part that stands before one that the dialect puts first."""
        if rank < self.rank:
            self.encoding.log.lose("part_order", part)
        else:
            self.rank = rank

    def add(self, part: Part) -> None:
        """Write one part, or name its loss."""
        match part:
            case Text():
                self._add_text(part)
            case Reasoning():
                self._add_reasoning(part)
            case Refusal():
                self._add_refusal(part)
            case ToolCall():
                self._add_call(part)
            case Media():
                self._add_media(part)
            case Unknown():
                self._add_unknown(part)
            case ToolResult():
                self.encoding.log.lose("vendor_tool" if part.executor == "vendor" else "part.misplaced", part)
            case RedactedReasoning() | Compaction():
                encode_block(self.encoding, part, self.author)
            case _:
                assert_never(part)

    def _add_text(self, part: Text) -> None:
        encoding, origin = self.encoding, part.origin or self.author
        if not part.text and encoding.answering and not encoding.native:
            # The content of an answer is one string, and an empty one is none.
            encoding.log.lose("text.empty", part)
            return
        self.place(part, 1)
        if part.citations:
            if all(each.dialect == NAME for each in part.citations) and encoding.mine(origin):
                self.cited.append(part)
            else:
                encoding.log.lose("citations", part, "citations")
        block = {"type": "text", "text": part.text}
        self.content.append(with_marks(encoding, part, self.author, block))

    def annotate(self) -> None:
        """Write the citations beside the one text that they can belong to; among several, none can be told apart."""
        if len(self.content) == 1:
            self.body["annotations"] = [each.raw for part in self.cited for each in part.citations]
            return
        for part in self.cited:
            self.encoding.log.lose("citations", part, "citations")

    def _add_reasoning(self, part: Reasoning) -> None:
        encoding, field = self.encoding, self._reasoning_field(part)
        welcome = encoding.answering or encoding.mine(part.origin or self.author)
        if not part.text or not field or not welcome:
            encoding.log.lose("reasoning.foreign", part)
            return
        self.place(part, 0)
        encoding.log.lose_wire(part, part.wire)
        if part.summary is not None:
            encoding.log.lose("reasoning.foreign", part, "summary")
        self._join(part, field, part.text)

    def _reasoning_field(self, part: Reasoning) -> str:
        given: str | None = self.encoding.given("reasoning_field")
        if given is not None:
            return given
        form = part.wire.form if part.wire is not None and part.wire.dialect == NAME else ()
        return next((mark[10:] for mark in form if mark.startswith("reasoning=")), REASONING_FIELDS[0])

    def _add_refusal(self, part: Refusal) -> None:
        if replays(part.wire, part.origin or self.author, self.encoding.target.origin) and REFUSAL_BLOCK in (
            part.wire.form if part.wire else ()
        ):
            self.place(part, 1)
            self.content += encode_block(self.encoding, part, self.author)
            return
        self.encoding.log.lose_wire(part, part.wire)
        if not part.text:
            self.encoding.log.lose("text.empty", part)
            return
        if part.category is not None:
            self.encoding.log.lose("refusal.category", part, "category")
        self.place(part, 2)
        self._join(part, "refusal", part.text)

    def _join(self, part: Part, field: str, text: str) -> None:
        """Write a text into a field of the message, behind what stands there."""
        if part.cache is not None:
            self.encoding.log.lose("cache", part, "cache")
        self.encoding.lose_opaque(part)
        if field in self.body:
            self.encoding.log.lose("text.joined", part)
            self.body[field] += text
        else:
            self.body[field] = text

    def _add_call(self, part: ToolCall) -> None:
        if encode_call(self.encoding, part, self.author, self.body):
            self.place(part, 3)

    def _add_media(self, part: Media) -> None:
        encoding, origin = self.encoding, part.origin or self.author
        residue, form = encoding.own(part, part.wire, origin)
        sound = next((each for each in part.opaque if each.kind == "item_id"), None)
        if AT_AUDIO not in form or sound is None or not within_scope(sound, origin, encoding.target.origin):
            encoding.log.lose("media.unsupported", part)
            return
        self.place(part, 2)
        audio: JsonObject = {"id": sound.data}
        if encoding.answering and isinstance(part.source, DataSource):
            audio = under(residue, audio | {"data": part.source.base64})
        self.body["audio"] = audio

    def _add_unknown(self, part: Unknown) -> None:
        raws = encode_unknown(self.encoding, part, self.author)
        called = part.wire is not None and AT_CALLS in part.wire.form
        if raws:
            self.place(part, 3 if called else 1)
        if called and raws:
            self.body.setdefault("tool_calls", []).extend(raws)
        else:
            self.content += raws
