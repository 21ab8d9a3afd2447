"""The HTTP transport over httpx, for those who bring their own client and for tests that stand in for the vendor.

httpx is imported at the first call. The extra `httpx` installs it; the endpoint option `transport = "httpx"` chooses
it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.permission import SendToken
from offramp.contracts.process import process_id
from offramp.contracts.transport import Deadlines, HttpRequest, HttpResponse, HttpStream, Network, Transport
from offramp.errors import MissingExtraError, ProviderError, ProviderErrorKind
from offramp_providers.origin_guard import OriginGuard, joined_headers, refuse_redirect
from offramp_providers.transport import Limits

if TYPE_CHECKING:
    import httpx

    from offramp_providers.httpx_exchange import Exchange

_abandoned: list[object] = []  # clients of a parent process: closing them here would disturb its sockets


class HttpxTransport(Transport):
    """HTTP by httpx.

    Without a client of yours, it keeps the promises of the aiohttp transport: the token is spent in the same step as
    the first write to a connected socket, an order resets the connection with what is buffered, and nothing is taken
    from the environment.

    With a client of yours, the sockets are out of sight (they may even be a mock's), so the token is spent directly
    before the request is handed to it. An order still stops the exchange at once, and nothing is written if it comes
    before the connection is made, where the client stands on httpcore; but what its sockets have buffered may go out.
    Proxies, certificates and unix sockets are then the client's own affair, and so are its event hooks. Its base URL,
    headers, cookies, authentication, timeouts and redirects are not used.
    """

    def __init__(
        self,
        *,
        client: "httpx.AsyncClient | None" = None,
        limits: Limits | None = None,
        network: Network | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            client: yours, which stays open when the transport closes. It serves the event loop that it belongs to.
                None: a client for each event loop.
            limits: caps on what may arrive.
            network: how hosts are reached and recognised. None: as the system has it. Of a client of yours, only
                `plain_http_hosts` is looked at.

        Raises:
            MissingExtraError: httpx is not installed.
        """
        if find_spec("httpx") is None:
            raise MissingExtraError("httpx", needed_for="the transport httpx")
        self._given = client
        self._limits = limits or Limits()
        self._network = network or Network()
        self._guard = OriginGuard(self._network)
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()
        self._pid = process_id()

    @override
    async def send(self, request: HttpRequest, *, token: SendToken, deadlines: Deadlines) -> HttpResponse:
        """One exchange. Any status but a redirect is an answer."""
        async with self._opened(request, token, deadlines, self._limits.body_bytes) as (exchange, answer):
            headers = joined_headers(answer.headers.multi_items())
            return HttpResponse(status=answer.status_code, headers=headers, body=await exchange.read())

    @override
    @asynccontextmanager
    async def stream(
        self, request: HttpRequest, *, token: SendToken, deadlines: Deadlines
    ) -> AsyncGenerator[HttpStream]:
        """One exchange whose body is read as it arrives."""
        async with self._opened(request, token, deadlines, self._limits.stream_bytes) as (exchange, answer):
            exchange.mid_stream = answer.status_code < 300
            yield _HttpxStream(exchange, answer)

    @override
    async def aclose(self) -> None:
        """Close the connections of the running event loop, where they are the transport's own."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    @asynccontextmanager
    async def _opened(
        self, request: HttpRequest, token: SendToken, deadlines: Deadlines, cap: int
    ) -> AsyncGenerator[tuple["Exchange", "httpx.Response"]]:
        exchange: Exchange | None = None
        try:
            exchange = self._exchange(request, token, deadlines, cap)
            answer = await exchange.open(self._given or self._own_client(), is_ours=self._given is None)
            self._refuse_long_headers(answer, token)
            refuse_redirect(answer.status_code, answer.headers.get("location"), endpoint=token.identity.endpoint)
            yield exchange, answer
        finally:
            if exchange is None:
                token.release()
            else:
                await exchange.close()

    def _exchange(self, request: HttpRequest, token: SendToken, deadlines: Deadlines, cap: int) -> "Exchange":
        from offramp_providers.httpx_exchange import Exchange

        url = self._guard.allowed(request, endpoint=token.identity.endpoint)
        return Exchange(request, url=url, token=token, deadlines=deadlines, cap=cap)

    def _own_client(self) -> "httpx.AsyncClient":
        if self._pid != process_id():
            _abandoned.extend(self._clients.values())
            self._clients = WeakKeyDictionary()
            self._pid = process_id()
        loop = asyncio.get_running_loop()
        found = self._clients.get(loop)
        if found is None:
            from offramp_providers.httpx_network import own_client

            found = self._clients[loop] = own_client(self._network)
        return found

    def _refuse_long_headers(self, answer: "httpx.Response", token: SendToken) -> None:
        longest = max((len(name) + len(content) for name, content in answer.headers.raw), default=0)
        if longest > self._limits.header_line_bytes:
            raise ProviderError(
                "the answer's head is larger than the transport's limit",
                kind=ProviderErrorKind.TOO_LARGE,
                status=answer.status_code,
                endpoint=token.identity.endpoint,
            )


class _HttpxStream(HttpStream):
    def __init__(self, exchange: "Exchange", answer: "httpx.Response") -> None:
        self._exchange = exchange
        self._status = answer.status_code
        self._headers = joined_headers(answer.headers.multi_items())

    @property
    @override
    def status(self) -> int:
        return self._status

    @property
    @override
    def headers(self) -> dict[str, str]:
        return self._headers

    @override
    def chunks(self) -> AsyncIterator[bytes]:
        return self._exchange.chunks()

    @override
    async def read(self) -> bytes:
        return await self._exchange.read()
