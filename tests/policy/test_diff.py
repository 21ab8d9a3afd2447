"""The difference of two places is what asking about every declaration, one by one, would give."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from offramp.catalog import policy_text
from offramp.contracts.declaration import Adoption, MissionEvidence
from offramp.contracts.policy import Clause, ClauseException, PolicyContract
from offramp.contracts.uses import FACETS, USE_CODES, Channel, Facets, UseCode
from offramp.policy import contract_from
from offramp.policy.diff import PolicyDiff, Totals, diff
from offramp.policy.position import Position, position_of_document, position_of_endpoint
from offramp.types import Identity
from support import policy_grid
from support.clauses import FORBIDS, PERMITS
from support.policies import (
    FIRST,
    LAST,
    NOON,
    TODAY,
    clause,
    contract,
    declaration,
    endpoint,
    loaded,
    organisation,
    policy,
    sources,
)

A, B = endpoint("a"), endpoint("b")
PERMIT = clause("permit", "*", id="all")
FREE = contract("b")
NEEDS = ("role", "authority_to_stop", "reaction_time_s", "legal_citation", "disclosure", "fail_safe")
FACETS_STATED = st.builds(
    Facets,
    **{facet: st.sampled_from(names) for facet, names in FACETS.items()},  # type: ignore[arg-type]  # words of it
)
CLAUSES = st.tuples(
    st.lists(st.sampled_from(FORBIDS), max_size=4), st.lists(st.sampled_from(PERMITS), min_size=1, max_size=3)
).map(lambda both: tuple(replace(one, id=f"c{place}") for place, one in enumerate((*both[0], *both[1]))))
CHANNELS = st.dictionaries(st.sampled_from("ab"), st.sampled_from(["vendor-api", "self-host", "edge"]), max_size=2)


def text_of(name: str, *clauses: Clause) -> Position:
    return position_of_document(loaded(contract(name, *clauses)))


def place_of(name: str, *contracts: PolicyContract, channels: dict[str, Channel], **parts: Any) -> Position:
    return position_of_endpoint(endpoint(name), sources(*contracts, **parts), TODAY, channels=channels)


def adoption(*uses: str) -> Adoption:
    return Adoption(
        document="b terms", version="1", uses=uses, reason="weighed", by="board", on=FIRST, valid_until=LAST
    )


def shipped(vendor: str) -> PolicyContract:
    text = policy_text(vendor)
    assert text is not None
    return contract_from(*text).content


def kinds_at(found: PolicyDiff, use: UseCode, facets: Facets, evidence: Iterable[str] = ()) -> set[str]:
    """As which kinds the declaration is told."""
    said = {facet: getattr(facets, facet) for facet in FACETS}
    return {
        change.kind
        for change in found.changes
        for part in change.parts
        for box in part.where
        if use in part.uses
        and all(said[key] in box[key] if key in said else (key in evidence) == ("given" in box[key]) for key in box)
    }


def test_it_equals_going_through_all_nine_million_declarations_of_every_use():
    old, new = shipped("google-ai"), shipped("deepseek")
    assert not [need for one in (*old.clauses, *new.clauses) for need in one.needs]

    found = diff(position_of_document(loaded(old)), position_of_document(loaded(new)))

    for use in USE_CODES:
        before, now = policy_grid.allowed(old, use), policy_grid.allowed(new, use)
        assert found.by_use[use] == Totals(
            newly_denied=int((before & ~now).sum()),
            newly_allowed=int((now & ~before).sum()),
            still_denied=int((~before & ~now).sum()),
            still_allowed=int((before & now).sum()),
        )
    assert found.totals.newly_denied > 0


@settings(max_examples=12, deadline=None)  # each walks through nine million declarations
@given(CLAUSES, CLAUSES, st.sampled_from(USE_CODES))
def test_it_equals_going_through_all_of_them_for_any_texts(
    old: tuple[Clause, ...], new: tuple[Clause, ...], use: UseCode
):
    one, other = (
        contract(name, *(replace(each, needs=(), exceptions=_free(each)) for each in clauses))
        for name, clauses in (("a", old), ("b", new))
    )

    found = diff(position_of_document(loaded(one)), position_of_document(loaded(other)))

    before, now = policy_grid.allowed(one, use), policy_grid.allowed(other, use)
    totals = found.by_use[use]
    assert (totals.newly_denied, totals.newly_allowed) == (int((before & ~now).sum()), int((now & ~before).sum()))
    assert totals.still_allowed == int((before & now).sum())


def _free(one: Clause) -> tuple[ClauseException, ...]:
    return tuple(replace(exempt, needs=()) for exempt in one.exceptions)


@settings(deadline=None)
@given(
    st.tuples(CLAUSES, CLAUSES),
    CHANNELS,
    st.sampled_from(USE_CODES),
    FACETS_STATED,
    st.sets(st.sampled_from(NEEDS)),
    st.lists(st.sampled_from(["*", "gen.*", "surv.*"]), max_size=2, unique=True),
)
def test_it_says_of_a_declaration_what_deciding_says(
    clauses: tuple[tuple[Clause, ...], tuple[Clause, ...]],
    channels: dict[str, Channel],
    use: UseCode,
    facets: Facets,
    given_needs: set[str],
    adopted: list[str],
):
    assume(_shown(facets, given_needs))
    contracts = contract("a", *clauses[0]), contract("b", *clauses[1], silence="org-decides")
    adopting = [loaded(organisation(adoptions=(adoption(*adopted),) if adopted else ()))]
    evidence = MissionEvidence(**{need: 1.0 if need.endswith("_s") else "x" for need in given_needs})  # type: ignore[arg-type]
    declared = declaration(use, facets=facets, evidence=evidence)
    before, now = (
        allowed(one, *contracts, declared=declared, channels=channels, organisations=adopting) for one in (A, B)
    )

    found = diff(*(place_of(name, *contracts, channels=channels, organisations=adopting) for name in "ab"))

    expected = ("still_" if before == now else "newly_") + ("allowed" if now else "denied")
    told = kinds_at(found, use, _as_seen(facets, channels), given_needs)
    assert told == {expected}


def allowed(at: Identity, *contracts: PolicyContract, **parts: Any) -> bool:
    return policy(*contracts, route=[at], **parts).decide(at, NOON).allowed


def _shown(facets: Facets, needs: set[str]) -> bool:
    """Whether the evidence is there that what is declared rests on, which concerns the mission and no document."""
    watched = facets.oversight not in ("approve", "supervise") or needs.issuperset(NEEDS[:3])
    return watched and (facets.legal_basis not in ("judicial", "statute") or "legal_citation" in needs)


def _as_seen(facets: Facets, channels: dict[str, Channel]) -> Facets:
    """Where both places have a channel of their own, the declared one is in no box."""
    return replace(facets, channel="unstated") if len(channels) == 2 else facets


def test_a_vendors_approval_counts_for_its_own_document_alone():
    asks = clause("forbid", "gen.draft", exceptions=(ClauseException(needs=("vendor_approval",)),))

    found = diff(text_of("a", PERMIT), text_of("b", asks, PERMIT))

    (change,) = [one for one in found.changes if one.kind == "newly_denied"]
    (part,) = change.parts
    assert part.where == ({"vendor_approval of b terms": ("lacking",)},)
    assert part.uses == ("gen.draft",)
    assert found.by_use["gen.draft"].newly_denied == found.by_use["gen.draft"].still_allowed


def test_a_channel_of_its_own_stands_above_the_declared_one():
    hosted = contract("a", clause("forbid", "*", when={"channel": ("vendor-api",)}), PERMIT)

    at_the_api = diff(place_of("b", FREE, channels={"b": "edge"}), place_of("a", hosted, channels={"a": "vendor-api"}))
    at_home = diff(place_of("b", FREE, channels={"b": "edge"}), place_of("a", hosted, channels={"a": "self-host"}))

    assert at_the_api.totals.still_allowed == 0
    assert at_home.changes_nothing
    assert at_home.totals.still_allowed > 0


def test_where_terms_are_missing_everything_is_denied_on_that_ground():
    found = diff(place_of("b", FREE, channels={}), place_of("a", FREE, channels={}))

    denied = {(one.reason.layer, one.reason.effect) for one in found.changes if one.kind == "newly_denied"}
    assert denied == {("vendor", "missing")}
    assert found.totals.still_allowed == found.totals.newly_allowed == 0


def test_an_expired_document_denies_and_its_text_still_compares():
    old = contract("a", valid_until=TODAY - timedelta(days=1))

    in_force = diff(place_of("a", contract("a"), channels={}), place_of("a", old, channels={}))
    as_texts = diff(position_of_document(loaded(contract("a"))), position_of_document(loaded(old)))

    assert {one.reason.effect for one in in_force.changes if one.kind == "newly_denied"} == {"expired"}
    assert as_texts.changes_nothing


def test_a_document_that_nobody_reviewed_permits_nothing_unless_that_is_allowed():
    unreviewed = contract("a", status="illustrative-unreviewed")
    allowing = [loaded(organisation(allow_unreviewed=True))]

    alone = place_of("a", unreviewed, channels={})
    allowed_by_us = place_of("a", unreviewed, channels={}, organisations=allowing)

    assert diff(alone, alone).totals.still_allowed == 0
    assert diff(allowed_by_us, allowed_by_us).totals.still_allowed > 0
    assert [one.unreviewed for one in (allowed_by_us, place_of("b", FREE, channels={}))] == [True, False]


@pytest.mark.parametrize("mark", ["unreviewed", "unsigned"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_doubt_about_either_side_is_a_doubt_about_the_difference(mark: str, place: int):
    sound = replace(text_of("a", PERMIT), unreviewed=False, unsigned=False)
    sides = [sound, sound]
    sides[place] = replace(sound, **{mark: True})

    assert getattr(diff(*sides), mark)
    assert not getattr(diff(sound, sound), mark)


def test_clauses_that_cross_in_every_way_are_counted_to_the_last_declaration():
    pairs = [(one, other) for one, other in zip(FORBIDS, FORBIDS[75:], strict=False) if one.when and other.when]
    rows = [
        clause("forbid", "*", id=f"c{place}", when=one.when | other.when) for place, (one, other) in enumerate(pairs)
    ][:24]
    old, new = contract("a", *rows[::2], PERMIT), contract("b", *rows, PERMIT)

    found = diff(position_of_document(loaded(old)), position_of_document(loaded(new)))

    before, now = policy_grid.allowed(old, "gen.draft"), policy_grid.allowed(new, "gen.draft")
    assert found.by_use["gen.draft"].newly_denied == int((before & ~now).sum()) > 0
    assert found.totals.newly_allowed == 0
    assert all(part.is_whole for change in found.changes for part in change.parts)


def test_what_is_too_much_to_be_read_is_cut_off_and_says_so(monkeypatch: pytest.MonkeyPatch):
    old, new = shipped("deepseek"), shipped("anthropic")
    sides = [position_of_document(loaded(one)) for one in (old, new)]
    every = diff(*sides)

    monkeypatch.setattr("offramp.policy.diff._LISTED", 2)
    cut = diff(*sides)

    parts = [[part for change in found.changes for part in change.parts] for found in (every, cut)]
    assert [part.is_whole for part in parts[1]] == [len(part.where) <= 2 for part in parts[0]]
    assert [part.where for part in parts[1]] == [part.where[:2] for part in parts[0]]
    assert {part.is_whole for part in parts[1]} == {True, False}
    assert cut.totals == every.totals


@pytest.mark.parametrize(
    ("parts", "unsigned"), [({}, True), ({"signed_by": ("ann",)}, False), ({"shipped": True}, False)]
)
def test_a_text_is_unsigned_unless_it_is_signed_or_ships(parts: dict[str, Any], unsigned: bool):
    read = replace(loaded(contract("a")), **parts)
    organisations = [replace(loaded(organisation()), signed_by=("ann",))]
    of_place = sources(contracts=[read], organisations=organisations)

    assert position_of_document(read).unsigned is unsigned
    assert position_of_endpoint(A, of_place, TODAY, channels={}).unsigned is unsigned


def test_something_changes_where_only_more_is_allowed_and_where_only_more_is_denied():
    strict, free = text_of("a", clause("forbid", "gen.code"), PERMIT), text_of("b", PERMIT)

    assert not diff(strict, free).changes_nothing
    assert not diff(free, strict).changes_nothing
    assert diff(strict, strict).changes_nothing
