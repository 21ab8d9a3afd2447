"""The seam to a transport: it moves bytes over HTTP, and knows of no dialect."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import KW_ONLY, field
from pathlib import Path
from typing import Protocol

from offramp.contracts.permission import SendToken
from offramp.types import value


@value
class Deadlines:
    """How long to wait, in seconds. None: no bound of this kind."""

    _: KW_ONLY
    connect_s: float | None = 10.0
    first_byte_s: float | None = 120.0
    """From the last byte sent to the first byte of the answer's head."""
    idle_s: float | None = 60.0
    """Longest silence within an answer."""
    total_s: float | None = 600.0
    """The whole exchange."""


@value
class Proxy:
    """A proxy that tunnels to hosts."""

    url: str
    """`http://host:port`, without a secret in it."""
    _: KW_ONLY
    login: Callable[[], str | None] | None = field(default=None, repr=False)
    """Reads its `user:password` at the moment of use; never stored, never printed. None: it asks for none."""


@value
class Network:
    """How a host is reached and recognised, where that is not as the system has it."""

    _: KW_ONLY
    plain_http_hosts: frozenset[str] = frozenset()
    """Hosts, besides this machine, that may be sent a credential without TLS."""
    ca_file: Path | None = None
    """Certificate authorities in PEM, trusted in place of the system's. None: the system's."""
    certificate_file: Path | None = None
    """Our own certificate in PEM, with what is needed of its chain, for hosts that ask for one."""
    key_file: Path | None = None
    """Its private key. None: it stands in `certificate_file`."""
    key_password: Callable[[], str | None] | None = field(default=None, repr=False)
    """Reads the password of an encrypted key at the moment of use; never stored, never printed."""
    unix_socket: Path | None = None
    """Connect to this socket in place of the URL's host and port."""
    proxy: Proxy | None = None
    """Connect through this proxy. None: directly, whatever the environment says."""


@value
class HttpRequest:
    """One HTTP request, complete."""

    _: KW_ONLY
    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    """Secrets among them: never log one."""
    body: bytes = field(repr=False)
    origin: str | None = None
    """Scheme, host and port that the headers may be sent to. The URL must lie there. None: the URL's own."""


@value
class HttpResponse:
    """One HTTP response, read to its end."""

    _: KW_ONLY
    status: int
    headers: dict[str, str]
    """Lower-case names."""
    body: bytes


class HttpStream(Protocol):
    """An HTTP response whose body is still arriving."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def headers(self) -> dict[str, str]:
        """Lower-case names."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The decoded body as it arrives. Raises ProviderError (`stream_interrupted`, `timeout`, `too_large`)."""
        ...

    async def read(self) -> bytes:
        """All of the body."""
        ...


class Transport(Protocol):
    """The only code that speaks HTTP. It takes nothing without a token, and spends it at the last hop."""

    async def send(self, request: HttpRequest, *, token: SendToken, deadlines: Deadlines) -> HttpResponse:
        """One exchange. Any status is an answer.

        Raises:
            ProviderError: `connection`, `timeout` or `too_large`.
            Prohibited: an order stopped it.
        """
        ...

    def stream(
        self, request: HttpRequest, *, token: SendToken, deadlines: Deadlines
    ) -> AbstractAsyncContextManager[HttpStream]:
        """One exchange whose body is read as it arrives. Leaving the context early drops the connection."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
