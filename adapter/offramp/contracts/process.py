"""Which process this is: the system is asked once, and again after a fork, instead of a dozen times for every call."""

import os
import sys


class _Here:
    __slots__ = ("pid",)

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.pid = os.getpid()


_here = _Here()
if sys.platform != "win32":  # nothing forks there
    os.register_at_fork(after_in_child=_here.renew)


def process_id() -> int:
    """This process's id, as `os.getpid` gives it."""
    return _here.pid
