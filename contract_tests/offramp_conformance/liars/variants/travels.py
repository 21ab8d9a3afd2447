"""Other legal ways for bytes to travel: byte by byte, all at once, slowly, with signs of life in between."""

from collections.abc import Iterator
from typing import Final

from offramp.types import changed
from offramp_conformance.liars.streams import is_sse
from offramp_conformance.liars.twists import Twist
from offramp_conformance.liars.variants.variant import Variant
from offramp_providers.emulator.config import Dialect
from offramp_providers.emulator.wire import WireEvent

_SSE: Final[tuple[Dialect, ...]] = (
    *("anthropic_messages", "openai_chat", "openai_responses", "gemini", "cohere_v2", "mistral"),
)

_DRIPPED: Final = 2_000
"""Bytes that come one by one; a trial is not to last for ever."""


def _bytewise(events: list[WireEvent]) -> list[WireEvent]:
    raw = b"".join(each.payload for each in events)
    pieces = [raw[at : at + 1] for at in range(min(len(raw), _DRIPPED))]
    return [WireEvent(each, "content") for each in (*pieces, raw[_DRIPPED:]) if each]


DRIP = Variant("drip", "A stream comes one byte at a time, at least for a while.", Twist(sends=_bytewise))


def _at_once(events: list[WireEvent]) -> list[WireEvent]:
    return [WireEvent(b"".join(each.payload for each in events), "content")]


GULP = Variant("gulp", "A whole stream comes in one read; its events are still many.", Twist(sends=_at_once))

SLOW = Variant("slow", "Each answer takes a while to begin.", first_s=0.05)


def _with_crlf(events: list[WireEvent]) -> list[WireEvent]:
    return [changed(each, payload=each.payload.replace(b"\n", b"\r\n")) for each in events]


CRLF = Variant(
    "crlf", "Lines of a stream end with CR LF, as its standard lets them.", Twist(sends=_with_crlf), dialects=_SSE
)

CRLF_LINES = Variant(
    "crlf_lines", "Lines of JSON end with CR LF.", Twist(sends=_with_crlf), dialects=("ollama_native",)
)


def _alive(events: list[WireEvent]) -> list[WireEvent]:
    return [sent for each in events for sent in (WireEvent(b": still here\n\n", "content"), each)]


COMMENTS = Variant(
    "comments", "A comment comes before each event, as a sign of life.", Twist(sends=_alive), dialects=_SSE
)


def _with_ids(events: list[WireEvent]) -> list[WireEvent]:
    return [
        changed(each, payload=f"id: {at}\nretry: 3000\n".encode() + each.payload) if is_sse(each) else each
        for at, each in enumerate(events)
    ]


NUMBERED = Variant("numbered", "Events have ids and a time to retry.", Twist(sends=_with_ids), dialects=_SSE)


def _strange(events: list[WireEvent]) -> list[WireEvent]:
    return list(_with_strangers(events))


def _with_strangers(events: list[WireEvent]) -> Iterator[WireEvent]:
    for at, each in enumerate(events):
        yield each
        if at % 3 == 0 and each.kind == "content":
            yield WireEvent(b'event: weather_report\ndata: {"type":"weather_report","outlook":"fair"}\n\n', "content")


STRANGE_EVENTS = Variant(
    "strange_events",
    "Events of a type that nobody knows yet come between the others.",
    Twist(sends=_strange),
    dialects=("anthropic_messages", "openai_responses"),
)
