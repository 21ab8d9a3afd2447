"""Lies of streams: pieces that are dropped, doubled or held back, and ends that are none."""

from collections.abc import Callable
from typing import Any, Final

from offramp.types import JsonObject, changed
from offramp_conformance.liars.json_leaves import texts_in, with_leaves
from offramp_conformance.liars.lies.lie import Lie, lie
from offramp_conformance.liars.streams import data_of, edited
from offramp_conformance.liars.twists import Twist
from offramp_providers.emulator.config import Dialect
from offramp_providers.emulator.wire import WireEvent

_BY_DELTAS: Final[tuple[Dialect, ...]] = (
    *("openai_chat", "anthropic_messages", "gemini", "ollama_native", "cohere_v2", "mistral", "bedrock_converse"),
)
"""Dialects in which a text is nowhere told again as a whole."""
_TERMINATED: Final[tuple[Dialect, ...]] = ("openai_chat", "mistral", "anthropic_messages")


def _pieces(events: list[WireEvent]) -> list[int]:
    """Where the pieces of a text are, judged by what they hold: some letter or digit of an answer."""
    return [at for at, each in enumerate(events) if each.kind == "content" and _is_piece(data_of(each))]


def _is_piece(data: JsonObject | None) -> bool:
    if data is None:
        return False
    if data.get("type") in ("content_block_start", "content_block_stop", "ping", "content-start", "content-end"):
        return False
    if data.get("type") == "message-start":
        return False
    inner = [data.get(key) for key in ("choices", "delta", "candidates", "message")]
    return any(text.strip() and (text[0] == " " or text[0].isdigit()) for each in inner for text in texts_in(each))


def _edited(change: Callable[[list[WireEvent], list[int]], list[WireEvent]]) -> Twist:
    """Changes a stream that has several pieces, given where they are."""

    def sends(events: list[WireEvent]) -> list[WireEvent]:
        places = _pieces(events)
        return change(events, places) if len(places) > 3 else events

    return Twist(sends=sends)


LAST_PIECE_DROPPED = lie(
    "last_piece_dropped",
    "The last piece of a stream is dropped.",
    _edited(lambda events, places: [each for at, each in enumerate(events) if at != places[-1]]),
    "streaming.whole",
    dialects=_BY_DELTAS,
)

