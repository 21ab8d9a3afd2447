"""An endpoint that was left without a word: what it forbade is told, unless the files tell of it or it binds anyway."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.policy import PolicyContract
from offramp.contracts.policy_memory import Seen
from offramp.policy.moves import Move, moves, seen_at
from support.policies import TODAY, clause, contract, endpoint, loaded, sources

FORBID, OTHER = clause("forbid", "surv.profile.bulk"), clause("forbid", "surv.biometric.id")
A_TERMS = contract("a", FORBID)
FREE = contract("b")


def seen(name: str = "a", *contracts: PolicyContract, **parts: Any) -> Seen:
    return Seen(identity=endpoint(name, **parts), on=TODAY, contracts=contracts)


def carrying(terms: PolicyContract, *came_from: str) -> PolicyContract:
    return replace(terms, layer="carry-over", carried_from=came_from)


def left(gone: Seen, *live: Seen, files: tuple[PolicyContract, ...] = ()) -> tuple[Move, ...]:
    return moves([gone, *live], live, [loaded(one) for one in files])


def test_a_move_names_the_endpoint_the_day_and_what_holds_on():
    (move,) = left(seen("a", A_TERMS, contract("a", FORBID, name="rules", version="7")))

    assert str(move).startswith(f"a (a at a) was on its route until {TODAY}. What a terms 1, rules 7 forbids holds on")
    assert move.mend == 'list it, formerly = ["a"], or write it down: offramp policy carry-over a'


def test_who_is_still_there_was_not_left():
    here, with_other_terms = seen("a", A_TERMS), seen("a", contract("a", name="rules"), account="k")

    assert left(here, here) == ()
    assert left(here, with_other_terms) == ()


def test_what_forbids_nothing_holds_nothing():
    assert left(seen("a")) == ()


def test_only_what_is_not_told_of_is_in_the_move():
    told, untold = carrying(A_TERMS, "endpoint:a"), carrying(contract("a", OTHER, name="rules"), "endpoint:a")

    (move,) = left(seen("a", told, untold), files=(told,))

    assert move.contracts == (untold,)
    assert left(seen("a", told, untold), files=(told, untold)) == ()


@pytest.mark.parametrize(
    "file",
    [
        carrying(A_TERMS, "endpoint:b"),
        carrying(replace(A_TERMS, version="2"), "endpoint:a"),
        carrying(replace(A_TERMS, clauses=(OTHER,)), "endpoint:a"),
        carrying(replace(A_TERMS, name="rules"), "endpoint:a"),
        replace(A_TERMS, carried_from=("endpoint:a",)),
    ],
    ids=["from elsewhere", "another version", "other clauses", "another document", "no carry-over"],
)
def test_a_file_that_says_something_else_tells_of_nothing(file: PolicyContract):
    assert len(left(seen("a", carrying(A_TERMS, "endpoint:a")), files=(file,))) == 1


def test_a_file_tells_of_all_that_it_was_carried_from():
    file = carrying(A_TERMS, "endpoint:a", "endpoint:b")

    assert left(seen("a", carrying(A_TERMS, "endpoint:a")), files=(file,)) == ()


@pytest.mark.parametrize(
    ("live", "quiet"),
    [
        (seen("b", A_TERMS), True),
        (seen("b", replace(A_TERMS, version="2")), False),
        (seen("b", replace(A_TERMS, clauses=(OTHER,))), False),
        (seen("a", replace(A_TERMS, version="2"), model="n"), True),
        (seen("a", replace(A_TERMS, version="2"), model="n", account="k"), True),
        (seen("a", replace(A_TERMS, version="2"), region="r"), False),
        (seen("a", replace(A_TERMS, version="2", name="rules"), model="n"), False),
        (seen("b", FREE), False),
    ],
)
def test_what_binds_on_the_route_anyway_is_not_told(live: Seen, quiet: bool):
    told = left(seen("a", A_TERMS), live)

    assert (told == ()) is quiet


@given(
    gone=st.lists(st.sampled_from("abc"), unique=True),
    live=st.lists(st.sampled_from("abc"), unique=True),
    told=st.lists(st.sampled_from("abc"), unique=True),
)
def test_each_endpoint_is_told_of_that_is_neither_there_nor_in_a_file(
    gone: list[str], live: list[str], told: list[str]
):
    def there(name: str) -> Seen:
        return seen(name, carrying(contract(name, FORBID), f"endpoint:{name}"))

    files = [loaded(one) for name in told for one in there(name).contracts]

    found = moves(map(there, gone), [there(name) for name in live], files)

    assert [one.identity.endpoint for one in found] == [name for name in gone if name not in live + told]


def test_what_terms_forbid_is_seen_and_whose_terms_are_not_known_is_left_out():
    found = seen_at([endpoint("a"), endpoint("c")], sources(A_TERMS, FREE), TODAY, channels={})

    (one,) = found
    assert (one.identity, one.on) == (endpoint("a"), TODAY)
    assert [(each.name, each.layer, each.clauses) for each in one.contracts] == [("a terms", "carry-over", (FORBID,))]


def test_the_channel_of_an_endpoint_says_what_of_its_terms_is_seen():
    there = clause("forbid", "surv.profile.bulk", when={"channel": ("edge",)})
    files = sources(contract("a", there))

    (at_edge,) = seen_at([endpoint("a")], files, date(2026, 11, 23), channels={"a": "edge"})
    (elsewhere,) = seen_at([endpoint("a")], files, date(2026, 11, 23), channels={"a": "self-host"})

    assert ([len(one.clauses) for one in at_edge.contracts], elsewhere.contracts) == ([1], ())
