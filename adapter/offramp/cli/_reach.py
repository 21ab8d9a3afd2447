"""Whether hosts can be reached: a TCP connection and, where the address asks for it, TLS. No request is sent."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

_LONGEST_S = 5.0


def reach(addresses: Mapping[str, str]) -> dict[str, str | None]:
    """Connect to all of them at once and hang up.

    Args:
        addresses: base URLs by endpoint.

    Returns:
        By endpoint: None where the host answered, else what went wrong.
    """
    return asyncio.run(_all(addresses))


async def _all(addresses: Mapping[str, str]) -> dict[str, str | None]:
    found = await asyncio.gather(*(_one(address) for address in addresses.values()))
    return dict(zip(addresses, found, strict=True))


async def _one(address: str) -> str | None:
    try:
        host, port, secure = _parts(address)
    except ValueError:
        return "base_url is not an address; write scheme, host and path, such as https://api.example.com"
    try:
        async with asyncio.timeout(_LONGEST_S):
            await _connect(host, port, secure=secure)
    except TimeoutError:
        return f"no answer from {host}:{port} within {_LONGEST_S:g} s"
    except ssl.SSLError as error:
        return f"no TLS with {host}:{port}: {error.reason or 'refused'}"
    except OSError as error:
        return f"no connection to {host}:{port}: {error.strerror or type(error).__name__}"
    return None


def _parts(address: str) -> tuple[str, int, bool]:
    """Host, port, and whether TLS is asked for. Raises ValueError where it is not an address."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(address)
    secure = parts.scheme == "https"
    return parts.hostname, parts.port or (443 if secure else 80), secure


async def _connect(host: str, port: int, *, secure: bool) -> None:
    tls = ssl.create_default_context() if secure else None
    _, writer = await asyncio.open_connection(host, port, ssl=tls)
    writer.close()
    with suppress(OSError):  # it has answered; how it hangs up does not matter
        await writer.wait_closed()
