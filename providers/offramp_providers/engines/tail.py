"""A stream that LiteLLM makes: its pieces as our events, each ending held against what the vendor really said."""

from collections.abc import AsyncIterator
from dataclasses import replace

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.dialect import StreamDecoder
from offramp.contracts.transport import HttpStream
from offramp.errors import ProviderError
from offramp.types import (
    Batch,
    Event,
    JsonObject,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    UsageUpdate,
    WireEvent,
)
from offramp_providers.engines.passage import Passage, cut_short
from offramp_providers.engines.verdict import judged, stamped
from offramp_providers.wire_json import dump_json


class TailStream(HttpStream):
    """LiteLLM's pieces, framed as a vendor of Chat Completions would."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._answers = passage.answers()
        self._first: JsonObject | None = None

    async def begin(self) -> None:
        """Wait for the first piece. Raises what came in its place."""
        try:
            self._first = await anext(self._answers, None)
        except ProviderError as error:  # whatever the transport had seen by then, the caller has seen nothing
            raise error.at(self._passage.endpoint, phase="before_first_output") from error

    @property
    @override
    def status(self) -> int:
        return self._passage.witness.status

    @property
    @override
    def headers(self) -> dict[str, str]:
        return dict(self._passage.witness.headers)

    @override
    async def chunks(self) -> AsyncIterator[bytes]:
        """One piece at a time."""
        if self._first is not None:
            yield _framed(self._first)
        async for answer in self._answers:
            yield _framed(answer)

    @override
    async def read(self) -> bytes:
        """All of them."""
        return b"".join([chunk async for chunk in self.chunks()])


def _framed(answer: JsonObject) -> bytes:
    return b"data: " + dump_json(answer) + b"\n\n"


class CheckedDecoder(StreamDecoder):
    """Decodes LiteLLM's pieces, and lets none of its inventions pass."""

    def __init__(self, inner: StreamDecoder, passage: Passage) -> None:
        self._inner = inner
        self._passage = passage

    @override
    def decode(self, event: WireEvent) -> Batch:
        batch = self._inner.decode(event)
        return replace(batch, events=tuple(each for found in batch.events for each in self._checked(found)))

    @override
    def finish(self) -> Batch:
        return self._inner.finish()

    def _checked(self, event: Event) -> tuple[Event, ...]:
        witness = self._passage.witness
        match event:
            case ResponseStart(origin=origin):
                return (replace(event, origin=stamped(origin, witness, self._passage.served)),)
            case UsageUpdate() if not witness.counted:
                return ()
            case ResponseEnd(outcome=outcome, candidate=candidate):
                word = witness.stops.get(candidate)
                if word is None and witness.readable:
                    return (ResponseFailed(cut_short()),)
                return (replace(event, outcome=judged(outcome, word)),)
            case _:
                return (event,)
