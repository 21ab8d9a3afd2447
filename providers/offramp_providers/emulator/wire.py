"""The seam between the server, which knows sockets, and a dialect's side, which knows bodies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from offramp.types._value import JsonObject, value

from .answers import Answer
from .reading import Reading
from .rules import Rejection, ValidatorState
from .signatures import Issuer

EventKind: TypeAlias = Literal["opening", "content", "outcome", "terminator"]


@value
class WireEvent:
    """One event of a stream, framed."""

    payload: bytes
    kind: EventKind


@value
class Fate:
    """How an answer departs from a good one, as far as a dialect's bodies show it."""

    is_novel: bool = False
    """With an event and a block that no client knows yet."""
    served_model: str | None = None
    """Another model than the one asked for."""


@value
class Writing:
    """All that a dialect needs to put an answer on the wire."""

    body: JsonObject
    reading: Reading
    answers: tuple[Answer, ...]
    """One for each candidate."""
    issuer: Issuer
    salt: str
    """What ids, nonces and framing are drawn from. It differs each time the same request is answered."""
    input_tokens: int
    cached_tokens: int
    fate: Fate

    @property
    def model(self) -> str:
        """The model that claims to have answered."""
        return self.fate.served_model or self.reading.model

    def chance(self, purpose: str) -> Random:
        """A source of chance of its own for each purpose, so that one does not disturb another."""
        return Random(f"{self.salt} {purpose}")  # noqa: S311  # made-up answers, no secret

    def id(self, prefix: str, purpose: str = "", *, size: int = 24) -> str:
        """An opaque id as this vendor would make it; the same one for the same purpose."""
        alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789"
        return prefix + "".join(self.chance(f"{prefix}{purpose}").choices(alphabet, k=size))


@value
class Reply:
    """A status and its headers; a stream's events follow them, anything else is whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes = b""


@value
class Route:
    """What a path asks for."""

    counts: bool = False
    """Whether tokens are to be counted, and nothing answered."""
    streams: bool | None = None
    """Whether the answer is a stream; None where the body says so."""
    model: str | None = None
    """The model, where the path names it."""


@runtime_checkable
class Routed(Protocol):
    """A side whose paths name the model, and what is asked of it."""

    def route(self, path: str) -> Route | None:
        """What is posted to this path; None where there is nothing."""
        ...


class Side(Protocol):
    """What a dialect's folder offers to the server."""

    @property
    def path(self) -> str:
        """Where requests are posted."""
        ...

    @property
    def media_type(self) -> str:
        """Of its streams."""
        ...

    @property
    def faults(self) -> Mapping[str, Rejection]:
        """The vendor's own error for each mood and directive that is one."""
        ...

    def validate(self, body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
        """Refuse what the vendor refuses."""
        ...

    def error_body(self, rejection: Rejection, request_id: str) -> JsonObject:
        """The vendor's error envelope."""
        ...

    def read(self, body: JsonObject) -> Reading:
        """Understand an accepted request."""
        ...

    def streams(self, body: JsonObject) -> bool:
        """Whether an accepted request asks for a stream."""
        ...

    def headers(self, request_id: str, rng: Random) -> dict[str, str]:
        """Rate limits and the request id."""
        ...

    def response(self, writing: Writing) -> JsonObject:
        """The whole answer."""
        ...

    def stream(self, writing: Writing) -> Iterator[WireEvent]:
        """The same answer in events."""
        ...

    def stream_error(self, rejection: Rejection) -> WireEvent:
        """An error in the middle of a stream."""
        ...

    def models(self, names: tuple[str, ...]) -> JsonObject:
        """The list of models."""
        ...

    def count(self, tokens: int) -> JsonObject | None:
        """The answer to a count of tokens; None where the vendor has no such call."""
        ...


@runtime_checkable
class CloudSide(Side, Protocol):
    """A side whose requests are told apart by their path, and whose errors by a header."""

    def told_by(self, path: str) -> JsonObject | None:
        """What the path, as it came, says of a request, under names that no body has; None where nothing is there."""
        ...

    def error_headers(self, rejection: Rejection) -> dict[str, str]:
        """What the headers of an error say."""
        ...


def dumped(found: Any) -> str:
    """JSON as vendors send it: characters as they are, so that a split can fall inside one."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
