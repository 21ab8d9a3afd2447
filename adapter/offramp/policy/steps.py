"""The steps of a decision, in their order. Each gives the grounds on which it denies; none means that it is content."""

from collections.abc import Iterable, Iterator
from datetime import date

from offramp.contracts.declaration import Adoption, Approval
from offramp.contracts.policy import Effect, Reason
from offramp.policy.reasons import (
    adopted,
    carried_forbid,
    expired_contract,
    forbid,
    lacks_evidence,
    permit,
    reason,
    silent,
    unusable,
    words,
)
from offramp.policy.table import evidence_bits, reached, use_bits
from offramp.policy.terms import (
    Case,
    Hit,
    Terms,
    binding,
    general_terms,
    governors,
    governs_host,
    governs_vendor,
    hits,
    is_usable,
    is_valid,
    superseding,
    terms_of,
)
from offramp.policy.waivers import is_lifted, is_waived_whole
from offramp.types import Identity, Selector


def validity(case: Case, identity: Identity, day: date) -> Iterator[Reason]:
    """Everything that governs is there, and in force."""
    declared = case.declaration
    if not case.of_history and not declared.valid_from <= day <= declared.valid_until:
        span = f"is valid from {declared.valid_from} to {declared.valid_until}"
        yield reason("declaration", "expired", f"The declaration {span}", mend="have its owner renew it")
    for terms in general_terms(case, day):
        if not is_valid(terms.contract, day):
            yield expired_contract(terms.contract)
    named = terms_of(case, identity, day)
    for terms in named:
        if not is_valid(terms.contract, day) and not superseding(case, terms, named, day):
            yield expired_contract(terms.contract)
    yield from _without_terms(case, identity, day)


def _without_terms(case: Case, identity: Identity, day: date) -> Iterator[Reason]:
    for one in (identity, *(other for other in case.route if other.endpoint != identity.endpoint)):
        if is_waived_whole(case, one, identity, day):
            continue
        here = one.endpoint == identity.endpoint
        why = "nothing permits it" if here else "what it forbids binds this route, and is not known"
        if not governs_vendor(case, one, day):
            text = f"No terms of {one.developer!r} are known for endpoint {one.endpoint!r} (unresearched): {why}"
            mend = f"add its terms as a contract to `policy`; `offramp policy new {one.developer}` begins one"
            yield reason("vendor", "missing", text, mend=mend)
        if not governs_host(case, one, day):
            who = f"reseller:{one.reseller}" if one.reseller else f"host:{one.host}"
            text = f"No terms of {who} are known for endpoint {one.endpoint!r} (unresearched): {why}"
            yield reason("channel", "missing", text, mend=f"add its terms as a contract for {who} to `policy`")
    named = terms_of(case, identity, day)
    if identity.agreement is not None and not any(terms.contract.layer == "agreement" for terms in named):
        text = f"The agreement {identity.agreement!r} of endpoint {identity.endpoint!r} is not known, or not begun"
        yield reason("agreement", "missing", text, mend="add the agreement's file")


def completeness(case: Case, day: date) -> Iterator[Reason]:
    """The declaration was approved by somebody, by now."""
    declared = case.declaration
    if not declared.uses:
        yield reason("declaration", "missing", "No use is declared", mend="declare each use by its code")
    if case.of_history:
        return
    if declared.approved is None or declared.approved.on > day:
        text = f"The declaration of mission {declared.mission!r} is not approved"
        yield reason("declaration", "missing", text, mend=f"have {declared.approver} enter `approved`")


def approval(case: Case, identity: Identity, day: date) -> Iterator[Reason]:
    """The organisation approves every declared use of the mission at this endpoint."""
    mission, left, expired = case.declaration.mission, case.uses, False
    for organisation in case.organisations:
        for one in organisation.approvals:
            if one.mission != mission or not any(Selector.parse(word).matches(identity) for word in one.endpoints):
                continue
            if not _below_ceiling(case, one, organisation.classifications):
                continue
            if organisation.effective <= day <= organisation.valid_until and one.on <= day <= one.valid_until:
                left &= ~use_bits(one.uses)
            else:
                expired = True
    if left:
        text = f"The organisation does not approve mission {mission!r} at {identity.endpoint!r} for {words(left)}"
        effect: Effect = "expired" if expired else "missing"
        yield reason("organisation", effect, text, mend="add an approval to the organisation's file")


