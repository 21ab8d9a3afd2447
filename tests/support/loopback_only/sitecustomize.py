"""Loaded by every Python that the tests start: a socket to another machine is an error that nobody can mistake."""

import ipaddress
import sys

_HERE = frozenset({None, "", b"", "localhost", b"localhost"})


def _is_here(host: object) -> bool:
    if host in _HERE:
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if not isinstance(address, tuple):  # a Unix socket, or none given
            return
        host = address[0]
    else:
        return
    if not _is_here(host):
        raise RuntimeError(f"the tests may reach this machine only, not {host!r} ({event})")


def guard() -> None:
    """Watch this process from now on. It cannot be undone."""
    sys.addaudithook(_watch)


guard()
