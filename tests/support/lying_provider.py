"""A provider that stands before an honest one and lies: in what it passes on, in what it gives back, about errors."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.operations import AskedT, Operation, ToldT
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import PreparedCall, Provider
from offramp.contracts.transport import HttpRequest
from offramp.errors import ProviderError
from offramp.types import AnyResponse, Batch, GenerateRequest, JsonMapping, changed
from offramp_conformance.suite.wire_tap import TAP, Tapped

_ASKED: ContextVar[GenerateRequest] = ContextVar("asked")


@dataclass(kw_only=True)
class Lie:
    """What is changed on the way. None: nothing."""

    hears: Callable[[GenerateRequest], GenerateRequest] | None = None
    """What is passed on of a request."""
    sends: Callable[[HttpRequest], HttpRequest] | None = None
    """The encoded request, tampered with or not."""
    says: Callable[[AnyResponse, GenerateRequest], AnyResponse] | None = None
    """The answer in one piece. It is given the true request."""
    streams: Callable[[list[Batch], GenerateRequest], list[Batch]] | None = None
    """All of a stream."""
    tells: Callable[[Any], Any] | None = None
    """The answer to a question besides."""
    fails: Callable[[ProviderError], ProviderError | AnyResponse] | None = None
    """In place of an error."""
    taps: Callable[[Tapped], None] | None = None
    """What the wire is made to look like."""


class LyingProvider(Provider):
    """Honest but for one lie."""

    def __init__(self, inner: Provider, lie: Lie) -> None:
        self._inner = inner
        self._lie = lie

    @property
    @override
    def endpoint(self) -> Endpoint:
        return self._inner.endpoint

    @override
    def prepare(self, request: GenerateRequest, vendor_options: JsonMapping | None = None) -> PreparedCall:
        _ASKED.set(request)
        honest = self._inner.prepare(request, vendor_options)
        if self._lie.hears is None:
            return honest
        return changed(self._inner.prepare(self._lie.hears(request), vendor_options), losses=honest.losses)

    @override
    async def send(self, call: PreparedCall, *, token: SendToken) -> AnyResponse:
        try:
            response = await self._inner.send(self._sent(call), token=token)
        except ProviderError as error:
            return self._failed(error)
        finally:
            self._tap()
        return self._lie.says(response, _ASKED.get()) if self._lie.says else response

    @override
    @asynccontextmanager
    async def stream(self, call: PreparedCall, *, token: SendToken) -> AsyncGenerator[AsyncIterator[Sequence[Batch]]]:
        try:
            async with self._inner.stream(self._sent(call), token=token) as reads:
                batches = [batch async for read in reads for batch in read]
        except ProviderError as error:
            self._failed(error)
            raise
        finally:
            self._tap()
        yield _played(self._lie.streams(batches, _ASKED.get()) if self._lie.streams else batches)

    @override
    def prepare_operation(self, operation: Operation[AskedT, Any], asked: AskedT) -> PreparedCall:
        if self._lie.hears is not None and isinstance(asked, GenerateRequest):
            asked = self._lie.hears(asked)  # type: ignore[assignment]  # it stays a request of the same kind
        return self._inner.prepare_operation(operation, asked)

    @override
    async def perform(self, operation: Operation[Any, ToldT], call: PreparedCall, *, token: SendToken) -> ToldT:
        told = await self._inner.perform(operation, call, token=token)
        return self._lie.tells(told) if self._lie.tells else told

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()

    def _sent(self, call: PreparedCall) -> PreparedCall:
        return changed(call, http=self._lie.sends(call.http)) if self._lie.sends else call

    def _failed(self, error: ProviderError) -> AnyResponse:
        """The answer in its place, or another error."""
        instead = self._lie.fails(error) if self._lie.fails else error
        if isinstance(instead, ProviderError):
            raise instead
        return instead

    def _tap(self) -> None:
        tap = TAP.get()
        if tap is not None and self._lie.taps is not None:
            self._lie.taps(tap)


async def _played(batches: Sequence[Batch]) -> AsyncIterator[Sequence[Batch]]:
    for batch in batches:
        yield (batch,)
