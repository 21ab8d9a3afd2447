"""What was recorded in each dialect, as it reads it; and what of every case it can say itself."""

from functools import cache

from offramp.errors import CapabilityError
from offramp.types import AnyResponse, Batch, GenerateRequest
from offramp_conformance.accounting.crossing import DIALECTS, origin_in, sent
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_conformance.accounting.leaves import strip_wire
from support.cassettes import answers, requests, streams
from support.saturated import least_cases


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
