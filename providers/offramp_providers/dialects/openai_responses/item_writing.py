"""The parts of an assistant's turn as items for the wire."""

from collections.abc import Sequence
from typing import Any, Final, assert_never

from offramp.types import (
    Compaction,
    JsonMapping,
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
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.encoding import NOTHING, marked
from offramp_providers.dialects.openai_responses.call_writing import dressed, encode_call
from offramp_providers.dialects.openai_responses.encoding import Encoding
from offramp_providers.dialects.openai_responses.items import (
    CONTENT,
    EMPTY_CONTENT,
    ITEM,
    NO_SUMMARY,
    PIECES,
    STATUS,
    STRING,
    UNTYPED,
)
from offramp_providers.dialects.openai_responses.parts import encode_block, encode_unknown, is_plain, put_citations
from offramp_providers.dialects.shapes import is_list, is_object

_NO_NOTES: Final[JsonMapping] = {"annotations": [], "logprobs": []}
"""Of a text: its server lists them, be there none."""


class ItemWriting:
    """The items of one turn while they are written."""

    __slots__ = ("author", "content", "encoding", "items")

    def __init__(self, encoding: Encoding, author: Origin | None) -> None:
        self.encoding = encoding
        self.author = author
        self.items: list[Any] = []
        self.content: list[Any] | None = None
        """Of the message item that is open."""

    def add(self, part: Part) -> None:
        """Write one part, or name its loss."""
        if type(part) is Text and is_plain(part) and not self.encoding.answering:
            self.content = None
            self.items.append({"role": "assistant", "content": part.text})
            return
        origin = part.origin or self.author
        match part:
            case Text() | Refusal() | Media() | Unknown():
                self._add_content(part, origin)
                return
            case ToolCall():
                item = encode_call(self.encoding, part, origin)
            case Reasoning():
                item = encode_reasoning(self.encoding, part, origin)
            case Compaction():
                item = encode_compaction(self.encoding, part, origin)
            case RedactedReasoning():
                self.encoding.log.lose("reasoning.foreign", part)
                return
            case ToolResult():
                self.encoding.log.lose("vendor_tool" if part.executor == "vendor" else "part.misplaced", part)
                return
            case _:
                assert_never(part)
        if item is not None:
            self.content = None
            self.items.append(self._numbered(part, item))

    def _numbered(self, part: Part, item: JsonObject) -> JsonObject:
        """The item under an id, which a server gives to every one that has none of its own."""
        if not self.encoding.answering or self.encoding.native:
            return item
        self.encoding.log.lose("envelope.injected", part, "opaque")
        head = "fc" if item["type"] == "function_call" else "rs"
        return {"id": f"{head}_{len(self.items)}", "status": "completed", **item}

    def _add_content(self, part: Text | Refusal | Media | Unknown, origin: Origin | None) -> None:
        encoding = self.encoding
        residue, form = encoding.own(part, part.wire, origin) if part.wire is not None else (NOTHING, ())
        if CONTENT in form and self.content is not None:
            self.content += encode_block(encoding, part, origin, (residue, form), "output_text")
            self._lose_state(part, origin)
        elif ITEM in form:
            self._open(part, origin, residue, form)
        elif isinstance(part, Unknown):
            raws = encode_unknown(encoding, part, origin)
            self.content = None if raws else self.content
            self.items += raws
        elif encoding.answering:
            self._answer(part, origin, (residue, form))
        else:
            self._say(part, origin)

    def _lose_state(self, part: Part, origin: Origin | None) -> None:
        if part.opaque:
            self.encoding.state(part, origin)

    def _open(self, part: Part, origin: Origin | None, residue: JsonMapping, form: tuple[str, ...]) -> None:
        """A message item as it was written before."""
        left = dict(residue)
        head: Any = left.pop(ITEM, {})
        content = encode_block(self.encoding, part, origin, (left, form), "output_text")
        state = self.encoding.state(part, origin, "item_id") if part.opaque else {}
        if not content:
            return
        item: JsonObject = {"role": "assistant"} if UNTYPED in form else {"type": "message", "role": "assistant"}
        if "item_id" in state:
            item["id"] = state["item_id"]
        if STATUS in form:
            item["status"] = "completed"
        self.content = content
        only: Any = content[0]
        plain = STRING in form and is_object(only) and only.keys() == {"type", "text"}
        item["content"] = only["text"] if plain else content
        self.items.append(under(head, item) if is_object(head) else item)
        if plain:
            self.content = None

    def _say(self, part: Text | Refusal | Media, origin: Origin | None) -> None:
        """A message of its own: the vendor's schema lets the application say an assistant's text as a string only."""
        self._lose_state(part, origin)
        if isinstance(part, Media):
            self.encoding.log.lose("media.unsupported", part)
            return
        if part.cache is not None:
            self.encoding.log.lose("cache", part, "cache")
        if isinstance(part, Text):
            put_citations(self.encoding, part, origin, {}, marked_so=False)
        else:
            self.encoding.log.lose("refusal.rewritten", part)
            if part.category is not None:
                self.encoding.log.lose("refusal.category", part, "category")
        self.content = None
        self.items.append({"role": "assistant", "content": part.text})

    def _answer(
        self, part: Text | Refusal | Media, origin: Origin | None, own: tuple[JsonMapping, tuple[str, ...]]
    ) -> None:
        """An element of the answer's message item, which a server numbers itself."""
        self._lose_state(part, origin)
        if isinstance(part, Media):
            self.encoding.log.lose("media.unsupported", part)
            return
        block: JsonObject = encode_block(self.encoding, part, origin, own, "output_text")[0]
        if block["type"] == "output_text":
            block = {**_NO_NOTES, **block}
        if self.content is None:
            self.content = []
            self.encoding.log.lose("envelope.injected", part, "opaque")
            head = {"type": "message", "id": f"msg_{len(self.items)}", "status": "completed", "role": "assistant"}
            self.items.append({**head, "content": self.content})
        self.content.append(block)


def encode_items(encoding: Encoding, parts: Sequence[Part], author: Origin | None) -> list[Any]:
    """All parts of a turn as items."""
    writing = ItemWriting(encoding, author)
    for part in parts:
        writing.add(part)
    return writing.items


def encode_reasoning(encoding: Encoding, part: Reasoning, origin: Origin | None) -> JsonObject | None:
    """The item of reasoning, which only its issuer takes back, and only with its own state."""
    if not encoding.answering and not encoding.mine(origin):
        encoding.log.lose("reasoning.foreign", part)
        return None
    state = encoding.state(part, origin, "item_id", "encrypted_reasoning")
    plain = encoding.option("plain_reasoning") or (encoding.native and not part.opaque)
    if not (state or plain or encoding.answering):
        encoding.log.lose("reasoning.unsigned", part)
        return None
    if part.cache is not None:
        encoding.log.lose("cache", part, "cache")
    residue, form = encoding.own(part, part.wire, origin)
    left = dict(residue)
    item: JsonObject = {"type": "reasoning"}
    if "encrypted_reasoning" in state:
        item["encrypted_content"] = state["encrypted_reasoning"]
    if part.summary is not None or NO_SUMMARY not in form:
        item["summary"] = _pieces(left, "summary", "summary_text", part.summary or ())
    if part.text is not None or EMPTY_CONTENT in form:
        texts = _split(part.text, marked(form, PIECES))
        item["content"] = _pieces(left, "content", "reasoning_text", texts)
    return under(left, dressed(item, state, form))


def _split(text: str | None, lengths: str | None) -> Sequence[str]:
    """The text in the pieces that it came in, if it still has their length."""
    if text is None:
        return ()
    sizes = [int(size) for size in lengths.split(",")] if lengths and lengths[0].isdigit() else []
    if not sizes or sum(sizes) != len(text):
        return (text,)
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    return [text[start : start + size] for start, size in zip(starts, sizes, strict=True)]


def _pieces(left: JsonObject, key: str, kind: str, texts: Sequence[str]) -> list[Any]:
    """The texts as elements of a list, with the residue of each."""
    rests: Any = left.pop(key) if is_list(left.get(key)) else None
    pieces: list[Any] = [{"type": kind, "text": text} for text in texts]
    if rests is not None and len(rests) == len(pieces):
        return [under(rest, piece) for rest, piece in zip(rests, pieces, strict=True)]
    return pieces


def encode_compaction(encoding: Encoding, part: Compaction, origin: Origin | None) -> JsonObject | None:
    """The item of a compaction, which only its issuer can read."""
    own = encoding.mine(origin) or (encoding.answering and encoding.native)
    state = encoding.state(part, origin, "item_id", "compaction") if own else {}
    if "compaction" not in state:
        encoding.log.lose("compaction", part)
        return None
    if part.text is not None:
        encoding.log.lose("compaction", part, "text")
    if part.cache is not None:
        encoding.log.lose("cache", part, "cache")
    residue, form = encoding.own(part, part.wire, origin)
    item: JsonObject = {"type": "compaction", "encrypted_content": state["compaction"]}
    return under(residue, dressed(item, state, form))
