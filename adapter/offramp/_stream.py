"""A streamed answer as its caller reads it: text or events, then the response; or `Interrupted` with what had come."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Generic

from offramp._ask import Ready
from offramp._exchange import Exchange
from offramp._input import OutputT
from offramp._served import check_served
from offramp.contracts.permission import SendToken
from offramp.errors import Interrupted, OfframpError, Prohibited, ProviderError, SessionError
from offramp.negotiation import restored, shows
from offramp.resilience import disposition_of
from offramp.types import (
    AnyResponse,
    Batch,
    Event,
    KeepAlive,
    Response,
    ResponseStart,
    TextDelta,
    UsageUpdate,
    changed,
    value,
)
from offramp.types.fold import Folder

_SILENT: Final = (ResponseStart, KeepAlive, UsageUpdate)
"""Events that show nothing of an answer: until another comes, the call may still fall back."""


@value
class OpenStream:
    """A stream that has begun to answer, or has ended."""

    ready: Ready
    reads: AsyncIterator[Sequence[Batch]]
    first: list[Batch]
    """What was read until the first output; it comes before `reads`."""
    folder: Folder
    stack: AsyncExitStack
    first_output_s: float
    show: Callable[[Sequence[Batch]], Sequence[Batch]]
    """Turns what was read into what the caller asked for; `folder` keeps what was read."""

    def interrupted(self) -> AnyResponse:
        """What has come of an answer that was cut off."""
        return restored(self.folder.interrupted(self.ready.losses), self.ready.prepared.emulated_by)


async def open_stream(exchange: Exchange, ready: Ready, token: SendToken) -> OpenStream:
    """Ask, and read until the first output. A failure up to here may be retried or fall back."""
    folder, stack, first = Folder(), AsyncExitStack(), list[Batch]()
    call = changed(ready.call, deadlines=ready.ask.deadline.narrow(ready.lane.endpoint.deadlines))
    try:
        reads = await stack.enter_async_context(ready.lane.provider.stream(call, token=token))
        async for read in reads:
            first.extend(read)
            if _take(folder, read):
                break
        _raise_failure(folder)
        check_served(ready.lane.endpoint, folder.response())  # before the caller sees a word of another model
    except BaseException:
        await stack.aclose()
        raise
    first_output_s = exchange.clock.monotonic() - ready.started_s
    return OpenStream(ready, reads, first, folder, stack, first_output_s, shows(ready.prepared.emulated_by))


def _take(folder: Folder, read: Sequence[Batch]) -> bool:
    """Fold a read; whether it shows output."""
    shown = False
    for batch in read:
        folder.add(batch)
        shown = shown or not all(isinstance(event, _SILENT) for event in batch.events)
    return shown


def _raise_failure(folder: Folder) -> None:
    if folder.failure is not None:
        raise folder.failure


class AsyncStream(Generic[OutputT]):
    """A streamed answer. Enter it, read `text` or the events once, then look at `response`."""

    def __init__(
        self,
        start: Callable[[], Awaitable[OpenStream]],
        *,
        finish: Callable[[OpenStream, AnyResponse], Awaitable[Response[OutputT]]],
        cut: Callable[[OpenStream, AnyResponse, BaseException | None], Awaitable[None]],
    ) -> None:
        self._start = start
        self._finish = finish
        self._cut = cut
        self._open: OpenStream | None = None
        self._response: Response[OutputT] | None = None
        self._over = False

    async def __aenter__(self) -> "AsyncStream[OutputT]":
        """Ask, and wait for the first output.

        Raises:
            As `generate` does.
        """
        self._open = await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave it. An answer that was not read to its end is dropped at the vendor and kept as interrupted."""
        if self._open is None:
            return
        try:
            if not self._over:
                self._over = True
                await self._cut(self._open, self._open.interrupted(), error)
        finally:
            await self._open.stack.aclose()

    @property
    def text(self) -> AsyncIterator[str]:
        """The answer's text as it arrives, in pieces.

        Raises:
            Interrupted: the answer was cut off; what had arrived is in the error.
        """
        return self._texts()

    def __aiter__(self) -> AsyncIterator[Event]:
        """All events, in order. Raises as `text` does."""
        return self._events()

    @property
    def response(self) -> Response[OutputT]:
        """The whole answer, once it has been read to its end.

        Raises:
            SessionError: the answer is still arriving, or was cut off.
        """
        if self._response is None:
            raise SessionError("the answer is not complete", mend="read the stream to its end first")
        return self._response

    async def collect(self) -> Response[OutputT]:
        """Read to the end and give the whole answer. Raises as `text` does."""
        async for _ in self._batches():
            pass
        return self.response

    async def _texts(self) -> AsyncGenerator[str]:
        async for batches in self._batches():
            for batch in batches:
                for event in batch.events:
                    if type(event) is TextDelta and event.candidate == 0:
                        yield event.text

    async def _events(self) -> AsyncGenerator[Event]:
        async for batches in self._batches():
            for batch in batches:
                for event in batch.events:
                    yield event

    async def _batches(self) -> AsyncGenerator[Sequence[Batch]]:
        stream = self._opened()
        yield stream.show(stream.first)
        try:
            async for read in stream.reads:
                for batch in read:
                    stream.folder.add(batch)
                yield stream.show(read)
            _raise_failure(stream.folder)
        except (ProviderError, Prohibited) as error:
            self._over = True
            await self._cut(stream, stream.interrupted(), error)
            if not disposition_of(error, phase="mid_stream").interrupts:
                raise
            raise _interrupted(stream, error) from error
        self._over = True
        self._response = await self._finish(stream, stream.folder.response())

    def _opened(self) -> OpenStream:
        if self._open is None or self._over:
            raise SessionError("the stream is not open", mend="use `async with`, and read it once")
        return self._open


def _interrupted(stream: OpenStream, error: OfframpError) -> Interrupted:
    return Interrupted(
        f"the answer of {stream.ready.lane.name} was cut off: {error.what}",
        partial=stream.interrupted(),
        mend="call resume() on the session; nothing of this answer is spliced into the next one",
    )
