"""The promises, each a pure question to the evidence. What the evidence cannot answer is `None`, never `held`."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from offramp.types import value
from offramp_conformance.drill import conduct, exchanges, history, traffic
from offramp_conformance.drill.evidence import Evidence
from offramp_conformance.drill.finding import Finding

Check: TypeAlias = Callable[[Evidence], Finding]


@value
class Promise:
    """One promise, and whether it held."""

    id: str
    title: str
    held: bool | None
    """None: nothing was there to observe it by."""
    measured: str
    """What was measured, in words and figures."""
    limit: str
    """What it had to be."""
    why: str | None
    """What broke it, by the first few places; or why it cannot be told."""


@value
class _Entry:
    id: str
    title: str
    limit: str
    check: Check


_PROMISES: Final[tuple[_Entry, ...]] = (
    _Entry("all-finished", "Every conversation finished", "all that were started", conduct.all_finished),
    _Entry("half-streaming", "Half of them were streaming at the order", "at least half", conduct.half_streaming),
    _Entry(
        "silence-after-stop",
        "Nothing reached the first vendor after the stop",
        "0 requests, 0 bytes",
        traffic.silence_after_stop,
    ),
    _Entry("streams-cut", "Every open stream of the first vendor was cut", "within 1 s", traffic.streams_cut),
    _Entry(
        "cut-latency", "From the order's commit to the first vendor's last byte", "at most 1 s", traffic.cut_latency
    ),
    _Entry("tools-once", "Each tool call was started at most once", "once a call", conduct.tools_once),
    _Entry("no-rejection", "No vendor rejected a request", "0 answers of 400 to 499", traffic.no_rejection),
    _Entry("nothing-spliced", "Nothing was spliced, nothing mixed up", "0 answers", conduct.nothing_spliced),
    _Entry("no-invented-end", "No end of an answer was invented", "0 ends", exchanges.no_invented_end),
    _Entry(
        "no-foreign-state", "No vendor's opaque state was sent to the other", "0 requests", exchanges.no_foreign_state
    ),
    _Entry(
        "every-loss-named", "Every loss of the hand-off is named", "0 left out in silence", history.every_loss_named
    ),
    _Entry("nothing-injected", "Nothing was added to what was said", "0 texts", history.nothing_injected),
    _Entry("refusals-stay", "No refusal was asked again", "0 requests", exchanges.refusals_stay),
    _Entry("decided-before-send", "Policy was decided before each send", "each request", traffic.decided_before_send),
    _Entry("log-sound", "The decision log verifies", "0 problems", traffic.log_sound),
)

PROMISES: Final = tuple(entry.id for entry in _PROMISES)
"""The ids of all promises, in the order of the report."""


def check(evidence: Evidence) -> list[Promise]:
    """Ask every promise."""
    return [_asked(entry, evidence) for entry in _PROMISES]


def broken(promises: Sequence[Promise]) -> list[Promise]:
    """Those that did not hold."""
    return [promise for promise in promises if promise.held is False]


def _asked(entry: _Entry, evidence: Evidence) -> Promise:
    found = entry.check(evidence)
    return Promise(entry.id, entry.title, found.held, found.measured, entry.limit, found.why)
