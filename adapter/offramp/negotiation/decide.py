"""What a call needs against what an endpoint claims, before anything is sent.

A need is *hard* or *soft*:

==========================================================  ======  ==================================================
need                                                        kind    what happens where the endpoint does not meet it
==========================================================  ======  ==================================================
everything in a mission's `requires`                        hard    refused: `CapabilityError`
text, streaming, tools, tools.forced, structured_output,    hard    refused: the answer could not be what was asked for
json_output, input.images, input.documents, input.audio
everything else that a request carries: temperature, seed,  soft    a named loss, and `max_loss` decides: the encoder
stop, reasoning, system, caching, …                                 names it, or `without_rejected` does
==========================================================  ======  ==================================================

A claim of `native` satisfies, `emulated` is said to be emulated, `ignored` is degraded (for a hard need: not met),
`rejected` and `unsupported` are unsatisfiable. No claim at all is unknown, and unknown never satisfies.
"""

from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY
from typing import Final, assert_never

from offramp.contracts.capability import Capability, Finding, Fit, Requirement, Support
from offramp.contracts.provider import Endpoint
from offramp.errors import CapabilityError
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
    }
)
"""Needs that no loss can stand for. A mission makes any other hard by naming it in `requires`."""


@value
class Negotiation:
    """How an endpoint meets what a call needs."""

    endpoint: str
    _: KW_ONLY
    who: str
    """Vendor and model, for messages."""
    findings: tuple[Finding, ...]
    """One a requirement, in alphabetical order."""
    hard: frozenset[Requirement]

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """The hard needs that the endpoint does not meet, or is not known to meet."""
        return tuple(each for each in self.findings if each.requirement in self.hard and each.fit not in _MET)

    @property
    def fits(self) -> bool:
        """Whether the call may be sent."""
        return not self.unmet


_MET: Final[frozenset[Fit]] = frozenset({"satisfied", "emulated"})


def negotiate(
    required: Collection[Requirement], endpoint: Endpoint, *, implied: Collection[Requirement] = ()
) -> Negotiation:
    """Hold needs against claims.

    Args:
        required: the mission's `requires`; all of them hard.
        endpoint: whose claims.
        implied: `requirements_of` the request; hard where the table above says so.
    """
    hard = frozenset(required) | (HARD & frozenset(implied))
    needs: set[Requirement] = {*required, *implied}
    return Negotiation(
        endpoint.identity.endpoint,
        who=f"{endpoint.profile.vendor}:{endpoint.identity.model}",
        findings=tuple(_finding(need, endpoint.capability(need)) for need in sorted(needs)),
        hard=hard,
    )


def _finding(need: Requirement, claim: Capability | None) -> Finding:
    if claim is None:
        return Finding(requirement=need, fit="unknown", why="nobody has claimed it, either way")
    evidence = claim.evidence
    source = f", {evidence.source}" if evidence.source else ""
    note = f"; {claim.note}" if claim.note else ""
    why = f"{evidence.level} {claim.support} {evidence.checked.isoformat()}{source}{note}"
    return Finding(requirement=need, fit=_fit(claim.support), why=why, evidence=evidence)


def _fit(support: Support) -> Fit:
    match support:
        case "native":
            return "satisfied"
        case "emulated":
            return "emulated"
        case "ignored":
            return "degraded"
        case "rejected" | "unsupported":
            return "unsatisfiable"
        case _:
            assert_never(support)


def refuse_unless_fit(negotiation: Negotiation) -> None:
    """Refuse a call that the endpoint cannot answer as asked. Nothing has been sent.

    Raises:
        CapabilityError: names endpoint, requirement, claim, the claim's date and the mend.
    """
    unmet = negotiation.unmet
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
    wanted = ", ".join(f"{each.requirement} = native" for each in unmet)
    choose = f"choose an endpoint with {wanted}, or ask without it"
    if any(each.fit == "unknown" for each in unmet):
        return f"add the claim with its evidence to the vendor's profile, {choose}"
    return choose
