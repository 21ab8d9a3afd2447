"""Policy files as values, made in code: sound unless told otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from offramp.contracts.declaration import Adoption, Approval, Declaration, MissionEvidence, Organisation, Signature
from offramp.contracts.policy import Clause, Decision, PolicyContract, Source, Superseded
from offramp.contracts.uses import Facets
from offramp.policy import CompiledPolicy, Loaded, PolicySources, compile_policy
from offramp.types import Identity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
FIRST = date(2026, 1, 1)
LAST = date(2027, 12, 31)

HARMLESS = Facets(
    oversight="advisory",
    weapon_autonomy="not-weapon",
    population="none",
    scale="none",
    data_source="own-system",
    legal_basis="none-needed",
    effect="none",
    customer="private",
    channel="vendor-api",
)
UNREVIEWED: dict[str, Any] = {"status": "illustrative-unreviewed"}
EVIDENCE = MissionEvidence(
    role="duty officer", authority_to_stop="order 3", reaction_time_s=30.0, legal_citation="act 7, section 2"
)


def endpoint(name: str, **parts: Any) -> Identity:
    """An endpoint whose developer and host have the endpoint's own name."""
    return Identity(**{"endpoint": name, "developer": name, "host": name, "model": "m", **parts})


def clause(effect: str, *uses: str, **parts: Any) -> Clause:
    """A clause; its id is its effect unless another is given."""
    return Clause(**{"id": effect, "effect": effect, "uses": uses, "document": "Doc", "text": "Said so.", **parts})


A = endpoint("a")
UNDER_DEAL = endpoint("a", agreement="deal")
YES, NO = clause("permit", "*"), clause("forbid", "*")


def contract(developer: str, /, *clauses: Clause, **parts: Any) -> PolicyContract:
    """A reviewed vendor contract of the developer, named `<developer> terms`."""
    given: dict[str, Any] = {
        "schema": 1,
        "layer": "vendor",
        "kind": "usage-policy",
        "name": f"{developer} terms",
        "version": "1",
        "authority": developer,
        "applies_to": (f"developer:{developer}",),
        "effective": FIRST,
        "retrieved": FIRST,
        "review_by": LAST,
        "valid_until": LAST,
        "status": "reviewed",
        "sources": (Source(document="Doc", effective=FIRST, retrieved=FIRST, sha256="0" * 64),),
        "clauses": clauses or (clause("permit", "*"),),
    }
    return PolicyContract(**{**given, **parts})


def agreement(*clauses: Clause, version: str = "1", **parts: Any) -> PolicyContract:
    """The agreement `deal` with the developer a: in place of this version of `a terms`."""
    given: dict[str, Any] = {
        "layer": "agreement",
        "kind": "agreement",
        "name": "deal",
        "applies_to": ("agreement:deal",),
        "supersedes": (Superseded(document="a terms", version=version),),
    }
    return contract("a", *clauses, **{**given, **parts})


def declaration(*uses: str, facets: Facets = HARMLESS, **parts: Any) -> Declaration:
    """An approved declaration of the mission `triage`."""
    given: dict[str, Any] = {
        "schema": 1,
        "mission": "triage",
        "owner": "owner",
        "approver": "approver",
        "uses": uses or ("gen.draft",),
        "facets": facets,
        "evidence": EVIDENCE,
        "valid_from": FIRST,
        "valid_until": LAST,
        "approved": Signature(by="approver", on=FIRST),
    }
    return Declaration(**{**given, **parts})


def approval(**parts: Any) -> Approval:
    """Everything that `triage` may declare, at the endpoints a to d."""
    given: dict[str, Any] = {
        "mission": "triage",
        "uses": ("*",),
        "endpoints": ("endpoint:a", "endpoint:b", "endpoint:c", "endpoint:d"),
        "by": "approver",
        "on": FIRST,
        "valid_until": LAST,
    }
    return Approval(**{**given, **parts})


def adoption(**parts: Any) -> Adoption:
    """Every use that version 1 of `a terms` leaves to the organisation."""
    given: dict[str, Any] = {
        "document": "a terms",
        "version": "1",
        "uses": ("*",),
        "reason": "weighed",
        "by": "board",
        "on": FIRST,
        "valid_until": LAST,
    }
    return Adoption(**{**given, **parts})


def organisation(**parts: Any) -> Organisation:
    """Approves `triage`."""
    given: dict[str, Any] = {
        "schema": 1,
        "layer": "organisation",
        "name": "org",
        "version": "1",
        "authority": "board",
        "effective": FIRST,
        "review_by": LAST,
        "valid_until": LAST,
        "approvals": (approval(),),
    }
    return Organisation(**{**given, **parts})


def loaded(content: Any) -> Loaded[Any]:
    """As if read from a file."""
    return Loaded(content, where="made.toml", sha256="1" * 64)


def file_of(content: Any, mark: str) -> Loaded[Any]:
    """As if read from a file of its own, with a digest of this one letter."""
    return Loaded(content, where=f"{mark}.toml", sha256=mark * 64)


def sources(*contracts: PolicyContract, **parts: Any) -> PolicySources:
    """All files of the mission, sound unless told otherwise."""
    given: dict[str, Any] = {
        "declaration": loaded(declaration()),
        "organisations": [loaded(organisation())],
        "contracts": [loaded(one) for one in contracts],
    }
    return PolicySources(**{**given, **parts})


def policy(
    *contracts: PolicyContract, route: str | Sequence[Identity] = "a", declared: Declaration | None = None, **parts: Any
) -> CompiledPolicy:
    """The policy of `triage` on a route of one-letter endpoints. Further parts go to `sources` or to the compiler."""
    compiler = {key: parts.pop(key) for key in ("formerly", "channels") if key in parts}
    read = sources(*contracts, **parts)
    if declared is not None:
        read = replace(read, declaration=loaded(declared))
    identities = [endpoint(one) if isinstance(one, str) else one for one in route]
    return compile_policy("triage", read, route=identities, **compiler)


def grounds(decision: Decision) -> list[tuple[str, str]]:
    """The layer and the effect of each."""
    return [(reason.layer, reason.effect) for reason in decision.reasons]
