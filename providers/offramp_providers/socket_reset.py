"""How a connection is dropped when an order says so."""

import asyncio
import contextlib
import socket
import struct
import sys
from typing import Any, Final

_RESET_AT_CLOSE: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


def reset(connection: asyncio.WriteTransport) -> None:
    """Drop a connection so that nothing buffered goes out, neither from the process nor from the kernel."""
    raw: Any = connection.get_extra_info("socket")
    if raw is not None:
        # With this the kernel throws its send buffer away at close; otherwise up to megabytes would still leave.
        with contextlib.suppress(OSError):  # already closed: nothing is buffered any more
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
    connection.abort()
