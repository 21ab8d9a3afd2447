"""All ordered pairs of dialects, and the way of a value from one to the other: encoded there, read there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from offramp.contracts.profile import Option
from offramp.contracts.provider import Dialect, Target
from offramp.errors import CapabilityError
from offramp.types import AnyResponse, Batch, GenerateRequest, JsonMapping, Loss, Origin, WireEvent, fold
from support.accountant import unaccounted_request, unaccounted_response
from support.cassettes import answers, requests, streams
from support.dialects import SPOKEN
from support.leaves import strip_wire
from support.saturated import least_cases

DIALECTS: Final[dict[str, Dialect]] = {name: each.dialect for name, each in SPOKEN.items()}
PAIRS: Final = [(one, other) for one in DIALECTS for other in DIALECTS if one != other]
"""Ordered pairs: read in the first, sent in the second."""
WAYS: Final = [*PAIRS, *((name, name) for name in DIALECTS)]
"""The same, and each dialect to itself."""

_OFFICIAL: Final[Mapping[str, Option]] = {}


def origin_in(dialect: str) -> Origin:
    """The official vendor of a dialect."""
    return SPOKEN[dialect].origin


def target_in(dialect: str, options: Mapping[str, Option] = _OFFICIAL) -> Target:
    """Its endpoint, under the official rules or under a host's."""
    return Target(origin=origin_in(dialect), default_max_output_tokens=4096, options=options)


def sent(
    request: GenerateRequest, dialect: str, options: Mapping[str, Option] = _OFFICIAL
) -> tuple[JsonMapping, GenerateRequest, tuple[Loss, ...]]:
    """The body on the wire, what the other side reads of it without residue, and the losses."""
    encoded = DIALECTS[dialect].encode_request(request, target_in(dialect, options))
    read = DIALECTS[dialect].decode_request(
        encoded.body, {**encoded.headers, ":path": encoded.path}, origin_in(dialect)
    )
    return encoded.body, strip_wire(read), encoded.losses


def faults_of_request(request: GenerateRequest, dialect: str, options: Mapping[str, Option] = _OFFICIAL) -> list[str]:
    """What a request loses on the way to a wire and back, and is named nowhere."""
    _, read, losses = sent(request, dialect, options)
    return unaccounted_request(request, read, losses, dialect)


def faults_of_response(response: AnyResponse, dialect: str) -> list[str]:
    """The same for an answer, as a server of the dialect would give it."""
    encoded = DIALECTS[dialect].encode_response(response)
    read = DIALECTS[dialect].decode_response(encoded.body, encoded.headers, replace(origin_in(dialect), model=None))
    return unaccounted_response(response, strip_wire(read), encoded.losses, dialect)


def streamed(batches: Sequence[Batch], dialect: str) -> tuple[list[WireEvent], AnyResponse, tuple[Loss, ...]]:
    """The wire events of a stream, what the other side folds of them, and the losses."""
    encoder = DIALECTS[dialect].stream_encoder()
    events = [event for batch in batches for event in encoder.encode(batch)] + list(encoder.finish())
    decoder = DIALECTS[dialect].stream_decoder({}, replace(origin_in(dialect), model=None))
    back = [*(decoder.decode(event) for event in events), decoder.finish()]
    return events, strip_wire(fold(back)), encoder.losses


def faults_of_stream(batches: Sequence[Batch], dialect: str) -> list[str]:
    """What a stream loses on the way to a wire and back, and is named nowhere."""
    _, read, losses = streamed(batches, dialect)
    return unaccounted_response(strip_wire(fold(batches)), read, losses, dialect)


@cache
def recorded_requests(dialect: str) -> dict[str, GenerateRequest]:
    """Every recorded request of the dialect, without residue, by recording."""
    decode = DIALECTS[dialect].decode_request
    found: dict[str, GenerateRequest] = {}
    for name, request, body in requests(SPOKEN[dialect].recordings):
        headers = {**(request["headers"] or {}), ":path": request["path"]}
        found[name] = strip_wire(decode(body, headers, origin_in(dialect)))
    return found


@cache
def recorded_answers(dialect: str) -> dict[str, AnyResponse]:
    """Every recorded answer of the dialect, without residue, by recording."""
    decode = DIALECTS[dialect].decode_response
    recorded = answers(SPOKEN[dialect].recordings)
    return {name: strip_wire(decode(body, {}, origin_in(dialect))) for name, _, body in recorded}


@cache
def recorded_streams(dialect: str) -> dict[str, list[Batch]]:
    """Every recorded stream of the dialect, without residue, by recording."""
    spoken, found = SPOKEN[dialect], dict[str, list[Batch]]()
    for name, events in streams(spoken.streams or spoken.recordings):
        if events and name not in spoken.several_answers:  # none: an error that was answered in place of a stream
            decoder = spoken.dialect.stream_decoder({}, origin_in(dialect))
            batches = [*(decoder.decode(event) for event in events), decoder.finish()]
            found[name] = [strip_wire(batch) for batch in batches]
    return found


@cache
def sayable(dialect: str) -> list[GenerateRequest]:
    """What the dialect can say of every setting, message and kind of part, as it reads it itself."""
    found: list[GenerateRequest] = []
    for case in least_cases(origin_in(dialect)):
        try:
            _, read, _ = sent(case, dialect)
        except CapabilityError:
            continue
        if read not in found[-8:]:  # many cases that follow each other say the same here
            found.append(read)
    return found
