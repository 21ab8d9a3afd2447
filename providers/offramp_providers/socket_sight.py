"""What the kernel knows of a socket before the event loop does."""

import asyncio
import select
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

_POLLS = hasattr(select, "poll")  # Windows has none; `select` there takes any number of a socket

Sight: TypeAlias = Callable[[], object]
"""True where something has come, or its end; whether something has is asked anew each time."""


def sight_of(transport: asyncio.BaseTransport) -> Sight:
    """Looks at the socket of a transport, for as long as that is open. A socket that is gone counts as readable."""
    sock: Any = transport.get_extra_info("socket")
    number = -1 if sock is None else sock.fileno()
    if number < 0:
        return lambda: True
    if not _POLLS:
        return lambda: select.select([number], [], [], 0)[0]
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return partial(poll.poll, 0)


def is_readable(transport: asyncio.BaseTransport) -> bool:
    """Whether something has come, or its end. To look more than once, keep the sight."""
    return bool(sight_of(transport)())
