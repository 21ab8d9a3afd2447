"""What the documents of one place say, whatever a mission declares: which forbid it, and which must permit it."""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY
from datetime import date
from typing import Any

from offramp.contracts.declaration import Declaration
from offramp.contracts.policy import PolicyContract, Reason
from offramp.contracts.uses import Channel
from offramp.policy import reasons as grounds
from offramp.policy import steps
from offramp.policy.compile import case_of
from offramp.policy.documents import Loaded, PolicySources, Unreadable
from offramp.policy.table import use_bits
from offramp.policy.terms import (
    Case,
    Hit,
    Terms,
    binding,
    general_terms,
    governors,
    is_usable,
    is_valid,
    terms_from,
)
from offramp.types import Identity, value


@value
class Governor:
    """A document that must permit every use, or the agreements that stand in its place."""

    terms: tuple[Terms, ...]
    adopted: tuple[tuple[int, Reason], ...]
    """Use bits that the organisation has adopted where the document is silent, and the decision."""


@value
class Position:
    """An endpoint on one day, or a single document."""

    _: KW_ONLY
    name: str
    """For people."""
    refused: tuple[Reason, ...] = ()
    """On these grounds nothing at all is allowed."""
    forbids: tuple[Hit, ...]
    """Every forbid in force, with all of its uses."""
    governors: tuple[Governor, ...]
    """Each must permit. None: it is the text of a document that can only forbid."""
    channel: Channel | None = None
    """How it is reached, where that is known. None: as the mission declares."""
    unreviewed: bool
    """Whether anything of it was reviewed by nobody."""
    unsigned: bool
    """Whether a file of it, other than those that ship, bears no signature."""

    @property
    def why_unknown(self) -> Reason | None:
        """Why it is not known what is forbidden here: terms are missing, or cannot be read. None: it is known."""
        return next((one for one in self.refused if one.effect == "error" or _is_missing(one)), None)


def _is_missing(reason: Reason) -> bool:
    """Whether no document is there at all, and not only none that permits."""
    return reason.effect == "missing" and reason.document is None


def position_of_endpoint(
    identity: Identity, sources: PolicySources, day: date, *, channels: Mapping[str, Channel]
) -> Position:
    """What governs an endpoint by itself. Approvals and waivers belong to missions, and are left out.

    Args:
        identity: the endpoint.
        sources: the contracts and the organisation's files; the declaration is not looked at.
        day: UTC.
        channels: how endpoints are reached, by name.
    """
    case = case_of(sources, _ANYTHING, route=(identity,), channels=channels)
    missing = [group for group in governors(case, identity, day) if not _usable(case, group, day)]
    refused = (
        *(grounds.unreadable(one) for one in sources.contracts if isinstance(one, Unreadable)),
        *steps.validity(case, identity, day),
        *(grounds.unusable(terms.contract) for group in missing for terms in group if is_valid(terms.contract, day)),
    )
    in_force = (*general_terms(case, day), *binding(case, identity, day))
    bearing = [_governor(case, group, day) for group in governors(case, identity, day) if group not in missing]
    return Position(
        name=identity.endpoint,
        refused=refused,
        forbids=_forbids(in_force),
        governors=tuple(bearing),
        channel=channels.get(identity.endpoint),
        unreviewed=any(terms.contract.status != "reviewed" for terms in case.particular if terms in in_force),
        unsigned=any(_is_unsigned(one) for one in (*sources.contracts, *sources.organisations)),
    )


def position_of_document(read: Loaded[PolicyContract]) -> Position:
    """What one text says by itself, whatever its dates are, and whether or not anybody has reviewed it."""
    terms = terms_from(read)
    governs = terms.contract.layer in ("vendor", "channel", "agreement") and terms.contract.kind != "public-statement"
    return Position(
        name=f"{terms.contract.name} {terms.contract.version}",
        forbids=_forbids([terms]),
        governors=(Governor((terms,), ()),) if governs else (),
        unreviewed=terms.contract.status != "reviewed",
        unsigned=_is_unsigned(read),
    )


def _forbids(documents: Iterable[Terms]) -> tuple[Hit, ...]:
    return tuple(Hit(terms, row, row.uses) for terms in documents for row in terms.forbids)


def _is_unsigned(one: Loaded[Any] | Unreadable) -> bool:
    return isinstance(one, Loaded) and not (one.signed_by or one.shipped)


def _usable(case: Case, group: Iterable[Terms], day: date) -> tuple[Terms, ...]:
    return tuple(terms for terms in group if is_usable(case, terms.contract) and is_valid(terms.contract, day))


def _governor(case: Case, group: tuple[Terms, ...], day: date) -> Governor:
    usable = _usable(case, group, day)
    taken = steps.adoptions(case, usable, day)
    return Governor(usable, tuple((use_bits(one.uses), grounds.adopted(terms, one)) for terms, one in taken))


_ANYTHING = Declaration(schema=1, mission="", owner="", approver="", uses=(), valid_from=date.min, valid_until=date.max)
