"""Needs that have a value, held against the limits, figures and terms of an endpoint.

Each answer says both numbers. What nobody states is unknown, and unknown never satisfies.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from offramp.contracts.capability import Capability, Finding, Fit, Limits, Requirement
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.evidence import Evidence
from offramp.contracts.needs import Demand, MediaNeed, NeedName, Needs
from offramp.contracts.offer import Price, price_of
from offramp.json_schema import unenforced
from offramp.negotiation.claims import cited, fit_of

_Judge: TypeAlias = Callable[[NeedName, Demand, Endpoint], Finding]

_MILLION: Final = 1_000_000


def figure_findings(demand: Demand, endpoint: Endpoint) -> Iterator[Finding]:
    """How each need that is given is met, in the order of `Needs`."""
    for name in demand.needs.given:
        yield _JUDGES[name](name, demand, endpoint)


def _found(name: NeedName, fit: Fit, why: str, evidence: Evidence | None) -> Finding:
    return Finding(requirement=name, fit=fit, why=cited(why, evidence), evidence=evidence)


def _compared(bound: Literal["most", "least"], field: str) -> _Judge:
    """A judge of one figure: the offered one must be the need at `least`, or at `most`."""

    def judge(name: NeedName, demand: Demand, endpoint: Endpoint) -> Finding:
        needed: Any = getattr(demand.needs, name)
        offered = endpoint.offered(field)
        if offered is None:
            return _found(name, "unknown", f"needs {needed}; nobody states {field}", None)
        stated, evidence = offered
        meets = stated >= needed if bound == "least" else stated <= needed
        return _found(name, "satisfied" if meets else "unsatisfiable", f"needs {needed}, offers {stated}", evidence)

    return judge


def _counted(requirement: Requirement) -> _Judge:
    """A judge of a number that the limit of a capability bounds."""

    def judge(name: NeedName, demand: Demand, endpoint: Endpoint) -> Finding:
        return _limited(name, endpoint.capability(requirement), lambda limits: _count(demand.needs, name, limits))

    return judge


_Verdict: TypeAlias = tuple[Fit, str]


def _limited(name: NeedName, claim: Capability | None, judge: Callable[[Limits], _Verdict]) -> Finding:
    """Nothing is within the limits of what the endpoint does not have."""
    if claim is None:
        return _found(name, "unknown", "nobody has claimed it, either way", None)
    fit = fit_of(claim.support)
    if fit != "satisfied":
        return _found(name, fit, claim.support, claim.evidence)
    limits = claim.limits or Limits()
    verdict, why = judge(limits)
    return _found(name, verdict, why, limits.evidence or claim.evidence)


def _count(needs: Needs, name: NeedName, limits: Limits) -> _Verdict:
    return _within(name, getattr(needs, name), limits.count)


def _within(what: str, needed: int, bound: int | None) -> _Verdict:
    if bound is None:
        return "unknown", f"needs {needed}; no limit of {what} is stated"
    return ("satisfied" if needed <= bound else "unsatisfiable"), f"needs {needed}, takes {bound} at most"


def _tool_names(name: NeedName, demand: Demand, endpoint: Endpoint) -> Finding:
    def judge(limits: Limits) -> _Verdict:
        if limits.name_pattern is None:
            return "unknown", "no pattern of names is stated"
        refused = [each for each in demand.needs.tool_names if not re.fullmatch(limits.name_pattern, each)]
        if refused:
            return "unsatisfiable", f"{', '.join(map(repr, refused))} does not match {limits.name_pattern}"
        return "satisfied", f"all match {limits.name_pattern}"

    return _limited(name, endpoint.capability("tools"), judge)


def _media(requirement: Requirement) -> _Judge:
    """A judge of media: number, size and types. The worst of the three decides."""

    def judge(name: NeedName, demand: Demand, endpoint: Endpoint) -> Finding:
        need: MediaNeed = getattr(demand.needs, name)
        return _limited(name, endpoint.capability(requirement), lambda limits: _worst(_media_verdicts(need, limits)))

    return judge


def _media_verdicts(need: MediaNeed, limits: Limits) -> Iterator[_Verdict]:
    if need.count is not None:
        yield _within("number", need.count, limits.count)
    if need.largest_bytes is not None:
        yield _within("size", need.largest_bytes, limits.largest_bytes)
    if need.media_types:
        yield _listed("media type", need.media_types, limits.media_types)


def _listed(what: str, needed: Collection[str], offered: Collection[str] | None) -> _Verdict:
    """Whether all that is needed is offered."""
    if offered is None:
        return "unknown", f"no {what} is stated"
    missing = sorted(set(needed) - set(offered))
    if missing:
        return "unsatisfiable", f"not {', '.join(missing)}"
    return "satisfied", f"has {', '.join(needed)}"


_RANK: Final[Mapping[Fit, int]] = {"satisfied": 0, "emulated": 1, "degraded": 2, "unknown": 3, "unsatisfiable": 4}


def _worst(verdicts: Iterator[_Verdict]) -> _Verdict:
    each = list(verdicts)
    if not each:
        return "satisfied", "taken"
    fit, _ = max(each, key=lambda verdict: _RANK[verdict[0]])
    return fit, "; ".join([why for _, why in each])


def _schema(name: NeedName, demand: Demand, endpoint: Endpoint) -> Finding:
    def judge(limits: Limits) -> _Verdict:
        if limits.keywords is None:
            return "unknown", "which keywords are enforced is not stated"
        missing = unenforced(demand.schema or {}, limits.keywords)
        if not missing:
            return "satisfied", "every keyword is enforced"
        return "unsatisfiable", f"not enforced: {', '.join(missing)}"

    found = _limited(name, endpoint.capability("structured_output"), judge)
    if found.fit == "satisfied" or "validation" not in demand.emulations:
        return found
    return Finding(
        requirement=name,
        fit="emulated",
        why=f"{found.why}; Offramp validates the answer",
        evidence=found.evidence,
        emulations=("validation",),
    )


def _residency(name: NeedName, demand: Demand, endpoint: Endpoint) -> Finding:
    offered = endpoint.offered("residency")
    if offered is None:
        return _found(name, "unknown", "nobody states where data is processed", None)
    places, evidence = offered
    outside = sorted(set(places) - set(demand.needs.residency))
    if outside:
        return _found(name, "unsatisfiable", f"data may be in {', '.join(outside)}", evidence)
    return _found(name, "satisfied", f"in {', '.join(places)} only", evidence)


def _fits_context(name: NeedName, _: Demand, endpoint: Endpoint) -> Finding:
    """Before a call only that it can be told; `size` holds each request against it."""
    offered = endpoint.offered("context_tokens")
    if offered is None:
        return _found(name, "unknown", "nobody states context_tokens", None)
    return _found(
        name, "satisfied", f"each request is held against {offered[0]} tokens by an over-estimate", offered[1]
    )


def _no_training(name: NeedName, _: Demand, endpoint: Endpoint) -> Finding:
    offered = endpoint.offered("trains_on_data")
    if offered is None:
        return _found(name, "unknown", "nobody states whether it trains on the data", None)
    trains, evidence = offered
    why = "it may train on the data" if trains else "it does not train on the data"
    return _found(name, "unsatisfiable" if trains else "satisfied", why, evidence)


def _authorisations(name: NeedName, demand: Demand, endpoint: Endpoint) -> Finding:
    offered = endpoint.offered("authorisations")
    held, evidence = offered or (None, None)
    fit, why = _listed("authorisation", demand.needs.authorisations, held)
    return _found(name, fit, why, evidence)


def _cost(name: NeedName, demand: Demand, endpoint: Endpoint) -> Finding:
    """The dearest call: the whole of `context_tokens`, as much of it as may be in output tokens."""
    needs, ceiling = demand.needs, demand.needs.max_cost_usd
    if needs.context_tokens is None or needs.output_tokens is None or ceiling is None:
        return _found(name, "unknown", "state context_tokens and output_tokens to know what a call costs", None)
    input_tokens = needs.context_tokens - min(needs.output_tokens, needs.context_tokens)
    offered = price_of(endpoint.prices, input_tokens)
    if offered is None:
        why = f"needs at most {ceiling} USD; the price of {input_tokens} tokens of input is not known"
        return _found(name, "unknown", why, None)
    price, evidence = offered
    cost = cost_usd(price, input_tokens, needs.output_tokens)
    if cost is None:
        return _found(name, "unknown", f"needs at most {ceiling} USD; a part of its price is not known", evidence)
    why = f"needs at most {ceiling} USD, the dearest call costs {cost} USD"
    return _found(name, "satisfied" if cost <= ceiling else "unsatisfiable", why, evidence)


def cost_usd(price: Price, input_tokens: int, output_tokens: int) -> Decimal | None:
    """What a call costs with nothing read from a cache. None: the price is not known."""
    if price.input_usd is None or price.output_usd is None:
        return None
    return (price.input_usd * input_tokens + price.output_usd * output_tokens) / _MILLION


_JUDGES: Final[Mapping[NeedName, _Judge]] = {
    "context_tokens": _compared("least", "context_tokens"),
    "fits_context": _fits_context,
    "output_tokens": _compared("least", "max_output_tokens"),
    "tool_count": _counted("tools"),
    "tool_names": _tool_names,
    "stop_sequences": _counted("stop"),
    "candidates": _counted("candidates"),
    "alternatives": _counted("logprobs"),
    "images": _media("input.images"),
    "documents": _media("input.documents"),
    "audio": _media("input.audio"),
    "video": _media("input.video"),
    "output_schema": _schema,
    "max_cost_usd": _cost,
    "residency": _residency,
    "retention_days": _compared("most", "retention_days"),
    "no_training": _no_training,
    "authorisations": _authorisations,
    "first_output_s": _compared("most", "first_output_s"),
    "output_tokens_per_s": _compared("least", "output_tokens_per_s"),
}