def forbidding(case: Case, identity: Identity, day: date) -> tuple[list[Reason], bool]:
    """Every forbid in force, and whether an unreviewed contract is among them."""
    own = hits(case, (*general_terms(case, day), *binding(case, identity, day)), identity)
    carried = [(hit, other) for other in _others(case, identity) for hit in _carried(case, other, day)]
    kept = [hit for hit in own if not (hit.terms.contract.layer == "carry-over" and is_lifted(case, hit, None, day))]
    reasons = [forbid(hit) for hit in kept] + [carried_forbid(hit, other) for hit, other in carried]
    every = (*kept, *(hit for hit, _ in carried))
    return reasons, any(hit.terms.contract.status != "reviewed" for hit in every)


def permitting(case: Case, identity: Identity, day: date) -> tuple[list[Reason], list[Reason], bool]:
    """Permits for every declared use by every document that governs.

    Returns:
        The permits relied on, the grounds for denial, and whether an unreviewed contract was relied on.
    """
    permits: list[Reason] = []
    denials: list[Reason] = []
    unreviewed = False
    for group in governors(case, identity, day):
        usable = [terms for terms in group if is_usable(case, terms.contract) and is_valid(terms.contract, day)]
        if not usable:
            denials += [unusable(terms.contract) for terms in group if not is_usable(case, terms.contract)]
            continue
        unreviewed |= any(terms.contract.status != "reviewed" for terms in usable)
        found, left, evidence = _permits(case, usable, identity, day)
        permits += found
        denials += evidence
        if left:
            denials.append(silent(usable[0].contract, left))
    return permits, denials, unreviewed


def evidence_given(case: Case) -> Iterator[Reason]:
    """What is claimed about oversight and legal basis has a reference behind it."""
    facets, given = case.declaration.facets, case.declaration.evidence
    missing: list[str] = []
    if facets.oversight in {"approve", "supervise"}:
        missing += [need for need in ("role", "authority_to_stop", "reaction_time_s") if not getattr(given, need)]
    if facets.legal_basis in {"judicial", "statute"} and not given.legal_citation:
        missing.append("legal_citation")
    if missing:
        text = f"The declaration claims what its evidence does not show: {', '.join(missing)}"
        yield reason("declaration", "missing", text, mend="add it under [evidence], or declare what is so")


def _permits(case: Case, group: list[Terms], identity: Identity, day: date) -> tuple[list[Reason], int, list[Reason]]:
    facets, left, found = case.facets_at(identity), case.uses, list[Reason]()
    incomplete: list[tuple[Terms, int, int]] = []
    for terms, row in ((one, row) for one in group for row in one.permits):
        bits = reached(row, case.uses, facets)
        lacking = row.needs & ~evidence_bits(case.declaration.evidence, terms.contract.name)
        if lacking:
            incomplete.append((terms, bits, lacking))
        elif bits & left:
            left &= ~bits
            found.append(permit(terms, row.clause.id, row.clause.section, row.clause.text))
    wanting = [lacks_evidence(terms, lacking) for terms, bits, lacking in incomplete if bits & left]
    for _terms, bits, _lacking in incomplete:
        left &= ~bits  # a document that asks for evidence is not silent: nothing is left to the organisation to adopt
    left, adopted = _adopted(case, group, left, day)
    return found + adopted, left, wanting


def _adopted(case: Case, group: list[Terms], left: int, day: date) -> tuple[int, list[Reason]]:
    """The organisation's own decisions, where the document leaves silence to it."""
    found: list[Reason] = []
    for terms, one in adoptions(case, group, day):
        if use_bits(one.uses) & left:
            left &= ~use_bits(one.uses)
            found.append(adopted(terms, one))
    return left, found


def adoptions(case: Case, group: Iterable[Terms], day: date) -> Iterator[tuple[Terms, Adoption]]:
    """Those in force, of documents that leave their silence to the organisation."""
    for terms in (one for one in group if one.contract.silence == "org-decides"):
        for organisation in case.organisations:
            for one in organisation.adoptions:
                names = (one.document, one.version) == (terms.contract.name, terms.contract.version)
                if names and max(one.on, organisation.effective) <= day <= min(
                    one.valid_until, organisation.valid_until
                ):
                    yield terms, one


def _carried(case: Case, other: Identity, day: date) -> list[Hit]:
    """What the other endpoint's terms forbid, less what a waiver lifts."""
    found = hits(case, binding(case, other, day), other)
    return [hit for hit in found if not is_lifted(case, hit, other, day)]


def _others(case: Case, identity: Identity) -> list[Identity]:
    return [other for other in case.route if other != identity]


def _below_ceiling(case: Case, one: Approval, order: tuple[str, ...]) -> bool:
    """Whether the declared classification may go there. Not stated, or not in the list, is above every ceiling."""
    declared = case.declaration.facets.classification
    if one.max_classification is None:
        return True
    return (
        declared in order
        and one.max_classification in order
        and order.index(declared) <= order.index(one.max_classification)
    )
