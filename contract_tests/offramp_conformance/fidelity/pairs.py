"""Recorded interactions on their way to another dialect: what arrives equal, what is named as lost, what is silent."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

from offramp.errors import CapabilityError
from offramp.types import Batch, JsonObject, Loss, WireEvent, fold, value
from offramp_conformance.accounting.accountant import unaccounted_response
from offramp_conformance.accounting.crossing import (
    DIALECTS,
    faults_of_request,
    faults_of_response,
    origin_in,
    streamed,
    target_in,
)
from offramp_conformance.accounting.leaves import is_object, strip_wire
from offramp_conformance.accounting.recordings import events_of, part_of
from offramp_conformance.accounting.spoken import Spoken

Way: TypeAlias = Literal["request", "answer", "stream"]
Fate: TypeAlias = Literal["equal", "named", "silent", "refused"]
"""Equal without any loss; every difference named; some difference named nowhere; or refused before a byte leaves."""


@value
class Crossing:
    """One recorded piece on its way to one wire."""

    way: Way
    fate: Fate
    silent: tuple[str, ...] = ()
    """Each difference that no loss names."""


def crossings(spoken: Spoken, recorded: JsonObject, wire: str) -> Iterator[Crossing]:
    """Each piece of one interaction, sent on in another dialect.

    Args:
        spoken: the dialect that it was recorded in.
        recorded: the interaction.
        wire: the dialect that it is sent on in.
    """
    request, response = part_of(recorded, "request"), part_of(recorded, "response")
    origin = origin_in(spoken.name)
    codec, other = DIALECTS[spoken.name], DIALECTS[wire]
    if request.get("body"):
        headers: dict[str, str] = {**part_of(request, "headers"), ":path": request.get("path") or ""}
        asked = codec.decode_request(request["body"], headers, origin)
        yield _crossing(
            "request",
            lambda: faults_of_request(strip_wire(asked), wire),
            lambda: other.encode_request(asked, target_in(wire)).losses,
        )
    body: Any = response.get("json")
    if is_object(body) and response.get("status", 200) < 400:
        told = codec.decode_response(body, part_of(response, "headers"), origin)
        yield _crossing(
            "answer",
            lambda: faults_of_response(strip_wire(told), wire),
            lambda: other.encode_response(told).losses,
        )
    events = events_of(response)
    if events and recorded["id"] not in spoken.several_answers:
        batches = _read(spoken, events)
        yield _crossing("stream", lambda: _faults_of_stream(batches, wire), lambda: streamed(batches, wire)[2])


def _crossing(way: Way, faults: Callable[[], list[str]], losses: Callable[[], tuple[Loss, ...]]) -> Crossing:
    try:
        found = tuple(faults())
        if found:
            return Crossing(way, "silent", found)
        return Crossing(way, "named" if losses() else "equal")
    except CapabilityError:
        return Crossing(way, "refused")


def _read(spoken: Spoken, events: list[WireEvent]) -> list[Batch]:
    decoder = DIALECTS[spoken.name].stream_decoder({}, origin_in(spoken.name))
    return [*(decoder.decode(event) for event in events), decoder.finish()]


def _faults_of_stream(batches: list[Batch], wire: str) -> list[str]:
    bare = [strip_wire(batch) for batch in batches]
    _, read, losses = streamed(bare, wire)
    return unaccounted_response(strip_wire(fold(bare)), read, losses, wire)
