"""Figures of a drill that are no promises: what the hand-off cost, what was lost, what was decided."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import KW_ONLY
from statistics import median, quantiles

from offramp.types import JsonObject, value
from offramp_conformance.drill.bodies import asked_token
from offramp_conformance.drill.evidence import Evidence, SeenTurn, SeenVendor
from offramp_conformance.drill.traffic import latency_of


@value
class Spread:
    """A handful of measurements, in seconds."""

    _: KW_ONLY
    count: int
    median_s: float | None
    p95_s: float | None
    max_s: float | None


@value
class Figures:
    """All of them."""

    _: KW_ONLY
    duration_s: float
    started: int
    finished: int
    turns: int
    turns_by_endpoint: dict[str, int]
    cut_streams: int
    tool_starts: int
    cut_latency_s: float | None
    """From the order's commit to the first vendor's last byte; below 0: none came after it."""
    acknowledged_s: float | None
    """From the commit to the last replica's word."""
    handoff: Spread
    """From the cut of a stream to the first byte of the same question at the second vendor."""
    first_output: Spread
    """From the cut of a stream to the first output of the new answer, where that was streamed."""
    answer: Spread
    """From the cut of a stream to the whole answer."""
    losses: dict[str, int]
    """Losses of the answers, by code, action and severity."""
    decisions: dict[str, int]
    unreviewed: tuple[str, ...]


def figures(evidence: Evidence) -> Figures:
    """Work them out."""
    turns = [turn for one in evidence.conversations for turn in one.turns]
    cut = [turn for turn in turns if turn.cut_s is not None]
    order = evidence.order
    acknowledged = order.acknowledged_s - order.committed_s if order and order.acknowledged_s is not None else None
    return Figures(
        duration_s=evidence.ended_s - evidence.began_s,
        started=sum(one.started_s is not None for one in evidence.conversations),
        finished=sum(one.finished_s is not None for one in evidence.conversations),
        turns=sum(turn.ended_s is not None for turn in turns),
        turns_by_endpoint=dict(Counter(turn.endpoint or "unknown" for turn in turns if turn.ended_s is not None)),
        cut_streams=len(cut),
        tool_starts=len(evidence.tool_starts),
        cut_latency_s=latency_of(evidence),
        acknowledged_s=acknowledged,
        handoff=spread(_handoffs(cut, evidence.second_vendor)),
        first_output=spread(_since_cut(cut, [turn.first_output_s for turn in cut])),
        answer=spread(_since_cut(cut, [turn.ended_s for turn in cut])),
        losses=dict(
            Counter(f"{code}, {action}, {severity}" for turn in turns for code, action, severity in turn.losses)
        ),
        decisions=dict(sorted(evidence.log.decisions.items())),
        unreviewed=evidence.unreviewed,
    )


def _since_cut(cut: Sequence[SeenTurn], moments: Sequence[float | None]) -> list[float]:
    return [
        moment - turn.cut_s
        for turn, moment in zip(cut, moments, strict=True)
        if turn.cut_s is not None and moment is not None
    ]


def _handoffs(cut: Sequence[SeenTurn], second: SeenVendor | None) -> list[float]:
    arrived: dict[str, float] = {}
    for request in second.requests if second else ():
        token = asked_token(request.body)
        if token is not None:
            arrived.setdefault(token, request.t_first_byte)
    return [
        arrived[turn.turn.token] - turn.cut_s for turn in cut if turn.cut_s is not None and turn.turn.token in arrived
    ]


def spread(measured: Sequence[float]) -> Spread:
    """Median, 95th percentile and greatest; None where there are too few to tell."""
    return Spread(
        count=len(measured),
        median_s=median(measured) if measured else None,
        p95_s=quantiles(measured, n=20, method="inclusive")[-1] if len(measured) > 1 else None,
        max_s=max(measured, default=None),
    )


def vendor_json(vendor: SeenVendor | None) -> JsonObject | None:
    """A vendor's own counts, for the report; None where nobody could count."""
    if vendor is None:
        return None
    answered = Counter(str(request.status) for request in vendor.requests if request.status is not None)
    return {
        "requests": len(vendor.requests),
        "bytes": vendor.bytes_received,
        "answered": dict(answered),
        "streams": sum(request.stream for request in vendor.requests),
        "cut_by_client": sum(request.cut == "client" for request in vendor.requests),
        "requests_after_stop": vendor.requests_after_stop,
        "bytes_after_stop": vendor.bytes_after_stop,
    }
