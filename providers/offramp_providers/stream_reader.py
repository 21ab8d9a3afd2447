"""Bytes of one stream to batches: framing, JSON, the dialect's decoder, and an honest end."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Final

from offramp.contracts.provider import HttpStream, StreamDecoder
from offramp.errors import Phase, ProviderError
from offramp.types import Batch, KeepAlive, ResponseFailed, ResponseStart, UsageUpdate, WireEvent
from offramp_providers.sse import SseDecoder, SseEvent
from offramp_providers.wire_json import decode_json

_NO_OUTPUT: Final = (ResponseStart, UsageUpdate, KeepAlive, ResponseFailed)


class StreamReader:
    """Reads one stream, once."""

    def __init__(self, decoder: StreamDecoder, *, endpoint: str, status: int) -> None:
        self._decoder = decoder
        self._endpoint = endpoint
        self._status = status
        self._frames = SseDecoder()
        self._phase: Phase = "before_first_output"
        self._failed = False

    async def batches(self, stream: HttpStream) -> AsyncGenerator[Sequence[Batch]]:
        """The batches of one network read at a time. A failure is the last batch, and nothing follows it."""
        try:
            async for chunk in stream.chunks():
                batches = self._decode(self._frames.feed(chunk))
                if batches:
                    yield batches
                if self._failed:
                    return
        except ProviderError as error:
            last = self._ending(error)
        else:
            last = self._ending(None)
        if last.events:
            yield (last,)

    def _decode(self, events: Sequence[SseEvent]) -> list[Batch]:
        batches: list[Batch] = []
        for event in events:
            batch = self._decode_one(event)
            if self._phase == "before_first_output" and not all(isinstance(each, _NO_OUTPUT) for each in batch.events):
                self._phase = "mid_stream"
            batches.append(batch)
            if batch.events and type(batch.events[-1]) is ResponseFailed:
                batches[-1] = self._located(batch, None)
                self._failed = True
                break
        return batches

    def _decode_one(self, event: SseEvent) -> Batch:
        data = event.data
        if data[:1] != b"{" and data.lstrip()[:1] != b"{":
            text = data.decode("utf-8", "replace")
            return self._decoder.decode(WireEvent(data=text, event=event.event, id=event.id))
        try:
            content = decode_json(data)
        except ProviderError as error:
            return Batch((ResponseFailed(error),))
        return self._decoder.decode(WireEvent(data=content, event=event.event, id=event.id))

    def _ending(self, error: ProviderError | None) -> Batch:
        """What the end means: nothing where an outcome had come, else why it is missing."""
        return self._located(self._decoder.finish(), error)

    def _located(self, batch: Batch, error: ProviderError | None) -> Batch:
        events = tuple(
            ResponseFailed((error or event.error).at(self._endpoint, phase=self._phase, status=self._status))
            if isinstance(event, ResponseFailed)
            else event
            for event in batch.events
        )
        return replace(batch, events=events)
