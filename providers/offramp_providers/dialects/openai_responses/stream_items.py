"""The items of a stream while they are read: which part each is, and what an event adds to it."""

from collections.abc import Iterable
from typing import Any, Final

from offramp.types import (
    ArgumentsDelta,
    CitationDelta,
    Event,
    JsonObject,
    Origin,
    Part,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    Refusal,
    RefusalDelta,
    Text,
    TextDelta,
    ToolCall,
)
from offramp_providers.dialects.openai_responses.items import decode_item
from offramp_providers.dialects.openai_responses.parts import decode_citation
from offramp_providers.dialects.openai_responses.stream_endings import finish_call, remainder
from offramp_providers.dialects.openai_responses.stream_mirror import (
    ANNOTATION,
    ARGUMENTS,
    CONTENT_TEXTS,
    ITEM_ADDED,
    ITEM_DONE,
    PART_ADDED,
    PART_DONE,
    SUMMARY_ADDED,
    SUMMARY_DONE,
    SUMMARY_TEXT,
    Mirror,
    Piece,
)
from offramp_providers.dialects.shapes import is_list, is_object

_CALLS: Final = {"function_call": "arguments", "custom_tool_call": "input"}
_REASONING: Final = (SUMMARY_TEXT, "response.reasoning_text")
_FAR: Final = 1000
"""An index beyond this is not believed."""


