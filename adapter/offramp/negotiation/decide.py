"""What a mission and a call need against what an endpoint claims, before anything is sent.

The one owner of the decision. A requirement is *hard* or *soft*:

==========================================================  ======  ==================================================
requirement                                                 kind    what happens where the endpoint does not meet it
==========================================================  ======  ==================================================
everything in a mission's `requires` and `needs`            hard    refused: `CapabilityError`
text, streaming, tools, tools.forced, structured_output,    hard    refused: the answer could not be what was asked for
json_output, input.images, input.documents, input.audio,
input.video
everything else that a request carries: temperature, seed,  soft    a named loss, and `max_loss` decides: the encoder
stop, reasoning, system, caching, …                                 names it, or `without_rejected` does
==========================================================  ======  ==================================================

A claim of `native` satisfies, `emulated` is said to be emulated, `ignored` is degraded (where it is hard: not met),
`rejected` and `unsupported` are unsatisfiable. No claim at all is unknown, and unknown never satisfies. A claim that is
`unverified` lets a request be tried, and meets no requirement of a mission: there it is unknown. What is satisfied and
was seen to fail now and then, more often than is tolerated or perhaps so, is degraded and met: only what was refuted
is not trusted. An answer of a given form that an endpoint cannot hold itself to is emulated where the mission lets it:
see `emulate`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import KW_ONLY, replace
from typing import Final

from offramp.contracts.capability import Capability, Emulation, Finding, Requirement
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.evidence import Evidence
from offramp.contracts.lapses import Lapses
from offramp.contracts.needs import Demand
from offramp.contracts.offer import Price
from offramp.errors import CapabilityError
from offramp.negotiation.claims import claimed, dated, fit_of
from offramp.negotiation.figures import figure_findings
from offramp.types import value

HARD: Final[frozenset[Requirement]] = frozenset(
    {
        "text",
        "streaming",
        "tools",
        "tools.forced",
        "structured_output",
        "json_output",
        "input.images",
        "input.documents",
        "input.audio",
        "input.video",
    }
)
"""Requirements that no loss can stand for. A mission makes any other hard by naming it in `requires`."""


@value
class Sizes:
    """What is stated of an endpoint's sizes and prices, each with its evidence. None, or empty: nobody states it."""

    _: KW_ONLY
    context_tokens: tuple[int, Evidence] | None
    max_output_tokens: tuple[int, Evidence] | None
    prices: tuple[tuple[Price, Evidence], ...]
    """Of those that hold for a request, the first counts."""


@value
class Negotiation:
    """How an endpoint meets what a mission and a call need."""

    endpoint: str
    _: KW_ONLY
    who: str
    """Vendor and model, for messages."""
    findings: tuple[Finding, ...]
    """One a requirement, in alphabetical order; then one a need, in the order of `Needs`."""
    hard: frozenset[str]
    limited: tuple[tuple[Requirement, Capability], ...]
    """Claims with limits that a request which implies them is held against."""
    sizes: Sizes

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """What is hard and not met, or not known to be met."""
        return tuple(each for each in self.findings if each.requirement in self.hard and not each.is_met)

    @property
    def fits(self) -> bool:
        """Whether the call may be sent."""
        return not self.unmet

    def emulations(self, requirement: Requirement) -> tuple[Emulation, ...]:
        """By what Offramp may emulate this requirement here, in order of preference. Empty: it does not have to."""
        return next((each.emulations for each in self.findings if each.requirement == requirement), ())


def negotiate(demand: Demand, endpoint: Endpoint, *, implied: Collection[Requirement] = ()) -> Negotiation:
    """Hold needs against claims. Pure: the same three always give the same.

    Args:
        demand: what the mission demands; all of it hard.
        endpoint: whose claims.
        implied: `requirements_of` the request; hard where the table above says so.
    """
    required = demand.requires if demand.schema is None else demand.requires | _ANSWERS_BY_SCHEMA
    requirements: set[Requirement] = {*required, *implied}
    found = (_finding(each, endpoint, demand, implied) for each in sorted(requirements))
    return Negotiation(
        endpoint.identity.endpoint,
        who=f"{endpoint.profile.vendor}:{endpoint.identity.model}",
        findings=(*found, *figure_findings(demand, endpoint)),
        hard=frozenset((*required, *(HARD & frozenset(implied)), *demand.needs.given)),
        limited=tuple(_limited(implied, endpoint)),
        sizes=Sizes(
            context_tokens=endpoint.offered("context_tokens"),
            max_output_tokens=endpoint.offered("max_output_tokens"),
            prices=endpoint.prices,
        ),
    )


