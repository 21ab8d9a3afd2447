"""What a mission declares of itself, and what its organisation approves, adopts and waives."""

from dataclasses import KW_ONLY, field
from datetime import date
from typing import Literal

from offramp.contracts.uses import Facets, UseCode
from offramp.types import value


@value
class Signature:
    """Who said so, and when. A name, not a cryptographic signature."""

    _: KW_ONLY
    by: str
    on: date


@value
class MissionEvidence:
    """References that stand behind a declaration. A claim that needs one and has none denies."""

    _: KW_ONLY
    role: str | None = None
    """Who oversees: the function, and what qualifies it."""
    authority_to_stop: str | None = None
    """The order or rule that lets this person change or stop the effect."""
    reaction_time_s: float | None = None
    """How long the person has between seeing an effect come and its being past recall, in seconds. Above 0."""
    legal_citation: str | None = None
    disclosure: str | None = None
    """How the person affected learns that a machine took part."""
    fail_safe: str | None = None
    """What brings the system to a safe state when the link is lost."""
    vendor_approvals: dict[str, str] = field(default_factory=dict[str, str])
    """A vendor's written approval of this mission, by the `name` of the contract that asks for one."""


@value
class Bounds:
    """How far the declared scale reaches, in figures. What goes beyond is denied, whatever each call says of itself."""

    _: KW_ONLY
    window_hours: int = 24
    """Nothing further back counts. In no window of this length, wherever it begins, is there more than declared."""
    subjects: int | None = None
    """Distinct people. A call that names none counts as one more. Not given: see `oversight.limits_of`."""
    calls: int | None = None
    labels: int | None = None
    """Distinct declarations under which the histories that go along were made."""


@value
class Declaration:
    """A mission's declared use. It comes from its file alone."""

    _: KW_ONLY
    schema: Literal[1]
    mission: str
    owner: str
    approver: str
    uses: tuple[UseCode, ...]
    facets: Facets = field(default_factory=Facets)
    evidence: MissionEvidence = field(default_factory=MissionEvidence)
    bounds: Bounds | None = None
    valid_from: date
    valid_until: date
    """The last day, UTC."""
    approved: Signature | None = None
    """None: not approved yet, which denies."""


@value
class Approval:
    """The organisation's approval of one mission at some endpoints."""

    _: KW_ONLY
    mission: str
    uses: tuple[str, ...]
    """Use codes or patterns."""
    endpoints: tuple[str, ...]
    """Selectors: `endpoint:a`, `developer:acme`, …"""
    by: str
    on: date
    valid_until: date
    max_classification: str | None = None
    """The highest word of the organisation's list that may go there. None: no ceiling."""


@value
class Adoption:
    """The organisation's own decision on a use about which a document is silent."""

    _: KW_ONLY
    document: str
    version: str
    uses: tuple[str, ...]
    reason: str
    by: str
    on: date
    valid_until: date


@value
class Waiver:
    """Lifts what a move carried over from another endpoint; never floor, vendor, channel or agreement."""

    _: KW_ONLY
    mission: str
    document: str
    """The `name` of the contract whose clauses were carried over, or `endpoint:a` for all that came from there."""
    clauses: tuple[str, ...]
    """Clause ids, or `*`."""
    authority: str
    second_authority: str | None = None
    """Another name. Required where the mission uses surv.*, intel.* or force.*."""
    reason: str
    on: date
    valid_until: date


@value
class Organisation:
    """What the organisation has decided."""

    _: KW_ONLY
    schema: Literal[1]
    layer: Literal["organisation"]
    name: str
    version: str
    authority: str
    effective: date
    review_by: date
    valid_until: date
    allow_unreviewed: bool = False
    """Whether permits of illustrative, unreviewed contracts may be used. Shown in every report."""
    classifications: tuple[str, ...] = ()
    """In rising order."""
    approvals: tuple[Approval, ...] = ()
    adoptions: tuple[Adoption, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@value
class WaiverFile:
    """Waivers in a file of their own."""

    _: KW_ONLY
    schema: Literal[1]
    waivers: tuple[Waiver, ...]
