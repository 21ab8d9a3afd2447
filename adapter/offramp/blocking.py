"""The front door for code that blocks: the same objects without `await`, over one background loop."""

import atexit
import os
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Generic, TypeVar

from typing_extensions import Unpack  # as in `client`

from offramp._input import CallOptions, Input, OutputT
from offramp._portal import Portal
from offramp._session import AsyncSession
from offramp._stream import AsyncStream
from offramp._supervision import AsyncSupervision
from offramp.client import AsyncClient, AsyncMission
from offramp.config import Config, load_config
from offramp.contracts.clock import Clock
from offramp.contracts.provider import Provider
from offramp.types import Embeddings, EmbedRequest, Event, Message, ModelList, Response, TokenCount

_T = TypeVar("_T")


class Client:
    """All missions of one configuration, blocking. Use it as a context manager.

    It may be shared between threads, and made before a fork: a child opens state, ledger and connections of its own.
    One that nobody has closed is closed when the process ends.
    """

    def __init__(
        self, config: Config, *, providers: Mapping[str, Provider] | None = None, clock: Clock | None = None
    ) -> None:
        """Open state, ledger and log; as `AsyncClient`."""
        self._make: Callable[[], AsyncClient] = lambda: AsyncClient(config, providers=providers, clock=clock)
        self._lock = threading.Lock()
        self._portal = Portal()
        self._client = self._opened()
        self._at_exit = atexit.register(partial(_close_left, weakref.ref(self)))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "Client":
        """A client of `offramp.toml`. Raises as the constructor does."""
        return cls(load_config(path))

    def __enter__(self) -> "Client":
        """Use it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close connections, ledger, state and log, and stop the background loop. Safe to call twice."""
        if not self._portal.forked:
            self._portal.call(self._client.aclose())
            self._portal.close()
            atexit.unregister(self._at_exit)

    def reload(self) -> None:
        """Read all policy files now; as `AsyncClient.reload`."""
        self._current().reload()

    def mission(self, name: str) -> "Mission":
        """A mission of the configuration. Raises ConfigurationError where there is none of this name."""
        self._current().mission(name)
        return Mission(self, lambda: self._current().mission(name))

    def approval(self, request: str) -> str:
        """The signed approval that was granted for a request; as `AsyncClient.approval`."""
        return self.portal.call(self._current().approval(request))

    def supervise(self, mission: str, *, by: str, key: str | os.PathLike[str] | None = None) -> "Supervision":
        """Watch a mission from an application; as `AsyncClient.supervise`."""
        return Supervision(self.portal, self._current().supervise(mission, by=by, key=key))

    def _opened(self) -> AsyncClient:
        async def opened() -> AsyncClient:
            client = self._make()
            return await client.__aenter__()

        return self._portal.call(opened())

    def _current(self) -> AsyncClient:
        """The client of this process."""
        if self._portal.forked:
            with self._lock:
                if self._portal.forked:
                    self._portal = Portal()
                    self._client = self._opened()
        return self._client

    @property
    def portal(self) -> Portal:
        """The background loop of this process."""
        self._current()
        return self._portal


def _close_left(client: weakref.ref[Client]) -> None:
    left = client()
    if left is not None:
        left.close()


