"""Waivers: what lifts a clause that a move carried over. No floor, vendor, channel or agreement is in their reach."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from offramp.contracts.declaration import Waiver
from offramp.policy.table import use_bits
from offramp.policy.terms import Case, Hit
from offramp.types import Identity

_SENSITIVE: Final = use_bits(["surv.*", "intel.*", "force.*"])
"""Where a mission has one of these, a waiver needs two names."""


def as_signed(waivers: Sequence[Waiver], signed_by: Sequence[str]) -> tuple[Waiver, ...]:
    """The waivers of one file. Of a signed one, the second authority counts only with a second signature."""
    alone = len(signed_by) == 1
    return tuple(replace(one, second_authority=None) if alone else one for one in waivers)


def is_sensitive(case: Case) -> bool:
    """Whether the mission declares a use for which a waiver needs two authorities."""
    return bool(case.uses & _SENSITIVE)


def is_lifted(case: Case, hit: Hit, other: Identity | None, day: date) -> bool:
    """Whether a waiver lifts what the terms of `other`, or a carry-over contract, forbid."""
    came_from = {f"endpoint:{other.endpoint}"} if other else set(hit.terms.contract.carried_from)
    names = {hit.terms.contract.name} | came_from
    return _waived(case, names, hit.row.clause.id, day)


def is_waived_whole(case: Case, other: Identity, identity: Identity, day: date) -> bool:
    """Whether all that came from a removed endpoint, known or not, is lifted."""
    return other.endpoint != identity.endpoint and _waived(case, {f"endpoint:{other.endpoint}"}, "*", day)


def _waived(case: Case, documents: set[str], clause: str, day: date) -> bool:
    return any(
        waiver.mission == case.declaration.mission
        and waiver.document in documents
        and (waiver.second_authority is not None or not is_sensitive(case))
        and waiver.on <= day <= waiver.valid_until
        and bool({clause, "*"} & set(waiver.clauses))
        for waiver in _waivers(case, day)
    )


def _waivers(case: Case, day: date) -> list[Waiver]:
    """Those of their own files, and those of an organisation's file that is in force."""
    in_force = [one for one in case.organisations if one.effective <= day <= one.valid_until]
    return [*case.waivers, *(waiver for one in in_force for waiver in one.waivers)]
