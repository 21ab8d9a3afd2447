"""Questions to the sockets: what reached the vendors, when, and what they said to it."""

from collections.abc import Iterator, Sequence

from offramp_conformance.drill.evidence import Evidence, LoggedSend, SeenVendor
from offramp_conformance.drill.finding import NO_COUNTERS, NO_ORDER, Finding, unless, unseen

_CLOCKS_S = 0.05
"""How far the log's wall clock and the host's monotonic clock may have drifted apart within a drill."""


def silence_after_stop(evidence: Evidence) -> Finding:
    """From the moment all replicas have acknowledged, nothing arrives at the first vendor."""
    vendor, order = evidence.first_vendor, evidence.order
    if order is None:
        return Finding(held=False, measured="no stop", why=NO_ORDER)
    if vendor is None:
        late = [send for send in evidence.log.sends if send.endpoint == evidence.first and send.t > order.stop_s]
        faults = [f"{send.t - order.committed_s:.3f} s after the commit" for send in late]
        return unless(faults, f"{len(late)} sends by our own log; the vendor's side cannot be seen")
    faults = [
        f"a request {request.t_first_byte - order.committed_s:.3f} s after the commit"
        for request in vendor.requests
        if request.t_last_byte > order.stop_s
    ]
    if not faults and vendor.bytes_after_stop:
        faults = [f"{vendor.bytes_after_stop} bytes of no request"]
    return unless(faults, f"{vendor.requests_after_stop} requests, {vendor.bytes_after_stop} bytes")


def streams_cut(evidence: Evidence) -> Finding:
    """Whatever streamed from the first vendor at the commit was over within the limit, and all replicas said so."""
    vendor, order = evidence.first_vendor, evidence.order
    if order is None:
        return Finding(held=False, measured="no stop", why=NO_ORDER)
    faults: list[str] = []
    if order.acknowledged < order.replicas:
        faults.append(f"{order.replicas - order.acknowledged} of {order.replicas} replicas did not acknowledge")
    if vendor is None:
        return unless(faults, f"{order.acknowledged} replicas acknowledged") if faults else unseen(NO_COUNTERS)
    ends = [request.t_end for request in vendor.requests if request.stream]
    late = [end for end in ends if end is None or end > order.committed_s + evidence.cut_limit_s]
    if late:
        faults.append(f"{len(late)} streams were open later than {evidence.cut_limit_s:g} s after the commit")
    after = [end - order.committed_s for end in ends if end is not None and end > order.committed_s]
    last = f", the last after {max(after):.3f} s" if after else ""
    return unless(faults, f"{sum(request.cut == 'client' for request in vendor.requests)} cut{last}")


def latency_of(evidence: Evidence) -> float | None:
    """Seconds from the order's commit to the last byte that the first vendor received; below 0: none came after it."""
    vendor, order = evidence.first_vendor, evidence.order
    if order is None:
        return None
    if vendor is None:
        last = max((send.t for send in evidence.log.sends if send.endpoint == evidence.first), default=None)
    else:
        last = vendor.t_last_byte
    return None if last is None else last - order.committed_s


def cut_latency(evidence: Evidence) -> Finding:
    """No byte later than a second after the commit."""
    latency = latency_of(evidence)
    if latency is None:
        return Finding(held=False, measured="not measured", why=NO_ORDER)
    limit = evidence.cut_limit_s
    measured = "no byte after the commit" if latency <= 0 else f"{latency:.3f} s"
    if evidence.first_vendor is None:
        measured += " (last send by our own log)"
    return unless([f"{latency:.3f} s is above {limit:g} s"] if latency > limit else [], measured)


def no_rejection(evidence: Evidence) -> Finding:
    """Strict vendors found nothing to complain about."""
    if evidence.first_vendor is None or evidence.second_vendor is None:
        faults = [f"{one.script.id}: {one.failure}" for one in evidence.conversations if _rejects(one.failure_status)]
        return unless(faults, f"{len(faults)} conversations ended by one; the vendors' side cannot be seen")
    named = ((evidence.first, evidence.first_vendor), (evidence.second, evidence.second_vendor))
    faults = [
        f"{name} answered {request.status} by its rule {request.rule}"
        for name, vendor in named
        for request in vendor.requests
        if _rejects(request.status)
    ]
    return unless(faults, f"{len(faults)} rejections in {sum(len(one.requests) for _, one in named)} requests")


def _rejects(status: int | None) -> bool:
    return status is not None and 400 <= status < 500


def decided_before_send(evidence: Evidence) -> Finding:
    """Each use of permission follows a decision, and each request that a vendor counted follows such a use."""
    faults = [
        f"a send to {send.endpoint} without a decision before it" for send in evidence.log.sends if not send.decided
    ]
    vendors = ((evidence.first, evidence.first_vendor), (evidence.second, evidence.second_vendor))
    for name, vendor in vendors:
        if vendor is not None:
            faults += _unsent(name, vendor, [send for send in evidence.log.sends if send.endpoint == name])
    counted = sum(len(vendor.requests) for _, vendor in vendors if vendor is not None)
    return unless(faults, f"{len(evidence.log.sends)} sends in the log, {counted} requests counted")


def _unsent(name: str, vendor: SeenVendor, sends: Sequence[LoggedSend]) -> Iterator[str]:
    """Requests that came before the log knew of as many sends."""
    known = sorted(send.t for send in sends)
    arrived = sorted(request.t_first_byte for request in vendor.requests)
    for place, moment in enumerate(arrived):
        if place >= len(known) or known[place] > moment + _CLOCKS_S:
            yield f"request {place + 1} of {name} is not in the decision log before its first byte"


def log_sound(evidence: Evidence) -> Finding:
    """Nothing was altered, taken out or cut off."""
    faults = list(evidence.log.problems)
    if not evidence.log.records:
        faults = faults or ["there is no log"]
    return unless(faults, f"{evidence.log.records} records")
