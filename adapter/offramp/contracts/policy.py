"""The policy contract: what terms, channels, agreements and the organisation's floor forbid or permit."""

from dataclasses import KW_ONLY, field
from datetime import date, datetime
from typing import Literal, TypeAlias

from offramp.contracts.oversight import OversightNeed
from offramp.contracts.uses import Facet
from offramp.types import value

Layer: TypeAlias = Literal["floor", "carry-over", "channel", "vendor", "agreement", "organisation", "declaration"]
ContractLayer: TypeAlias = Literal["floor", "carry-over", "channel", "vendor", "agreement"]
Effect: TypeAlias = Literal["forbid", "permit", "missing", "expired", "refused", "error"]
"""`refused`: a signed file did not hold, and the last good one is used in its place."""

ContractKind: TypeAlias = Literal[
    "organisation-floor",
    "carry-over",
    "channel-terms",
    "usage-policy",
    "weight-licence",
    "public-statement",
    "agreement",
]
"""A `public-statement` adds forbids and never governs: it permits nothing."""
ReviewStatus: TypeAlias = Literal["illustrative-unreviewed", "reviewed"]
Silence: TypeAlias = Literal["deny", "org-decides"]
"""Whether the organisation may adopt a use on which the document is silent. Silence itself is never a permit."""
Confidence: TypeAlias = Literal["clear", "weak", "uncertain"]
"""How clearly the document says it. An uncertain forbid still forbids: what is unknown is not permitted."""

EvidenceNeed: TypeAlias = Literal[
    "role", "authority_to_stop", "reaction_time_s", "legal_citation", "disclosure", "fail_safe", "vendor_approval"
]


@value
class Reason:
    """One ground of a decision, so that a person can find the sentence it rests on."""

    _: KW_ONLY
    layer: Layer
    effect: Effect
    clause: str | None
    """Clause id; None where no clause was reached."""
    document: str | None = None
    section: str | None = None
    text: str
    """One sentence in our words. It never quotes content of a call."""
    mend: str | None = None
    """Who could change it, and how. None where nobody can."""

    def __str__(self) -> str:
        place = ", ".join(word for word in (self.document, self.section) if word)
        clause = f" {self.clause}" if self.clause else ""
        return f"{self.layer}{clause} ({self.effect}{': ' + place if place else ''}) {self.text}"


@value
class Decision:
    """Whether one mission may use one endpoint at one instant, and why."""

    _: KW_ONLY
    allowed: bool
    mission: str
    endpoint: str
    at: datetime
    """UTC."""
    reasons: tuple[Reason, ...]
    digests: tuple[str, ...] = ()
    """SHA-256 of every contract and declaration that was read, in order."""
    unreviewed: bool = False
    """Whether an illustrative, unreviewed contract had a part in it. Every report shows this."""
    unsigned: bool = False
    """Whether any file of the mission, other than those that ship, bears no signature. Every report shows this."""
    oversight: tuple[OversightNeed, ...] = ()
    """What people must do for it: a permit that rests on their oversight holds for a send only where it is verified."""


@value
class NotIn:
    """Any value of the facet but these."""

    _: KW_ONLY
    not_in: tuple[str, ...]


Conditions: TypeAlias = dict[Facet, tuple[str, ...] | NotIn]
"""All must hold. `unstated` meets every condition of a forbid and none of a permit, listed or not."""


@value
class ClauseException:
    """Where a clause does not hold. Like a permit, an exception to a forbid is never met by `unstated`."""

    _: KW_ONLY
    uses: tuple[str, ...] = ("*",)
    when: Conditions = field(default_factory=dict[Facet, tuple[str, ...] | NotIn])
    needs: tuple[EvidenceNeed, ...] = ()
    """Evidence that the declaration must give before the exception counts."""


@value
class Clause:
    """One sentence of a document, as a predicate."""

    _: KW_ONLY
    id: str
    effect: Literal["forbid", "permit"]
    uses: tuple[str, ...]
    """Use codes, or patterns: `surv.*`, `*`."""
    when: Conditions = field(default_factory=dict[Facet, tuple[str, ...] | NotIn])
    exceptions: tuple[ClauseException, ...] = ()
    needs: tuple[EvidenceNeed, ...] = ()
    """Evidence that a permit asks for."""
    document: str
    section: str | None = None
    text: str
    """A paraphrase in our own words."""
    confidence: Confidence = "clear"


@value
class Source:
    """Where a contract was read from."""

    _: KW_ONLY
    document: str
    url: str | None = None
    effective: date
    """The day the text itself gives; the day it was published where it gives none."""
    retrieved: date
    sha256: str
    """Of the text as retrieved. `unrecorded` is taken in an illustrative contract only."""


@value
class Superseded:
    """One document, in one version, that an agreement replaces."""

    _: KW_ONLY
    document: str
    """The `name` of the vendor's contract."""
    version: str


@value
class PolicyContract:
    """What one document forbids and permits, as dated data."""

    _: KW_ONLY
    schema: Literal[1]
    layer: ContractLayer
    kind: ContractKind
    name: str
    version: str
    authority: str
    """Who may change it."""
    applies_to: tuple[str, ...] = ()
    """Selectors, any of which may match: `developer:…` or `model:…` for a vendor, `host:…`, `reseller:…` or `region:…`
    for a channel, `agreement:…` for an agreement, `endpoint:…` for any. Floor and carry-over bind everyone: none."""
    effective: date
    """The first day, UTC."""
    retrieved: date
    review_by: date
    """Warns 30, 7 and 1 days ahead."""
    valid_until: date | None = None
    """The last day, UTC; the day after, it denies. Only floor and carry-over may leave it out."""
    status: ReviewStatus
    silence: Silence = "deny"
    sources: tuple[Source, ...]
    supersedes: tuple[Superseded, ...] = ()
    carried_from: tuple[str, ...] = ()
    """Of a carry-over contract: the endpoints whose terms these were, `endpoint:a`. A waiver may name them so."""
    clauses: tuple[Clause, ...]