class Mission:
    """One mission, blocking; see `AsyncMission`."""

    def __init__(self, client: Client, mission: Callable[[], AsyncMission]) -> None:
        self._client = client
        self._mission = mission

    @property
    def name(self) -> str:
        """As the configuration names it."""
        return self._mission().name

    def generate(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> Response[OutputT]:
        """One exchange; as `AsyncMission.generate`."""
        return self._client.portal.call(self._mission().generate(given, output=output, **options))

    def stream(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> "Stream[OutputT]":
        """One exchange, read as it arrives; as `AsyncMission.stream`."""
        return Stream(self._client.portal, self._mission().stream(given, output=output, **options))

    def run(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> Response[OutputT]:
        """Exchanges until the model calls no more tools; as `AsyncMission.run`."""
        return self._client.portal.call(self._mission().run(given, output=output, **options))

    def count_tokens(
        self,
        given: Input,
        *,
        endpoint: str | None = None,
        output: type[OutputT] | None = None,
        **options: Unpack[CallOptions],
    ) -> TokenCount:
        """How many tokens a call would read; as `AsyncMission.count_tokens`."""
        counting = self._mission().count_tokens(given, endpoint=endpoint, output=output, **options)
        return self._client.portal.call(counting)

    def embed(
        self,
        given: EmbedRequest | Sequence[str],
        *,
        timeout_s: float | None = None,
        approvals: Sequence[str] = (),
        subject: str | None = None,
    ) -> Embeddings:
        """One vector for each text; as `AsyncMission.embed`."""
        embedding = self._mission().embed(given, timeout_s=timeout_s, approvals=approvals, subject=subject)
        return self._client.portal.call(embedding)

    def models(
        self, endpoint: str | None = None, *, timeout_s: float | None = None, approvals: Sequence[str] = ()
    ) -> ModelList:
        """The models that an endpoint's account may use; as `AsyncMission.models`."""
        return self._client.portal.call(self._mission().models(endpoint, timeout_s=timeout_s, approvals=approvals))

    def session(self, conversation: str, *, subject: str | None = None) -> "Session":
        """A conversation that is kept in the ledger; as `AsyncMission.session`."""
        return Session(self._client, self._mission().session(conversation, subject=subject))


class Session:
    """A conversation, blocking; see `AsyncSession`."""

    def __init__(self, client: Client, session: AsyncSession) -> None:
        self._client = client
        self._session = session

    @property
    def messages(self) -> tuple[Message, ...]:
        """What has been said so far."""
        return self._session.messages

    def generate(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> Response[OutputT]:
        """One exchange; as `AsyncSession.generate`."""
        return self._client.portal.call(self._session.generate(given, output=output, **options))

    def stream(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> "Stream[OutputT]":
        """One exchange, read as it arrives; as `AsyncSession.stream`."""
        return Stream(self._client.portal, self._session.stream(given, output=output, **options))

    def run(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> Response[OutputT]:
        """Exchanges until the model calls no more tools; as `AsyncSession.run`."""
        return self._client.portal.call(self._session.run(given, output=output, **options))

    def resume(self, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]) -> Response[OutputT]:
        """Continue after an interruption; as `AsyncSession.resume`."""
        return self._client.portal.call(self._session.resume(output=output, **options))


class Supervision:
    """One person's watch over one mission, blocking; see `AsyncSupervision`."""

    def __init__(self, portal: Portal, supervision: AsyncSupervision) -> None:
        self._portal = portal
        self._supervision = supervision

    @property
    def live(self) -> bool:
        """Whether this watch still counts."""
        return self._supervision.live

    def __enter__(self) -> "Supervision":
        """Begin."""
        self._portal.call(self._supervision.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Supervise no more."""
        self._portal.call(self._supervision.__aexit__(kind, error, trace))

    def stop(self) -> None:
        """Stop the mission in all processes; as `AsyncSupervision.stop`."""
        self._portal.call(self._supervision.stop())


class Stream(Generic[OutputT]):
    """A streamed answer, blocking; see `AsyncStream`."""

    def __init__(self, portal: Portal, stream: AsyncStream[OutputT]) -> None:
        self._portal = portal
        self._stream = stream

    def __enter__(self) -> "Stream[OutputT]":
        """Ask, and wait for the first output."""
        self._portal.call(self._stream.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave it."""
        self._portal.call(self._stream.__aexit__(kind, error, trace))

    @property
    def text(self) -> Iterator[str]:
        """The answer's text as it arrives. Raises Interrupted."""
        return self._drawn(self._stream.text)

    def __iter__(self) -> Iterator[Event]:
        """All events, in order. Raises Interrupted."""
        return self._drawn(aiter(self._stream))

    @property
    def response(self) -> Response[OutputT]:
        """The whole answer, once it has been read to its end."""
        return self._stream.response

    def collect(self) -> Response[OutputT]:
        """Read to the end and give the whole answer. Raises Interrupted."""
        return self._portal.call(self._stream.collect())

    def _drawn(self, source: AsyncIterator[_T]) -> Iterator[_T]:
        async def draw() -> tuple[_T] | None:
            async for item in source:
                return (item,)
            return None

        while (drawn := self._portal.call(draw())) is not None:
            yield drawn[0]
