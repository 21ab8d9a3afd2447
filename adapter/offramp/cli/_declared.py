"""What a mission declares of its people and of its scale, in sentences: what calls wait for, and what is too much."""

from collections.abc import Iterator

from offramp.cli._policy_glossary import FACET_WORDS, UNSTATED_WORDS, USES
from offramp.contracts.declaration import Declaration
from offramp.contracts.oversight import Limits
from offramp.contracts.uses import UNSTATED
from offramp.oversight import limits_of


def declared_sentences(declaration: Declaration) -> tuple[str, ...]:
    """Who oversees, and how far it reaches."""
    return (_oversight(declaration), *_scale(declaration))


def _oversight(declaration: Declaration) -> str:
    evidence = declaration.evidence
    role = repr(evidence.role) if evidence.role else "that is not named"
    match declaration.facets.oversight:
        case "approve":
            return (
                f"Oversight `approve`: a person in the role {role} approves each call; one without approval is denied."
            )
        case "supervise":
            seconds = (
                f"{evidence.reaction_time_s:g} seconds" if evidence.reaction_time_s else "a time that is not named"
            )
            watches = f"a person in the role {role} watches and can stop it within {seconds}"
            return f"Oversight `supervise`: {watches}; while nobody does, every call is denied."
        case "advisory":
            return "Oversight `advisory`: the answers inform a person who decides; no call waits for anybody."
        case "none":
            return "Oversight `none`: nobody approves or watches."
        case "unstated":
            return "Oversight is not stated: every prohibition that rests on it is met."


def _scale(declaration: Declaration) -> Iterator[str]:
    limits, scale = limits_of(declaration), declaration.facets.scale
    named = "Scale is not stated" if scale == UNSTATED else f"Scale `{scale}`"
    if limits is None:
        yield f"{named}: without [bounds] nothing is counted."
        return
    figures = ", ".join(_figures(limits))
    if scale == "none":
        yield f"{named}: a call that names a subject is denied."
        if not figures:
            return
        named = "[bounds]"
    source = "" if declaration.bounds else " (the usual figures, since [bounds] names none)"
    yield f"{named}: at most {figures} within any {limits.window_s // 3600} hours{source}; what goes beyond is denied."


def _figures(limits: Limits) -> Iterator[str]:
    counted = {
        "distinct people": limits.subjects,
        "calls": limits.calls,
        "foreign declarations behind histories": limits.labels,
    }
    yield from (f"{most:,} {what}".replace(",", " ") for what, most in counted.items() if most)


def declaration_facts(declaration: Declaration) -> Iterator[tuple[str, str]]:
    """Who answers for it, for how long, and on what evidence."""
    approved, evidence = declaration.approved, declaration.evidence
    yield "Owner", declaration.owner
    yield "Approver", declaration.approver
    yield "Approved", f"by {approved.by} on {approved.on}" if approved else "not yet: everything is denied"
    yield "In force from", str(declaration.valid_from)
    yield "Last day (UTC)", str(declaration.valid_until)
    named = {
        "Role that oversees": evidence.role,
        "Authority to stop": evidence.authority_to_stop,
        "Reaction time": f"{evidence.reaction_time_s:g} seconds" if evidence.reaction_time_s else None,
        "Legal citation": evidence.legal_citation,
        "Disclosure": evidence.disclosure,
        "Fail-safe": evidence.fail_safe,
    }
    yield from ((name, word) for name, word in named.items() if word)
    yield from ((f"Approval by the vendor, {name}", word) for name, word in evidence.vendor_approvals.items())


def declaration_rows(declaration: Declaration) -> Iterator[tuple[str, str, str]]:
    """Each use and each facet: its code, what is declared, and what it means."""
    yield from ((use, "declared", USES[use]) for use in declaration.uses)
    for facet, words in FACET_WORDS.items():
        declared: str = getattr(declaration.facets, facet)
        yield facet, declared, UNSTATED_WORDS if declared == UNSTATED else words
