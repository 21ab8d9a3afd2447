"""Makes the policy of one mission out of all files that have a say, once, so that deciding is quick."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from offramp.contracts.declaration import Declaration
from offramp.contracts.uses import Channel
from offramp.policy import reasons as grounds
from offramp.policy.decide import CompiledPolicy, label_of
from offramp.policy.documents import Loaded, PolicySources, Unreadable, repeated
from offramp.policy.facts import facts_of
from offramp.policy.load import shipped_floor
from offramp.policy.terms import Case, terms_from
from offramp.policy.waivers import as_signed
from offramp.types import Identity

_NO_CHANNELS: Final[Mapping[str, Channel]] = {}


def compile_policy(
    mission: str,
    sources: PolicySources,
    *,
    route: Sequence[Identity],
    formerly: Sequence[Identity] = (),
    channels: Mapping[str, Channel] = _NO_CHANNELS,
) -> CompiledPolicy:
    """Make the policy of one mission. The shipped floor is always part of it.

    Args:
        mission: the mission's name in the configuration; the declaration must be of the same.
        sources: every file that has a say.
        route: every endpoint of the route, prohibited ones included: what one forbids binds at all of them.
        formerly: endpoints that were removed from the route. They still bind it until a waiver lifts it.
        channels: how endpoints are reached, by name; of others the declaration's facet holds.
    """
    files = (*sources.contracts, *sources.organisations, *sources.waivers, sources.declaration)
    counted = (*files, *sources.remembered)
    digests = (shipped_floor().sha256, *(one.sha256 for one in counted if isinstance(one, Loaded)))
    broken = tuple(grounds.unreadable(one) for one in files if isinstance(one, Unreadable))
    broken += tuple(grounds.repeated(one, other) for one, other in repeated(sources.contracts))
    read = [one for one in (*files, *sources.former_declarations) if isinstance(one, Loaded)]
    refused = tuple(grounds.refused(one.where, one.instead_of) for one in read if one.instead_of)
    unsigned = not all(one.signed_by or one.shipped for one in read)
    documents = tuple(facts_of(one) for one in (shipped_floor(), *read, *sources.remembered))
    if isinstance(sources.declaration, Unreadable):
        return CompiledPolicy(mission, case=None, digests=digests, broken=broken, refused=refused, unsigned=unsigned)
    declarations = (sources.declaration, *sources.former_declarations)
    broken += tuple(grounds.of_another(mission, one) for one in declarations if one.content.mission != mission)
    case = case_of(sources, sources.declaration.content, route=(*route, *formerly), channels=channels)
    former = {
        label_of(one.content): CompiledPolicy(
            mission,
            case=replace(case, declaration=one.content, of_history=True),
            digests=(*digests, one.sha256),
            broken=broken,
            refused=refused,
            unsigned=unsigned,
        )
        for one in sources.former_declarations
    }
    return CompiledPolicy(
        mission,
        case=case,
        digests=digests,
        broken=broken,
        refused=refused,
        unsigned=unsigned,
        former=former,
        documents=documents,
    )


def case_of(
    sources: PolicySources, declaration: Declaration, *, route: tuple[Identity, ...], channels: Mapping[str, Channel]
) -> Case:
    """All that is decided upon: of the files that could be read, and of this declaration."""
    read = (*sources.contracts, *sources.remembered)
    contracts = (shipped_floor(), *(one for one in read if isinstance(one, Loaded)))
    terms = [terms_from(one) for one in contracts]
    return Case(
        declaration=declaration,
        organisations=tuple(
            replace(one.content, waivers=as_signed(one.content.waivers, one.signed_by))
            for one in sources.organisations
            if isinstance(one, Loaded)
        ),
        general=tuple(one for one in terms if one.contract.layer in {"floor", "carry-over"}),
        particular=tuple(one for one in terms if one.contract.layer not in {"floor", "carry-over"}),
        route=route,
        channels=channels,
        waivers=tuple(
            item
            for one in sources.waivers
            if isinstance(one, Loaded)
            for item in as_signed(one.content.waivers, one.signed_by)
        ),
        accepts_unreviewed=sources.allow_unreviewed,
        of_history=False,
        unresearched=sources.unresearched,
    )
