"""Which contracts bind an endpoint on a day, and which of their clauses reach a mission's declaration."""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY
from datetime import date

from offramp.contracts.declaration import Declaration, Organisation, Waiver
from offramp.contracts.policy import Layer, PolicyContract
from offramp.contracts.uses import Channel
from offramp.policy.documents import Loaded
from offramp.policy.table import Row, evidence_bits, facet_bits, reached, row_of, use_bits
from offramp.types import Identity, Selector, value


@value
class Terms:
    """A contract, ready to be tested."""

    contract: PolicyContract
    selectors: tuple[Selector, ...]
    forbids: tuple[Row, ...]
    permits: tuple[Row, ...]


@value
class Hit:
    """A forbid that reaches the declaration."""

    terms: Terms
    row: Row
    uses: int


@value
class Case:
    """All that a decision rests on, except the endpoint and the day."""

    _: KW_ONLY
    declaration: Declaration
    organisations: tuple[Organisation, ...]
    general: tuple[Terms, ...]
    """Floor and carry-over: they bind every endpoint."""
    particular: tuple[Terms, ...]
    """Channel, vendor and agreement: they bind whom they name."""
    route: tuple[Identity, ...]
    """Every endpoint of the mission, prohibited and removed ones included."""
    channels: Mapping[str, Channel]
    """How each endpoint is reached, by its name."""
    waivers: tuple[Waiver, ...]
    """Those that stand in files of their own."""
    accepts_unreviewed: bool
    """Whether the configuration says that unreviewed contracts may be used."""
    of_history: bool
    """Whether this is an earlier declaration, asked only for the data that was made under it."""
    unresearched: frozenset[str] = frozenset()
    """Endpoints, by name, whose vendor's terms nobody has read for it."""

    @property
    def uses(self) -> int:
        """The declared uses as bits."""
        return use_bits(self.declaration.uses)

    def facets_at(self, identity: Identity) -> int:
        """The declared facets as bits, with the channel of that endpoint."""
        return facet_bits(self.declaration.facets, self.channels.get(identity.endpoint))

    @property
    def allows_unreviewed(self) -> bool:
        """Whether somebody has said so in a file: the organisation, or the configuration."""
        return self.accepts_unreviewed or any(one.allow_unreviewed for one in self.organisations)


def terms_from(read: Loaded[PolicyContract]) -> Terms:
    """Make a contract ready."""
    rows = [row_of(clause) for clause in read.content.clauses]
    return Terms(
        read.content,
        tuple(Selector.parse(word) for word in read.content.applies_to),
        tuple(row for row in rows if row.clause.effect == "forbid"),
        tuple(row for row in rows if row.clause.effect == "permit"),
    )


def is_valid(contract: PolicyContract, day: date) -> bool:
    """Whether the contract is in force: begun, and not expired."""
    return contract.effective <= day and (contract.valid_until is None or day <= contract.valid_until)


def general_terms(case: Case, day: date) -> tuple[Terms, ...]:
    """Floor and carry-over that have begun. An expired one still forbids."""
    return tuple(terms for terms in case.general if terms.contract.effective <= day)


def terms_of(case: Case, identity: Identity, day: date) -> tuple[Terms, ...]:
    """The contracts that name the endpoint and have begun, the latest of each name. Expired ones are among them."""
    begun = [
        terms
        for terms in case.particular
        if terms.contract.effective <= day and any(one.matches(identity) for one in terms.selectors)
    ]
    latest: dict[tuple[Layer, str], date] = {}
    for terms in begun:
        key = (terms.contract.layer, terms.contract.name)
        latest[key] = max(latest.get(key, terms.contract.effective), terms.contract.effective)
    return tuple(t for t in begun if t.contract.effective == latest[t.contract.layer, t.contract.name])


def superseding(case: Case, terms: Terms, all_terms: Iterable[Terms], day: date) -> tuple[Terms, ...]:
    """The agreements in force that name this vendor document in this very version."""
    if terms.contract.layer != "vendor":
        return ()
    return tuple(
        other
        for other in all_terms
        if other.contract.layer == "agreement"
        and is_valid(other.contract, day)
        and is_usable(case, other.contract)
        and any(
            one.document == terms.contract.name and one.version == terms.contract.version
            for one in other.contract.supersedes
        )
    )


def is_usable(case: Case, contract: PolicyContract) -> bool:
    """Whether what the contract permits may be relied on: reviewed, or the organisation takes it unreviewed."""
    return contract.status == "reviewed" or case.allows_unreviewed


def binding(case: Case, identity: Identity, day: date) -> tuple[Terms, ...]:
    """The contracts that name the endpoint, less the vendor documents that an agreement supersedes."""
    named = terms_of(case, identity, day)
    return tuple(terms for terms in named if not superseding(case, terms, named, day))


def hits(case: Case, terms: Iterable[Terms], identity: Identity) -> tuple[Hit, ...]:
    """The forbids of these contracts that reach the declaration at this endpoint."""
    uses, facets = case.uses, case.facets_at(identity)
    found: list[Hit] = []
    for one in terms:
        evidence = evidence_bits(case.declaration.evidence, one.contract.name)
        found += [Hit(one, row, bits) for row in one.forbids if (bits := reached(row, uses, facets, evidence))]
    return tuple(found)


def governors(case: Case, identity: Identity, day: date) -> tuple[tuple[Terms, ...], ...]:
    """Groups of contracts, each of which must permit every use: one a vendor document, and one a channel.

    A group is the document itself, or the agreements that supersede it.
    """
    named = terms_of(case, identity, day)
    groups: list[tuple[Terms, ...]] = []
    for terms in named:
        if terms.contract.layer == "channel":
            groups.append((terms,))
        if terms.contract.layer == "vendor" and terms.contract.kind != "public-statement":
            groups.append(superseding(case, terms, named, day) or (terms,))
    return tuple(groups)


def governs_vendor(case: Case, identity: Identity, day: date) -> bool:
    """Whether any document says what the vendor of this endpoint permits."""
    return any(
        terms.contract.layer == "vendor" and terms.contract.kind != "public-statement"
        for terms in terms_of(case, identity, day)
    )


def governs_host(case: Case, identity: Identity, day: date) -> bool:
    """Whether the vendor's terms ship with it, or a contract names whom the endpoint reaches, not the model alone."""
    return identity.endpoint not in case.unresearched or any(
        terms.contract.layer == "agreement" or any(_names_host(one, identity) for one in terms.selectors)
        for terms in terms_of(case, identity, day)
        if terms.contract.kind != "public-statement"
    )


def _names_host(selector: Selector, identity: Identity) -> bool:
    """A reseller's customer has the reseller's terms, not those of the host behind it."""
    own = "host" if identity.reseller is None else "reseller"
    return selector.kind in (own, "endpoint") and selector.matches(identity)