def _limited(implied: Collection[Requirement], endpoint: Endpoint) -> Iterator[tuple[Requirement, Capability]]:
    for each in sorted(implied):
        claim = endpoint.capability(each)
        if claim is not None and claim.limits is not None:
            yield each, claim


def _finding(requirement: Requirement, endpoint: Endpoint, demand: Demand, implied: Collection[Requirement]) -> Finding:
    claim = endpoint.capability(requirement)
    found = _claimed(requirement, claim, tried=requirement not in demand.requires)
    if found.fit == "satisfied" or requirement not in _FORMS:
        return _lapsing(found, endpoint.lapses.get(requirement))
    usable: tuple[Emulation, ...] = tuple([each for each in demand.emulations if _usable(each, endpoint, implied)])
    if not usable:
        return _lapsing(found, endpoint.lapses.get(requirement))
    why = f"{_IN_WORDS[usable[0]]}, since the endpoint does not do it itself: {found.why}"
    return Finding(requirement=requirement, fit="emulated", why=why, evidence=found.evidence, emulations=usable)


def _lapsing(found: Finding, seen: tuple[Lapses, Evidence] | None) -> Finding:
    """The finding, with how often it was seen to fail where it is met. None: nobody has seen it fail."""
    if seen is None or not found.is_met:
        return found
    lapses, evidence = seen
    why = f"{found.why}; {lapses} (observed {dated(evidence)})"
    if lapses.standing == "within":
        return replace(found, why=why, lapses=lapses)
    return replace(found, fit="degraded", why=why, evidence=evidence, lapses=lapses)


def _claimed(requirement: Requirement, claim: Capability | None, *, tried: bool) -> Finding:
    """What the claim says; `tried`: a request may find out, and no mission rests on it."""
    if claim is None:
        return Finding(requirement=requirement, fit="unknown", why="nobody has claimed it, either way")
    fit = fit_of(claim.support)
    if fit == "satisfied" and claim.evidence.level == "unverified" and not tried:
        fit = "unknown"
    return Finding(requirement=requirement, fit=fit, why=claimed(claim), evidence=claim.evidence)


_ANSWERS_BY_SCHEMA: Final[frozenset[Requirement]] = frozenset({"structured_output"})

_FORMS: Final[frozenset[Requirement]] = frozenset({"structured_output", "json_output"})
"""An answer of a given form, which can be emulated."""

_IN_WORDS: Final[dict[Emulation, str]] = {
    "forced_tool": "asked for as the arguments of a forced tool",
    "prompt": "asked for in the system prompt",
}

_CARRIED_BY: Final[dict[Emulation, tuple[Requirement, ...]]] = {
    "forced_tool": ("tools", "tools.forced"),
    "prompt": ("text", "system"),
}
_AT_ODDS: Final[dict[Emulation, frozenset[Requirement]]] = {
    # A model that must call our tool cannot call one of the request's own, and some vendors refuse to force a choice
    # while the model reasons.
    "forced_tool": frozenset({"tools", "tools.none", "reasoning"}),
    "prompt": frozenset(),
}


def _usable(emulation: Emulation, endpoint: Endpoint, implied: Collection[Requirement]) -> bool:
    """Whether what the emulation rests on is known to work here, and nothing in the request is at odds with it."""
    if emulation not in _CARRIED_BY or not _AT_ODDS[emulation].isdisjoint(implied):
        return False
    claims = [endpoint.capability(each) for each in _CARRIED_BY[emulation]]
    return all(claim is not None and claim.support == "native" for claim in claims)


def refuse_unless_fit(negotiation: Negotiation) -> None:
    """Refuse a call that the endpoint cannot answer as asked. Nothing has been sent.

    Raises:
        CapabilityError: names endpoint, requirement, claim, the claim's date and the mend.
    """
    refuse(negotiation.unmet, negotiation)


def refuse(unmet: Sequence[Finding], negotiation: Negotiation) -> None:
    """Refuse a call for these findings; with none, do nothing.

    Raises:
        CapabilityError: as `refuse_unless_fit`.
    """
    if not unmet:
        return
    findings = "; ".join(f"{each.requirement} ({each.why})" for each in unmet)
    raise CapabilityError(
        f"{negotiation.who} does not meet {findings}",
        requirements=[each.requirement for each in unmet],
        where=negotiation.endpoint,
        mend=_mend(unmet),
    )


def _mend(unmet: Sequence[Finding]) -> str:
    wanted = ", ".join(each.requirement for each in unmet)
    choose = f"choose an endpoint that meets {wanted}, or ask without it"
    if any(each.fit == "unknown" for each in unmet):
        return f"if you know better, claim it in endpoints.NAME.claims; or {choose}"
    return choose
