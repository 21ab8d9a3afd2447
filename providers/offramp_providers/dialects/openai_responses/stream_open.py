"""One output item of a stream that was begun elsewhere, while it is written."""

from typing import Any, Final

from offramp.types import JsonObject, Part, Reasoning, Refusal, ToolCall

_CALL_TEXTS: Final = "response.function_call_arguments"
_SUMMARY_TEXTS: Final = "response.reasoning_summary_text"


class OpenItem:
    """An item, what of it was written, and what is still to be told again."""

    __slots__ = ("_added", "_ended", "_pieces", "_refusals", "_summary", "_texts", "closed", "kind", "place")

    def __init__(self, added: JsonObject, place: int) -> None:
        self._added = added
        self.kind: str = added["type"]
        self.place = place
        """Among the items of the answer."""
        self._pieces: list[list[str]] = []
        """Of the content of a message; the arguments of a call and the text of reasoning are the first."""
        self._refusals: set[int] = set()
        self._summary: list[list[str]] = []
        self._ended: set[int] = set()
        self._texts = False
        self.closed = False

    @classmethod
    def of(cls, part: Part, place: int) -> "OpenItem":
        """The item in which the part is to stand."""
        match part:
            case ToolCall():
                call = {"call_id": part.call_id, "name": part.name, "arguments": ""}
                return cls({"type": "function_call", "id": f"fc_{place}", "status": "in_progress", **call}, place)
            case Reasoning():
                return cls({"type": "reasoning", "id": f"rs_{place}", "summary": [], "status": "in_progress"}, place)
            case _:
                head: JsonObject = {"status": "in_progress", "role": "assistant", "content": []}
                return cls({"type": "message", "id": f"msg_{place}", **head}, place)

    def has_ended(self, place: int) -> bool:
        """Whether nothing can be added to the part."""
        return self.closed or place in self._ended

    def announced(self) -> JsonObject:
        """The event that begins it."""
        return {"type": "response.output_item.added", "output_index": self.place, "item": self._added}

    def open(self, part: Part, out: list[JsonObject]) -> int:
        """Begin a part of it; returns its place in the content."""
        self._pieces.append([])
        place = len(self._pieces) - 1
        if self.kind == "message":
            if isinstance(part, Refusal):
                self._refusals.add(place)
            out.append(self._told("response.content_part.added", content_index=place, part=self._block(place)))
        return place

    def extend(self, place: int, text: str, out: list[JsonObject], *, summary: int | None = None) -> None:
        """More of a part."""
        if self.closed or place in self._ended:
            return
        if summary is not None:
            while len(self._summary) <= summary:
                part = {"type": "summary_text", "text": ""}
                kind = "response.reasoning_summary_part.added"
                out.append(self._told(kind, summary_index=len(self._summary), part=part))
                self._summary.append([])
            self._summary[summary].append(text)
            out.append(self._told(f"{_SUMMARY_TEXTS}.delta", summary_index=summary, delta=text))
            return
        self._pieces[place].append(text)
        self._texts = True
        out.append(self._told(f"{self._root(place)}.delta", **self._where(place), delta=text))

    def end(self, place: int, out: list[JsonObject]) -> None:
        """A part is complete."""
        if place in self._ended:
            return
        self._ended.add(place)
        for number, pieces in enumerate(self._summary):
            part = {"type": "summary_text", "text": "".join(pieces)}
            out.append(self._told(f"{_SUMMARY_TEXTS}.done", summary_index=number, text=part["text"]))
            out.append(self._told("response.reasoning_summary_part.done", summary_index=number, part=part))
        if self.kind != "reasoning" or self._texts:
            key = {"function_call": "arguments"}.get(self.kind, "refusal" if place in self._refusals else "text")
            text = {key: "".join(self._pieces[place])}
            if key == "arguments":
                # The published schema asks for it, though no recording has it.
                text["name"] = self._added["name"]
            out.append(self._told(f"{self._root(place)}.done", **self._where(place), **text))
        if self.kind == "message":
            out.append(self._told("response.content_part.done", content_index=place, part=self._block(place)))
        else:
            self.close(out)

    def close(self, out: list[JsonObject]) -> None:
        """The item is complete."""
        if self.closed:
            return
        self.closed = True
        for place in range(len(self._pieces)):
            self.end(place, out)
        out.append({"type": "response.output_item.done", "output_index": self.place, "item": self.whole()})

    def whole(self) -> JsonObject:
        """The item as it stands."""
        whole = {**self._added, "status": "completed"}
        if self.kind == "message":
            whole["content"] = [self._block(place) for place in range(len(self._pieces))]
        elif self.kind == "function_call":
            whole["arguments"] = "".join(self._pieces[0]) if self._pieces else ""
        else:
            whole["summary"] = [{"type": "summary_text", "text": "".join(pieces)} for pieces in self._summary]
            if self._texts:
                whole["content"] = [{"type": "reasoning_text", "text": "".join(self._pieces[0])}]
        return whole

    def _block(self, place: int) -> JsonObject:
        text = "".join(self._pieces[place])
        if place in self._refusals:
            return {"type": "refusal", "refusal": text}
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    def _root(self, place: int) -> str:
        if self.kind == "function_call":
            return _CALL_TEXTS
        if self.kind == "reasoning":
            return "response.reasoning_text"
        return "response.refusal" if place in self._refusals else "response.output_text"

    def _where(self, place: int) -> JsonObject:
        if self.kind == "function_call":
            return {}
        is_text = self.kind == "message" and place not in self._refusals
        return {"content_index": place, "logprobs": []} if is_text else {"content_index": place}

    def _told(self, kind: str, **said: Any) -> JsonObject:
        return {"type": kind, "item_id": self._added["id"], "output_index": self.place, **said}
