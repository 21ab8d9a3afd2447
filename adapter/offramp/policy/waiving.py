"""What a waiver could lift for a mission: what came over from another endpoint, and nothing else."""

from collections.abc import Iterator
from dataclasses import KW_ONLY
from datetime import date

from offramp.contracts.declaration import Waiver
from offramp.contracts.policy import PolicyContract
from offramp.errors import ConfigurationError
from offramp.policy.reasons import mend_of
from offramp.policy.terms import Case, Terms, binding
from offramp.policy.waivers import is_sensitive
from offramp.types import value


@value
class Liftable:
    """One document, and what of it binds a mission although it came from elsewhere."""

    _: KW_ONLY
    names: frozenset[str]
    """By which a waiver may name it: its own name, and the endpoints that it came from."""
    clauses: tuple[str, ...]


def liftable(case: Case, day: date) -> tuple[Liftable, ...]:
    """What other endpoints of the route, removed ones included, and carry-over contracts forbid."""
    return tuple(_from_contracts(case)) + tuple(_from_route(case, day))


def check_waiver(case: Case, waiver: Waiver, day: date) -> None:
    """Hold a waiver against what there is.

    Raises:
        ConfigurationError: it would lift nothing, or what no waiver lifts, or it lacks its second authority.
    """
    named = [one for one in liftable(case, day) if waiver.document in one.names]
    if not named:
        raise _out_of_reach(case, waiver.document, day)
    known = {clause for one in named for clause in one.clauses}
    for clause in waiver.clauses:
        if clause not in known | {"*"}:
            raise ConfigurationError(
                f"no clause {clause!r} of {waiver.document!r} came over to mission {waiver.mission!r}",
                mend=f"use one of {', '.join(sorted(known))}, or * for all",
            )
    if is_sensitive(case) and waiver.second_authority is None:
        raise ConfigurationError(
            f"mission {waiver.mission!r} declares surv.*, intel.* or force.*, where a waiver needs two authorities",
            mend="add --second-authority, and have both sign the file where signatures are required",
        )


def _from_contracts(case: Case) -> Iterator[Liftable]:
    for terms in case.general:
        contract = terms.contract
        if contract.layer == "carry-over":
            yield Liftable(names=frozenset({contract.name, *contract.carried_from}), clauses=_forbids(terms))


def _from_route(case: Case, day: date) -> Iterator[Liftable]:
    if len({one.endpoint for one in case.route}) < 2:
        return
    for identity in case.route:
        endpoint = f"endpoint:{identity.endpoint}"
        documents = binding(case, identity, day)
        yield from (
            Liftable(names=frozenset({one.contract.name, endpoint}), clauses=_forbids(one)) for one in documents
        )
        if not documents:  # its terms are not known: all of it binds, whatever it is
            yield Liftable(names=frozenset({endpoint}), clauses=())


def _forbids(terms: Terms) -> tuple[str, ...]:
    return tuple(row.clause.id for row in terms.forbids)


def _out_of_reach(case: Case, document: str, day: date) -> ConfigurationError:
    own = next((one.contract for one in (*case.general, *case.particular) if one.contract.name == document), None)
    if own is not None:
        return ConfigurationError(f"{_whose(own)}, and no waiver lifts it", mend=f"who could change it: {mend_of(own)}")
    known = sorted({name for one in liftable(case, day) for name in one.names})
    what = f"nothing of {document!r} came over to mission {case.declaration.mission!r}"
    return ConfigurationError(
        what, mend=f"use one of {', '.join(known)}" if known else "there is nothing that a waiver could lift"
    )


def _whose(contract: PolicyContract) -> str:
    word = {"floor": "the floor", "vendor": "the vendor's own terms", "channel": "the channel's own terms"}
    return f"{contract.name!r} is {word.get(contract.layer, 'an agreement')}"