class ItemReading:
    """What the items have said so far. The mirror stands where the event belongs, and has not taken it in yet."""

    __slots__ = ("_calls", "_closed", "_mirror", "_pieces", "count", "issuer", "parts")

    def __init__(self, mirror: Mirror, issuer: Origin) -> None:
        self._mirror = mirror
        self._calls: dict[int, int] = {}
        """Index of the part that an item is by itself: a call, or reasoning."""
        self._pieces: dict[tuple[int, int], int] = {}
        """Index of the part that an element of a message's content is."""
        self._closed: set[int] = set()
        self.issuer = issuer
        self.count = 0
        """Parts so far."""
        self.parts: list[Part] = []
        """As each began."""

    def text_at_hand(self) -> int | None:
        """Index of the part of the content that the mirror is at."""
        return self._pieces.get((self._mirror.at, self._mirror.content))

    def call_at_hand(self) -> int | None:
        """Index of the part that the item is by itself which the mirror is at."""
        return self._calls.get(self._mirror.at)

    def events(self, kind: str, data: JsonObject) -> list[Event] | None:
        """What an event of an item means; None where we have no name for it, or it has another shape."""
        item: Any = data.get("item")
        if kind == ITEM_ADDED:
            return self._added(item, data.get("output_index")) if is_object(item) else None
        mirror = self._mirror
        if kind == ITEM_DONE:
            return self._done(item) if is_object(item) else None
        if not (0 <= mirror.at < _FAR and 0 <= mirror.content < _FAR and 0 <= mirror.summary < _FAR):
            return None
        root, _, ending = kind.rpartition(".")
        if ending == "delta":
            return self._delta(root, data.get("delta"))
        if kind in PART_ADDED or kind in PART_DONE or kind == ANNOTATION:
            return self._content(kind, data)
        if kind in (SUMMARY_ADDED, SUMMARY_DONE):
            return self._summary(kind, data)
        return self._text_done(root, data) if ending == "done" else None

    def whole(self, parts: Iterable[Part], *, synthetic: bool = False) -> list[Event]:
        """Parts that arrive in one piece."""
        events: list[Event] = []
        for part in parts:
            index = self._open(part, events, synthetic=synthetic)
            self._close(index, events, synthetic=synthetic)
        return events

    def _open(self, part: Part, events: list[Event], *, synthetic: bool = False) -> int:
        index = self.count
        self.count += 1
        self.parts.append(part)
        events.append(PartStart(index, part, synthetic=synthetic))
        return index

    def _close(self, index: int, events: list[Event], *, synthetic: bool = False) -> None:
        if index not in self._closed:
            self._closed.add(index)
            events.append(PartEnd(index, synthetic=synthetic))

    def _added(self, item: JsonObject, output_index: Any) -> list[Event]:
        """A call or reasoning opens; a message does with its content, and all else comes whole in the end."""
        first = dict(item)
        if type(first.get("status")) is str:
            # How it will end; it is told again then.
            first["status"] = "completed"
        kind: Any = item.get("type")
        if type(kind) is str and kind in _CALLS:
            first[_CALLS[kind]] = ""
        elif kind == "reasoning":
            # What is sealed here may be incomplete; it is told again in the end (openai-python 3.3.1, read 2026-11-23).
            first.pop("encrypted_content", None)
            for key in ("summary", "content"):
                if is_list(first.get(key)):
                    first[key] = []
        else:
            return []
        events: list[Event] = []
        part = decode_item(first, self.issuer)[0]
        if isinstance(part, (ToolCall, Reasoning)):
            at = output_index if type(output_index) is int else self._mirror.next_output
            self._calls[at] = self._open(part, events)
        return events

    def _delta(self, root: str, text: Any) -> list[Event] | None:
        if type(text) is not str:
            return None
        events: list[Event] = []
        call = self._calls.get(self._mirror.at)
        if root in ARGUMENTS or root in _REASONING:
            if call is None:
                return None
            events += self._of_call(root, call, text)
        elif root in CONTENT_TEXTS:
            refused = root == "response.refusal"
            index = self.text_at_hand()
            if index is None:
                index = self._open(Refusal("") if refused else Text(""), events, synthetic=True)
                self._pieces[self._mirror.at, self._mirror.content] = index
            events.append(RefusalDelta(index, text) if refused else TextDelta(index, text))
        else:
            return None
        return events

    def _of_call(self, root: str, call: int, text: str) -> list[Event]:
        if root in ARGUMENTS:
            return [ArgumentsDelta(call, text)]
        return [ReasoningDelta(call, text, summary=self._mirror.summary if root == SUMMARY_TEXT else None)]

    def _content(self, kind: str, data: JsonObject) -> list[Event] | None:
        """An element of a message's content opens or closes, or gets a citation."""
        mirror = self._mirror
        events: list[Event] = []
        if mirror.at in self._calls:
            # Of reasoning: the element is nothing but its text.
            return events if kind != ANNOTATION else None
        index = self.text_at_hand()
        if kind == ANNOTATION:
            note: Any = data.get("annotation")
            if index is None or not is_object(note):
                return None
            return [CitationDelta(index, decode_citation(note))]
        block: Any = data.get("part")
        if not is_object(block):
            return None
        if kind in PART_ADDED:
            part = self._first_form(block)
            self._pieces[mirror.at, mirror.content] = self._open(part, events)
        elif index is not None:
            self._catch_up(index, block, events)
            self._close(index, events)
        return events

    def _first_form(self, block: JsonObject) -> Part:
        """The part that an element of a message begins as, with what its item says of itself before its first."""
        mirror = self._mirror
        item = mirror.items.get(mirror.at)
        head = dict(item.added) if item is not None else {}
        if type(head.get("status")) is str:
            head["status"] = "completed"
        first: JsonObject = dict(block)
        if is_list(first.get("annotations")):
            first["annotations"] = []
        for key in ("text", "refusal"):
            if type(first.get(key)) is str:
                first[key] = ""
        # The first one that opens stands for its item; the others go on in it.
        continued = any(at == mirror.at for at, _ in self._pieces)
        content = [first, first] if continued else [first]
        return decode_item({"type": "message", "role": "assistant", **head, "content": content}, self.issuer)[-1]

    def _catch_up(self, index: int, block: JsonObject, events: list[Event]) -> None:
        """What is told in the end and was not told before."""
        piece = self._mirror.item.piece(self._mirror.content)
        part = self.parts[index]
        if isinstance(part, (Text, Refusal)):
            rest = remainder(piece.text, block.get("text" if isinstance(part, Text) else "refusal"))
            if rest:
                events.append(TextDelta(index, rest) if isinstance(part, Text) else RefusalDelta(index, rest))
        notes: Any = block.get("annotations")
        if isinstance(part, Text) and is_list(notes) and all(is_object(note) for note in notes):
            events += [CitationDelta(index, decode_citation(note)) for note in notes[len(piece.notes) :]]

    def _summary(self, kind: str, data: JsonObject) -> list[Event] | None:
        call = self._calls.get(self._mirror.at)
        part: Any = data.get("part")
        if call is None or not is_object(part):
            return None
        piece = self._mirror.item.piece(self._mirror.summary, summary=True) if kind == SUMMARY_DONE else Piece({})
        rest = remainder(piece.text, part.get("text")) or ""
        # An empty one opens a piece of the summary, be it that nothing follows.
        return [] if kind == SUMMARY_DONE and not rest else [ReasoningDelta(call, rest, summary=self._mirror.summary)]

    def _text_done(self, root: str, data: JsonObject) -> list[Event] | None:
        """A text, a refusal or arguments, told again in one piece."""
        mirror = self._mirror
        call = self._calls.get(mirror.at)
        if root in ARGUMENTS and call is not None:
            rest = remainder("".join(mirror.item.arguments), data.get(ARGUMENTS[root]))
            return [ArgumentsDelta(call, rest)] if rest else []
        if call is not None and root in _REASONING:
            summary = root == SUMMARY_TEXT
            rest = remainder(
                mirror.item.piece(mirror.summary if summary else mirror.content, summary=summary).text, data.get("text")
            )
            return self._of_call(root, call, rest) if rest else []
        index = self.text_at_hand()
        if root not in CONTENT_TEXTS or index is None:
            return None
        events: list[Event] = []
        self._catch_up(index, {CONTENT_TEXTS[root]: data.get(CONTENT_TEXTS[root])}, events)
        return events

    def _done(self, item: JsonObject) -> list[Event]:
        """An item, told again in one piece."""
        at = self._mirror.at
        call = self._calls.get(at)
        events: list[Event] = []
        if call is not None:
            events += finish_call(call, item, self._mirror.item, self.issuer)
            self._close(call, events)
            return events
        opened = sorted(place for output, place in self._pieces if output == at)
        if not opened:
            return self.whole(decode_item(item, self.issuer))
        parts = decode_item(item, self.issuer)
        events += self.whole(parts[len(opened) :], synthetic=True)
        for place in opened:
            self._close(self._pieces[at, place], events)
        return events
