"""What the kernel knows of a socket before the event loop does."""

import asyncio
import select
from typing import Any

_POLLS = hasattr(select, "poll")  # Windows has none; `select` there takes any number of a socket


def is_readable(transport: asyncio.BaseTransport) -> bool:
    """Whether something has come, or its end. A socket that is gone counts as such."""
    sock: Any = transport.get_extra_info("socket")
    number = -1 if sock is None else sock.fileno()
    if number < 0:
        return True
    if not _POLLS:
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
