"""What the vendor really answered, read beside LiteLLM: the few facts by which its reading is checked.

It reads JSON, lines of JSON and server-sent events of whatever vendor, and only what is said in so many words: why the
answer ended, which model has served, its id, whether tokens were counted, and whether it was an error.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from offramp.errors import ProviderError
from offramp.types import JsonObject
from offramp_providers.dialects.shapes import is_list, is_object
from offramp_providers.sse import SseDecoder
from offramp_providers.wire_json import decode_json

_STOPS: Final = frozenset({"finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason"})
_MODELS: Final = ("model", "modelVersion", "model_version")
_IDS: Final = ("id", "responseId", "generation_id")
_COUNTS: Final = frozenset({"usage", "usageMetadata", "usage_metadata", "tokens", "billed_units", "eval_count"})
_ENVELOPES: Final = ("message", "response")
"""Under these, streams put what a whole answer has at its top."""
_LISTS: Final = ("choices", "candidates")
_CONTENT: Final = frozenset({"content", "text", "arguments", "input", "tool_calls", "parts", "logprobs"})
"""What the model said: nothing in it is about the answer."""


class Witness:
    """Reads one answer, once, as it passes."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.stops: dict[int, str] = {}
        """Why each candidate ended, in the vendor's own word."""
        self.model: str | None = None
        self.response_id: str | None = None
        self.counted = False
        """Whether the vendor has counted tokens."""
        self.error: JsonObject | None = None
        """What it answered in place of more, under a status of success."""
        self.whole: JsonObject | None = None
        """The answer, where it is one JSON object."""
        self.readable = False
        """Whether anything of it could be read. If not, nothing follows from what is missing above."""
        self.over = False
        """Whether the answer has come to its end."""
        self._pieces: list[bytes] = []
        self._events: SseDecoder | None = None
        self._rest = b""

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The head has come."""
        self.status, self.headers = status, headers
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        self._events = SseDecoder() if kind == "text/event-stream" else None

    def feed(self, chunk: bytes) -> None:
        """More of the body has come. What cannot be read is passed over: LiteLLM may know how."""
        if self._events is not None:
            try:
                for frame in self._events.feed(chunk):
                    self._read(frame.data)
            except ProviderError:
                self._events = None
            return
        self._pieces.append(chunk)
        self._read_lines(chunk)

    def finish(self) -> None:
        """The body has ended."""
        self.over = True
        if self._events is None:
            self._read(self.body)
            self._read(self._rest)

    @property
    def body(self) -> bytes:
        """All of an answer that is no stream of events."""
        return b"".join(self._pieces)

    def _read_lines(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._read(line)

    def _read(self, raw: bytes) -> None:
        if raw.strip()[:1] != b"{":
            return
        try:
            found = decode_json(raw)
        except ProviderError:
            return
        if is_object(found):
            self.readable = True
            self.whole = found
            self._note(found)

    def _note(self, found: JsonObject) -> None:
        if isinstance(found.get("error"), (dict, str)) and found["error"]:
            self.error = found
        for place in (found, *(found[key] for key in _ENVELOPES if is_object(found.get(key)))):
            self.model = self.model or _first(place, _MODELS)
            self.response_id = self.response_id or _first(place, _IDS)
        for candidate, word in _stops(found, 0):
            self.stops[candidate] = word
        self.counted = self.counted or _has_counts(found)


def _first(place: Any, keys: tuple[str, ...]) -> str | None:
    return next((place[key] for key in keys if isinstance(place.get(key), str) and place[key]), None)


def _stops(node: Any, candidate: int) -> Iterator[tuple[int, str]]:
    """Each word that says why a candidate ended."""
    if not is_object(node):
        return
    for key, child in node.items():
        if key in _STOPS and isinstance(child, str):
            yield candidate, child
        elif key in _CONTENT:
            continue
        elif is_list(child):
            for place, each in enumerate(child):
                yield from _stops(each, _index(each, place) if key in _LISTS else candidate)
        else:
            yield from _stops(child, candidate)


def _index(choice: Any, place: int) -> int:
    index: Any = choice.get("index") if is_object(choice) else None
    return index if type(index) is int else place


def _has_counts(node: Any) -> bool:
    if not is_object(node):
        return False
    own = any(key in _COUNTS and (is_object(child) or type(child) is int) for key, child in node.items())
    return own or any(_has_counts(child) for key, child in node.items() if key not in _CONTENT)
