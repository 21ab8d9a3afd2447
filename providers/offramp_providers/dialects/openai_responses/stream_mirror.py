"""What a stream has said so far, on the wire.

An event that closes something repeats all of it, and each event repeats where it belongs. Reader and writer hold the
same mirror, fed with the same events, so that a batch needs to carry only what the mirror could not foretell.
"""

from typing import Any, Final

from offramp.types import JsonMapping, JsonObject
from offramp_providers.dialects.shapes import is_list, is_object

STARTS: Final = frozenset({"response.created", "response.queued", "response.in_progress"})
ENDS: Final = frozenset({"response.completed", "response.incomplete"})
UNNAMED: Final = "event.unnamed"
"""Marks an event without a name beside its data."""
ITEM_ADDED: Final = "response.output_item.added"
UNPLACED: Final = frozenset({*STARTS, *ENDS, ITEM_ADDED, "error", "response.failed"})
"""Events that do not go on where the one before stood."""
ITEM_DONE: Final = "response.output_item.done"
PART_ADDED: Final = frozenset({"response.content_part.added", "response.reasoning_part.added"})
PART_DONE: Final = frozenset({"response.content_part.done", "response.reasoning_part.done"})
SUMMARY_ADDED: Final = "response.reasoning_summary_part.added"
SUMMARY_DONE: Final = "response.reasoning_summary_part.done"
ANNOTATION: Final = "response.output_text.annotation.added"

CONTENT_TEXTS: Final = {
    # What the events' names begin with, and the key that holds the text when it is whole.
    "response.output_text": "text",
    "response.refusal": "refusal",
    "response.reasoning_text": "text",
}
SUMMARY_TEXT: Final = "response.reasoning_summary_text"
ARGUMENTS: Final = {"response.function_call_arguments": "arguments", "response.custom_tool_call_input": "input"}


class Piece:
    """One element of an item's content or summary."""

    __slots__ = ("added", "done", "notes", "texts")

    def __init__(self, added: JsonObject) -> None:
        self.added = added
        """As it was announced."""
        self.done: JsonObject | None = None
        """As it was repeated at its end."""
        self.texts: list[str] = []
        self.notes: list[Any] = []

    @property
    def text(self) -> str:
        """All of it so far."""
        return "".join(self.texts)

    def whole(self) -> JsonObject:
        """The element as it stands."""
        if self.done is not None:
            return self.done
        key = "refusal" if self.added.get("type") == "refusal" else "text"
        whole = {**self.added, key: self.text}
        if self.notes and is_list(whole.get("annotations")):
            whole["annotations"] = [*whole["annotations"], *self.notes]
        return whole


class Item:
    """One output item while it arrives."""

    __slots__ = ("added", "arguments", "content", "done", "summary")

    def __init__(self, added: JsonObject) -> None:
        self.added = added
        self.done: JsonObject | None = None
        self.content: dict[int, Piece] = {}
        self.summary: dict[int, Piece] = {}
        self.arguments: list[str] = []

    def piece(self, place: int, *, summary: bool = False) -> Piece:
        """The element at this place; one opens where the wire had opened none."""
        pieces = self.summary if summary else self.content
        found = pieces.get(place)
        if found is None:
            kind = "summary_text" if summary else "reasoning_text"
            found = pieces[place] = Piece({"type": kind, "text": ""})
        return found

    def whole(self) -> JsonObject:
        """The item as it stands."""
        if self.done is not None:
            return self.done
        whole = dict(self.added)
        if whole.get("status") == "in_progress":
            whole["status"] = "completed"
        if self.content:
            whole["content"] = [piece.whole() for _, piece in sorted(self.content.items())]
        if self.summary:
            whole["summary"] = [piece.whole() for _, piece in sorted(self.summary.items())]
        if self.arguments:
            whole["input" if whole.get("type") == "custom_tool_call" else "arguments"] = "".join(self.arguments)
        return whole


_PLACES: Final = (("output_index", "at"), ("content_index", "content"), ("summary_index", "summary"))


