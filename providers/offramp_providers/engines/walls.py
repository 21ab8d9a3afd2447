"""Where the process that holds LiteLLM may connect to: one port on loopback, our relay's. It cannot be undone.

Two walls, one behind the other. Python's own sockets and processes are watched by an audit hook, everywhere. Native
code opens sockets past it; on Linux from 6.7 the kernel (Landlock) holds TCP of the whole process to the same port.
"""

import ctypes
import os
import struct
import sys
from typing import Any, Final

from offramp.types import value

_PROCESSES: Final = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile"}
)
_OUTBOUND: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKUPS: Final = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)
_NATIVE: Final = frozenset({"grpc", "uvloop", "pycares", "pycurl", "curl_cffi", "zmq"})
"""Modules that open sockets in native code. None of them is needed to reach loopback."""

_MOST_REMEMBERED: Final = 10_000


class Refused(OSError):
    """LiteLLM tried to go around the relay, or to have another process do it."""


@value
class Walls:
    """The walls of this process, and what has run against them."""

    port: int
    refused: list[str]
    """Whom something here tried to reach, in order. Never a path or a content."""
    kernel: bool
    """Whether the kernel holds native code too."""


def raise_walls(port: int) -> Walls:
    """Close this process in. Call it before any other thread begins, and before LiteLLM is imported."""
    walls = Walls(port, [], _hold_by_kernel(port))
    sys.addaudithook(lambda event, arguments: _watch(walls, event, arguments))
    return walls


def _watch(walls: Walls, event: str, arguments: tuple[Any, ...]) -> None:
    if event in _OUTBOUND:
        address = arguments[1]
        if isinstance(address, tuple) and address[:2] != ("127.0.0.1", walls.port):
            _refuse(walls, f"{address[0]}:{address[1]}")
        elif isinstance(address, (str, bytes)):
            _refuse(walls, "a local socket")
    elif event in _LOOKUPS:
        if arguments[0] not in ("127.0.0.1", b"127.0.0.1", None):
            _refuse(walls, _text(arguments[0]))
    elif event in _PROCESSES:
        raise Refused("no other process may be started")
    elif event == "import" and str(arguments[0]).partition(".")[0] in _NATIVE:
        raise ImportError(f"{arguments[0]} is not loaded here")


def _refuse(walls: Walls, whom: str) -> None:
    if len(walls.refused) < _MOST_REMEMBERED:
        walls.refused.append(whom)
    raise Refused(f"only the relay may be reached, not {whom}")


def _text(host: object) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)


# Landlock: include/uapi/linux/landlock.h, network rules from ABI 4 (Linux 6.7). Read 2026-11-26.
_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION: Final = 1
_CONNECT_TCP: Final = 2
_RULE_NET_PORT: Final = 2
_NO_NEW_PRIVILEGES: Final = 38
_FIRST_ABI_WITH_NETWORK: Final = 4


def _hold_by_kernel(port: int) -> bool:
    """Whether the kernel now refuses this process every TCP connection but to this port."""
    if not sys.platform.startswith("linux"):
        return False
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.syscall(_CREATE_RULESET, None, 0, _VERSION) < _FIRST_ABI_WITH_NETWORK:
        return False
    handled = struct.pack("QQ", 0, _CONNECT_TCP)
    rules = kernel.syscall(_CREATE_RULESET, handled, len(handled), 0)
    if rules < 0:
        return False
    try:
        allowed = struct.pack("QQ", _CONNECT_TCP, port)
        return bool(
            kernel.syscall(_ADD_RULE, rules, _RULE_NET_PORT, allowed, 0) == 0
            and kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
            and kernel.syscall(_RESTRICT_SELF, rules, 0) == 0
        )
    finally:
        os.close(rules)