PIECE_DROPPED = lie(
    "piece_dropped",
    "A piece in the middle of a stream is dropped.",
    _edited(lambda events, places: [each for at, each in enumerate(events) if at != places[len(places) // 2]]),
    "streaming.order",
    dialects=_BY_DELTAS,
)


def _doubled(events: list[WireEvent], places: list[int]) -> list[WireEvent]:
    middle = places[len(places) // 2]
    return [*events[: middle + 1], events[middle], *events[middle + 1 :]]


PIECE_DOUBLED = lie(
    "piece_doubled", "A piece of a stream comes twice.", _edited(_doubled), "streaming.order", dialects=_BY_DELTAS
)


def _swapped(events: list[WireEvent], places: list[int]) -> list[WireEvent]:
    one, other = places[len(places) // 2 - 1 : len(places) // 2 + 1]
    made = list(events)
    made[one], made[other] = events[other], events[one]
    return made


PIECES_SWAPPED = lie(
    "pieces_swapped", "Two pieces of a stream change places.", _edited(_swapped), "streaming.order", dialects=_BY_DELTAS
)


def _late(events: list[WireEvent], places: list[int]) -> list[WireEvent]:
    end = next(at for at, each in enumerate(events) if each.kind == "outcome")
    kept = [each for at, each in enumerate(events[: end + 1]) if at != places[-1]]
    return [*kept, events[places[-1]], *events[end + 1 :]]


LATE_PIECE = lie(
    "late_piece",
    "A piece comes after the stream has said why it ended.",
    _edited(_late),
    "streaming.end_is_last",
    dialects=("openai_chat", "gemini", "mistral", "bedrock_converse"),
)

NO_TERMINATOR = lie(
    "no_terminator",
    "The mark at the end of a stream is missing.",
    Twist(sends=lambda events: [each for each in events if each.kind != "terminator"]),
    "streaming.terminator",
    dialects=_TERMINATED,
)

NO_OUTCOME = lie(
    "no_outcome",
    "A stream ends without a word of why.",
    Twist(sends=lambda events: [each for each in events if each.kind not in ("outcome", "terminator")]),
    "streaming.outcome",
)

CUT_IN_THE_MIDDLE = lie(
    "cut_in_the_middle",
    "A stream ends properly in its middle.",
    Twist(sends=lambda events: events[: len(events) // 2]),
    "streaming.outcome",
)

DROPPED_IN_THE_MIDDLE = lie(
    "dropped_in_the_middle",
    "The connection is dropped in the middle of an answer.",
    Twist(breaks="cut"),
    "streaming.outcome",
    "text.answers",
)

FAILS_IN_THE_MIDDLE = lie(
    "fails_in_the_middle",
    "An error ends each stream in its middle.",
    Twist(breaks="error"),
    "streaming.finishes",
)

SILENT_IN_THE_MIDDLE = Lie(
    "silent_in_the_middle",
    "A stream falls silent in its middle.",
    lambda: Twist(breaks="hang"),
    ("streaming.alive",),
    timeout_s=1.5,
)


def _joined(events: list[WireEvent]) -> list[WireEvent]:
    """All pieces of one text in the place of the first."""
    places = _pieces(events)
    if len(places) < 2:
        return events
    texts = [_content(data_of(events[at]) or {}) for at in places]
    first = edited(events[places[0]], lambda data: _with_content(data, "".join(texts)))
    rest = [each for at, each in enumerate(events[places[0] + 1 : places[-1] + 1]) if at + places[0] + 1 not in places]
    return [*events[: places[0]], first, *rest, *events[places[-1] + 1 :]]


def _content(data: JsonObject) -> str:
    if "choices" in data:
        return str(data["choices"][0]["delta"].get("content") or "")
    return str(data["delta"].get("text") or "")


def _with_content(data: JsonObject, text: str) -> JsonObject:
    if "choices" in data:
        choice = data["choices"][0]
        return {**data, "choices": [{**choice, "delta": {**choice["delta"], "content": text}}]}
    return {**data, "delta": {**data["delta"], "text": text}}


IN_ONE_PIECE = lie(
    "in_one_piece",
    "A stream holds the whole answer in one piece.",
    Twist(sends=_joined),
    "streaming.incremental",
    dialects=("openai_chat", "anthropic_messages"),
)


def _decoded_alone(event: WireEvent) -> WireEvent:
    """As by a component that cuts each piece by bytes and decodes it by itself."""
    return edited(event, lambda data: with_leaves(data, _torn))


def _torn(held: Any) -> Any:
    """A text that ends outside ASCII, without the last byte of its last letter."""
    if not isinstance(held, str) or held[-1:].isascii():
        return held
    return held.encode()[:-1].decode("utf-8", "replace")


LETTERS_TORN = lie(
    "letters_torn",
    "Letters of several bytes are torn where a stream is cut into pieces.",
    Twist(sends=lambda events: [_decoded_alone(each) for each in events]),
    "streaming.unicode",
)


def _unreasoned(events: list[WireEvent]) -> list[WireEvent]:
    return [changed(each, payload=each.payload.replace(b'"stop"', b'"length"')) for each in events]


OUTCOME_OF_STREAMS_WRONG = lie(
    "outcome_of_streams_wrong",
    "The stop reason of a stream is another than that of the same answer in one piece.",
    Twist(sends=_unreasoned),
    "streaming.same_outcome",
    dialects=("openai_chat", "mistral", "ollama_native"),
)
