"""Faults that are built into a worker, to show that each is found from outside.

Only workers of a sabotaged drill use them. They replace seams of this process; nothing in the library knows of them.
"""

from collections.abc import Callable, Mapping
from typing import Final

from offramp_conformance.drill.faults import answers, permission, requests
from offramp_conformance.drill.settings import Sabotage

_FAULTS: Final[Mapping[Sabotage, Callable[[str, str], None]]] = {
    "gate-off": permission.gate_off,
    "tool-twice": answers.tool_twice,
    "foreign-signature": requests.foreign_signature,
    "splice": answers.splice,
    "invented-end": answers.invented_end,
    "silent-loss": requests.silent_loss,
    "retry-after-stop": permission.retry_after_stop,
    "refusal-failover": answers.refusal_failover,
    "late-cut": permission.late_cut,
    "log-off": permission.log_off,
}


def build_in(name: Sabotage, *, first: str, second: str) -> None:
    """Build a fault into this process.

    Args:
        name: which one.
        first: the endpoint that is lost.
        second: the one that takes over.
    """
    _FAULTS[name](first, second)
