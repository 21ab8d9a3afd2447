"""Recorded interactions there and back in their own dialect: read, and written again for whom they came from."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote

from offramp.contracts.dialect import Dialect, EncodedRequest, StreamDecoder, StreamEncoder, Target
from offramp.types import JsonObject, Loss, Origin, WireEvent, value
from offramp_conformance.accounting.leaves import is_list, is_object
from offramp_conformance.accounting.recordings import events_of, part_of
from offramp_conformance.accounting.spoken import Spoken
from offramp_conformance.fidelity.differences import cause_of

Piece: TypeAlias = Literal["request", "answer", "error", "stream"]


@value
class Passage:
    """One piece of an interaction, there and back."""

    piece: Piece
    units: int
    """One, or the events of a stream."""
    exact: int
    """How many of them came back as they were, without a loss."""
    cause: str | None = None
    """Why not all; None where all did."""


def passages(spoken: Spoken, recorded: JsonObject, dialect: Dialect | None = None) -> Iterator[Passage]:
    """Each piece of one interaction.

    Args:
        spoken: the dialect's entry.
        recorded: the interaction.
        dialect: another codec than the entry's, as one that lies.
    """
    codec = dialect or spoken.dialect
    request, response = part_of(recorded, "request"), part_of(recorded, "response")
    issuer = Origin(
        developer=spoken.vendor,
        host=request.get("host") or spoken.vendor,
        dialect=spoken.name,
        account=spoken.account,
    )
    if request.get("body"):
        yield _request(codec, request, issuer)
    body: Any = response.get("json")
    listed = body if is_list(body) and response.get("status", 200) < 400 else None
    events = [WireEvent(data=each) for each in listed] if listed else events_of(response)
    if events:
        yield _stream(codec, events, issuer)
    elif response.get("status", 200) >= 400 and body is not None:
        yield _error(codec, response, body)
    elif is_object(body):
        yield _answer(codec, response, body, issuer)


def _request(codec: Dialect, request: JsonObject, issuer: Origin) -> Passage:
    headers: dict[str, str] = {**part_of(request, "headers"), ":path": request.get("path") or ""}
    body: JsonObject = request["body"]

    def there_and_back() -> str | None:
        model = codec.decode_request(copy.deepcopy(body), headers, issuer).model
        own = replace(issuer, model=model)
        encoded = codec.encode_request(codec.decode_request(copy.deepcopy(body), headers, own), Target(origin=own))
        elsewhere = _told_elsewhere(encoded, headers)
        return cause_of(body, encoded.body) or _named(encoded.losses) or elsewhere

    return _passage("request", there_and_back)


def _told_elsewhere(encoded: EncodedRequest, given: Mapping[str, str]) -> str | None:
    """Headers that carry meaning, as far as they were recorded, and the path below the base URL."""
    for name, content in encoded.headers.items():
        if given.get(name, content) != content:
            return f"header {name} is another"
    return None if _path(given[":path"]).endswith(_path(encoded.path)) else "path is another"


def _path(address: str) -> str:
    """Without the query, which says how the answer is framed, and in one spelling of its characters."""
    return unquote(address.partition("?")[0])


def _answer(codec: Dialect, response: JsonObject, body: JsonObject, issuer: Origin) -> Passage:
    headers = part_of(response, "headers")

    def there_and_back() -> str | None:
        encoded = codec.encode_response(codec.decode_response(copy.deepcopy(body), headers, issuer))
        return cause_of(body, encoded.body) or _named(encoded.losses)

    return _passage("answer", there_and_back)


def _error(codec: Dialect, response: JsonObject, body: Any) -> Passage:
    def there_and_back() -> str | None:
        encoded = codec.encode_error(codec.decode_error(response["status"], part_of(response, "headers"), body))
        return cause_of({"status": response["status"], "body": body}, {"status": encoded.status, "body": encoded.body})

    return _passage("error", there_and_back)


def _passage(piece: Piece, there_and_back: Callable[[], str | None]) -> Passage:
    try:
        cause = there_and_back()
    except Exception as error:  # noqa: BLE001  # whatever a codec raises is its fault, and told as such
        cause = f"{type(error).__name__} was raised"
    return Passage(piece, 1, 0 if cause else 1, cause)


def _stream(codec: Dialect, events: Sequence[WireEvent], issuer: Origin) -> Passage:
    decoder, encoder = codec.stream_decoder({}, issuer), codec.stream_encoder()
    exact = 0
    first: str | None = None
    for number, event in enumerate(events):
        cause = _event_cause(decoder, encoder, event)
        exact += cause is None
        if cause is not None and first is None:
            first = f"event {number}: {cause}"
    return Passage("stream", len(events), exact, first or _named(encoder.losses))


def _event_cause(decoder: StreamDecoder, encoder: StreamEncoder, event: WireEvent) -> str | None:
    try:
        back = encoder.encode(decoder.decode(copy.deepcopy(event)))
    except Exception as error:  # noqa: BLE001  # whatever a codec raises is its fault, and told as such
        return f"{type(error).__name__} was raised"
    if len(back) != 1:
        return f"{len(back)} events in place of one"
    told = cause_of(event.data, back[0].data)
    return told or (None if back == (event,) else "its frame is another")


def _named(losses: Sequence[Loss]) -> str | None:
    codes = sorted({loss.code for loss in losses})
    return f"named as lost: {', '.join(codes)}" if codes else None
