"""Bytes of one stream to batches: framing, JSON, the dialect's decoder, and an honest end."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import replace
from typing import Final

from offramp.contracts.dialect import StreamDecoder
from offramp.contracts.transport import HttpStream
from offramp.errors import Phase, ProviderError
from offramp.types import Batch, JsonObject, KeepAlive, ResponseFailed, ResponseStart, UsageUpdate, WireEvent
from offramp_providers.frame import Frame, FrameDecoder
from offramp_providers.wire_json import decode_json

_NO_OUTPUT: Final = (ResponseStart, UsageUpdate, KeepAlive, ResponseFailed)


class StreamReader:
    """Reads one stream, once."""

    def __init__(self, frames: FrameDecoder, decoder: StreamDecoder, *, endpoint: str, status: int) -> None:
        self._frames = frames
        self._decoder = decoder
        self._endpoint = endpoint
        self._status = status
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
            last = self._decode(self._frames.finish())
            last += [] if self._failed else self._ending(None)
        if last:
            yield last

    def _decode(self, frames: Iterable[Frame]) -> list[Batch]:
        """The batches of these frames. One that cannot be read is a failure in its place."""
        batches: list[Batch] = []
        try:
            for frame in frames:
                batches.append(self._decode_one(frame))
                if self._failed:
                    break
        except ProviderError as error:
            batches += self._ending(error)
            self._failed = True
        return batches

    def _decode_one(self, frame: Frame) -> Batch:
        batch = self._meaning_of(frame)
        if self._phase == "before_first_output" and not all(isinstance(each, _NO_OUTPUT) for each in batch.events):
            self._phase = "mid_stream"
        if batch.events and type(batch.events[-1]) is ResponseFailed:
            self._failed = True
            return self._located(batch, None)
        return batch

    def _meaning_of(self, frame: Frame) -> Batch:
        data = frame.data
        content: JsonObject | str
        if data[:1] != b"{" and data.lstrip()[:1] != b"{":
            content = data.decode("utf-8", "replace")
        else:
            try:
                content = decode_json(data)
            except ProviderError as error:
                return Batch((ResponseFailed(error),))
        return self._decoder.decode(WireEvent(data=content, event=frame.event, id=frame.id, headers=frame.headers))

    def _ending(self, error: ProviderError | None) -> list[Batch]:
        """What the end means: nothing where an outcome had come, else why it is missing."""
        last = self._located(self._decoder.finish(), error)
        return [last] if last.events else []

    def _located(self, batch: Batch, error: ProviderError | None) -> Batch:
        events = tuple(
            ResponseFailed((error or event.error).at(self._endpoint, phase=self._phase, status=self._status))
            if isinstance(event, ResponseFailed)
            else event
            for event in batch.events
        )
        return replace(batch, events=events)