def _place(found: Any, otherwise: int) -> int:
    return found if type(found) is int else otherwise


class Mirror:
    """A stream so far."""

    __slots__ = ("at", "content", "envelope", "items", "sequence", "summary")

    def __init__(self) -> None:
        self.sequence = -1
        """Number of the last event."""
        self.envelope: JsonObject = {}
        """The answer as it was last announced."""
        self.items: dict[int, Item] = {}
        self.at = -1
        """Where the last event belonged: the item, and within it the element of the content or the summary."""
        self.content = 0
        self.summary = 0

    @property
    def item(self) -> Item:
        """The item at hand; one opens where the wire had opened none."""
        found = self.items.get(self.at)
        if found is None:
            found = self.items[self.at] = Item({})
        return found

    @property
    def next_output(self) -> int:
        """Where the next item will stand."""
        return max(self.items, default=-1) + 1

    def outputs(self) -> list[Any]:
        """All items as they stand."""
        return [item.whole() for _, item in sorted(self.items.items())]

    def go(self, data: JsonMapping) -> JsonObject:
        """Go where an event belongs; returns what of the way leads elsewhere than to where the last one stood."""
        moved: JsonObject = {}
        for key, attribute in _PLACES:
            place: Any = data.get(key)
            if type(place) is int and place != getattr(self, attribute):
                moved[key] = place
                if attribute == "at":
                    self.content = self.summary = 0
                setattr(self, attribute, place)
        return moved

    def observe(self, kind: str, data: JsonObject) -> None:
        """Take in an event of the wire, whole."""
        number = data.get("sequence_number")
        self.sequence = number if type(number) is int else self.sequence + 1
        if kind in STARTS:
            response: Any = data.get("response")
            if is_object(response):
                self.envelope = response
            return
        if kind == ITEM_ADDED:
            self._open(data)
            return
        self.go(data)
        root, _, ending = kind.rpartition(".")
        if ending == "delta":
            self._extend(root, data.get("delta"))
        elif ending == "added":
            self._add(kind, data)
        elif ending == "done":
            self._close(kind, root, data)

    def _open(self, data: JsonObject) -> None:
        self.at = _place(data.get("output_index"), self.next_output)
        self.content = self.summary = 0
        item: Any = data.get("item")
        self.items[self.at] = Item(item if is_object(item) else {})

    def _extend(self, root: str, piece: Any) -> None:
        if type(piece) is not str:
            return
        if root in CONTENT_TEXTS:
            self.item.piece(self.content).texts.append(piece)
        elif root == SUMMARY_TEXT:
            self.item.piece(self.summary, summary=True).texts.append(piece)
        elif root in ARGUMENTS:
            self.item.arguments.append(piece)

    def _add(self, kind: str, data: JsonObject) -> None:
        part: Any = data.get("part")
        if kind in PART_ADDED and is_object(part):
            self.item.content[self.content] = Piece(part)
        elif kind == SUMMARY_ADDED and is_object(part):
            self.item.summary[self.summary] = Piece(part)
        elif kind == ANNOTATION and "annotation" in data:
            self.item.piece(self.content).notes.append(data["annotation"])

    def _close(self, kind: str, root: str, data: JsonObject) -> None:
        whole: Any = data.get("item" if kind == ITEM_DONE else "part")
        if kind == ITEM_DONE:
            if is_object(whole):
                self.item.done = whole
        elif kind in PART_DONE and is_object(whole):
            self.item.piece(self.content).done = whole
        elif kind == SUMMARY_DONE and is_object(whole):
            self.item.piece(self.summary, summary=True).done = whole
        elif root in CONTENT_TEXTS and type(data.get(CONTENT_TEXTS[root])) is str:
            self.item.piece(self.content).texts = [data[CONTENT_TEXTS[root]]]
        elif root == SUMMARY_TEXT and type(data.get("text")) is str:
            self.item.piece(self.summary, summary=True).texts = [data["text"]]
        elif root in ARGUMENTS and type(data.get(ARGUMENTS[root])) is str:
            self.item.arguments = [data[ARGUMENTS[root]]]
