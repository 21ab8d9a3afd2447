"""The grounds of a decision in words: which sentence stands against it, and who could change that."""

from collections.abc import Sequence
from typing import Final

from offramp.contracts.declaration import Adoption, Declaration
from offramp.contracts.policy import Decision, Effect, Layer, PolicyContract, Reason
from offramp.errors import PolicyDenied
from offramp.policy.documents import Loaded, Unreadable
from offramp.policy.table import needs_in, use_codes
from offramp.policy.terms import Hit, Terms
from offramp.types import Identity

_MEND: Final = "correct the file; until then everything it might bind is denied"


def forbid(hit: Hit) -> Reason:
    """A forbid that stands in the endpoint's own terms, in the floor or in a carry-over contract."""
    return _forbid(hit, hit.terms.contract.layer, mend_of(hit.terms.contract))


def carried_forbid(hit: Hit, other: Identity) -> Reason:
    """A forbid that stands in the terms of another endpoint of the route."""
    mend = f"a waiver of the organisation that names it; it is carried over from endpoint {other.endpoint!r}"
    return _forbid(hit, "carry-over", mend)


def _forbid(hit: Hit, layer: Layer, mend: str) -> Reason:
    contract, clause = hit.terms.contract, hit.row.clause
    doubt = " (an uncertain reading, which denies)" if clause.confidence == "uncertain" else ""
    return Reason(
        layer=layer,
        effect="forbid",
        clause=clause.id,
        document=f"{contract.name} {contract.version}",
        section=clause.section,
        text=f"{clause.text}{doubt}",
        mend=mend,
    )


def mend_of(contract: PolicyContract) -> str:
    match contract.layer:
        case "floor":
            return "nobody: the floor is above every agreement; declare what is so, or use no model for it"
        case "carry-over":
            return "a waiver of the organisation that names this clause, with an authority, a reason and an end"
        case "vendor":
            return f"{contract.authority}, by an agreement that supersedes {contract.name} {contract.version}"
        case "channel" | "agreement":
            return f"{contract.authority}, by new terms"


def words(bits: int) -> str:
    return ", ".join(use_codes(bits))


def reason(layer: Layer, effect: Effect, text: str, *, mend: str) -> Reason:
    return Reason(layer=layer, effect=effect, clause=None, text=f"{text}.", mend=mend)


def expired_contract(contract: PolicyContract) -> Reason:
    return Reason(
        layer=contract.layer,
        effect="expired",
        clause=None,
        document=f"{contract.name} {contract.version}",
        text=f"The contract was valid until {contract.valid_until}.",
        mend="read the document again, and date the contract anew",
    )


def unusable(contract: PolicyContract) -> Reason:
    return Reason(
        layer=contract.layer,
        effect="missing",
        clause=None,
        document=f"{contract.name} {contract.version}",
        text="Nobody with authority has reviewed this contract, so it permits nothing.",
        mend="have it reviewed, or set allow_unreviewed = true in the organisation's file",
    )


def silent(contract: PolicyContract, left: int | None = None) -> Reason:
    """Nothing in the document permits these uses; none named: whatever is meant beside it."""
    may_adopt = contract.silence == "org-decides"
    return Reason(
        layer=contract.layer,
        effect="missing",
        clause=None,
        document=f"{contract.name} {contract.version}",
        text=f"Nothing in it permits {words(left) if left else 'this'} as declared, and silence permits nothing.",
        mend="the organisation may adopt it, or agree it with the vendor" if may_adopt else "agree it with the vendor",
    )


def permit(terms: Terms, clause: str | None, section: str | None, text: str) -> Reason:
    contract = terms.contract
    document = f"{contract.name} {contract.version}"
    return Reason(layer=contract.layer, effect="permit", clause=clause, document=document, section=section, text=text)


def adopted(terms: Terms, adoption: Adoption) -> Reason:
    """The organisation's own decision, where the document is silent."""
    return permit(terms, None, None, f"Adopted by {adoption.by} on {adoption.on}: {adoption.reason}")


def lacks_evidence(terms: Terms, lacking: int) -> Reason:
    return Reason(
        layer=terms.contract.layer,
        effect="missing",
        clause=None,
        document=f"{terms.contract.name} {terms.contract.version}",
        text=f"Its permit asks for evidence that is not given: {', '.join(needs_in(lacking))}.",
        mend="add it under [evidence] of the declaration",
    )


def failure(error: Exception) -> Reason:
    """Policy itself failed."""
    text = f"Policy could not be decided ({type(error).__name__}), so it denies."
    return Reason(layer="organisation", effect="error", clause=None, text=text)


def unreadable(one: Unreadable) -> Reason:
    """A file could not be read, or was refused, and nothing takes its place."""
    return Reason(
        layer="organisation",
        effect="error",
        clause=None,
        document=one.where,
        text=one.what,
        mend="correct the file; until then everything it might bind is denied",
    )


def refused(where: str, instead_of: Unreadable) -> Reason:
    """A signed file did not hold, and the last good one is used."""
    text = f"It was refused, and the last good one is used in its place: {instead_of.what}"
    return Reason(
        layer="organisation",
        effect="refused",
        clause=None,
        document=where,
        text=text,
        mend="have it signed again, or put back the signed file",
    )


def kept_instead(where: str, what: str) -> Reason:
    """A file was changed into one that cannot be read, and what stood before is kept."""
    return Reason(
        layer="organisation",
        effect="refused",
        clause=None,
        document=where,
        text=f"It was changed and refused, and what stood before is kept: {what}",
        mend="correct the file; it is read again as soon as it changes",
    )


def repeated(first: str, one: Loaded[PolicyContract]) -> Reason:
    """One contract in two files."""
    contract = one.content
    text = f"{contract.name!r} version {contract.version!r} stands in {first} too."
    mend = "take one away, or give each its own name or version"
    return Reason(layer=contract.layer, effect="error", clause=None, document=one.where, text=text, mend=mend)


def of_another(mission: str, one: Loaded[Declaration]) -> Reason:
    """The declaration is not of this mission."""
    text = f"The declaration is of mission {one.content.mission!r}, not of {mission!r}."
    return Reason(
        layer="declaration", effect="error", clause=None, document=one.where, text=text, mend="name the right file"
    )


def gravest(reasons: Sequence[Reason]) -> Reason:
    """The ground to be told first: one that nobody can change before one that is mended, and then found in vain."""
    return min(reasons, key=lambda one: (one.effect != "forbid", one.effect == "forbid" and one.layer != "floor"))


def denial(decision: Decision) -> PolicyDenied:
    """The error that says why a decision denies, clause by clause, and who could change it."""
    first = gravest(decision.reasons) if decision.reasons else None
    more = len(decision.reasons) - 1
    further = f" (and {more} more)" if more > 0 else ""
    return PolicyDenied(
        f"mission {decision.mission!r} may not use it: {first}{further}" if first else "nothing permits it",
        reasons=[str(reason) for reason in decision.reasons],
        where=f"endpoint {decision.endpoint!r}",
        mend=f"who could change it: {first.mend}" if first and first.mend else None,
    )
