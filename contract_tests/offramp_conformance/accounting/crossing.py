"""All ordered pairs of dialects, and the way of a value from one to the other: encoded there, read there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from offramp.contracts.dialect import Dialect, Target
from offramp.contracts.profile import Option
from offramp.types import AnyResponse, Batch, GenerateRequest, JsonMapping, Loss, Origin, WireEvent, fold
from offramp_conformance.accounting.accountant import unaccounted_request, unaccounted_response
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_conformance.accounting.leaves import strip_wire

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
    rules = {**SPOKEN[dialect].rules, **options}
    return Target(origin=origin_in(dialect), default_max_output_tokens=4096, options=rules)


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
