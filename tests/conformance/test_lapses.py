"""Tries to the contrary: which refute at once, how many more are made, and what the others amount to."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_conformance.suite.lapses import (
    FALSELY_BEYOND,
    FALSELY_WITHIN,
    TOLERATED,
    lapse_standing,
    lapses_among,
    noticed_rate,
)
from offramp_conformance.suite.observations import Observation, broken, held, inexcusable, unclear
from offramp_conformance.suite.runner import Runner, RunSettings, Watch
from offramp_conformance.suite.spending import Limits
from offramp_conformance.suite.subject import Subject

from .conftest import Stand, made, seeing

FLAGS = st.lists(st.booleans(), max_size=80)
"""Of the clear tries in their order: whether each broke."""


def standing(flags: list[bool], tolerated: float = TOLERATED) -> str:
    """What they amount to, `undecided` where none broke."""
    return lapse_standing(flags, tolerated) if True in flags else "undecided"


# What tries amount to.


def test_without_a_try_to_the_contrary_there_is_nothing_to_tell():
    assert lapses_among([], TOLERATED) is None
    assert lapses_among([False] * 50, TOLERATED) is None


@pytest.mark.parametrize(
    ("broke", "of", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (1, 29, 0.0009, 0.1776)],
)
def test_the_interval_is_that_of_clopper_and_pearson(broke: int, of: int, low: float, high: float):
    # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 5.
    found = lapses_among([True] * broke + [False] * (of - broke), TOLERATED)

    assert found is not None
    assert (found.broken, found.of) == (broke, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@given(FLAGS, st.floats(0.01, 0.5))
def test_the_share_lies_in_its_interval_and_one_break_is_enough_to_be_told(flags: list[bool], tolerated: float):
    found = lapses_among(flags, tolerated)

    assert (found is None) is (True not in flags)
    if found is not None:
        assert found.low <= sum(flags) / len(flags) <= found.high
        assert found.tolerated == tolerated


@given(FLAGS, FLAGS)
def test_beyond_is_beyond_for_good(flags: list[bool], later: list[bool]):
    if standing(flags) == "beyond":
        assert standing([*flags, *later]) == "beyond"


def test_within_is_taken_back_where_later_tries_break():
    assert standing([False] * 30 + [True]) == "undecided"
    assert standing([False] * 30 + [True] * 5) == "beyond"


@given(FLAGS)
def test_one_more_break_is_never_an_excuse(flags: list[bool]):
    worse = [True, *flags]

    assert standing(flags) != "beyond" or standing(worse) == "beyond"


def decided(rate: float, tolerated: float, most: int) -> dict[str, float]:
    """Exact chances of each decision within so many tries of an endpoint that breaks at this rate."""
    ended = defaultdict[str, float](float)
    counts = {(0, 0): 1.0}
    examples: dict[tuple[int, int], list[bool]] = {(0, 0): []}
    for _ in range(most):
        following = defaultdict[tuple[int, int], float](float)
        for (broke, of), chance in counts.items():
            for flag, share in ((True, rate), (False, 1 - rate)):
                example = [*examples[broke, of], flag]
                found = standing(example, tolerated)
                if found == "undecided":
                    following[broke + flag, of + 1] += chance * share
                    examples[broke + flag, of + 1] = example
                else:
                    ended[found] += chance * share
        counts = following
    return ended


@pytest.mark.parametrize("tolerated", [TOLERATED, 0.1, 0.5])
def test_it_errs_as_rarely_as_it_says(tolerated: float):
    most = 200

    assert decided(tolerated, tolerated, most)["beyond"] <= FALSELY_BEYOND
    noticed = decided(noticed_rate(tolerated), tolerated, most)
    assert noticed["within"] <= FALSELY_WITHIN
    assert noticed["beyond"] >= 1 - FALSELY_WITHIN - 0.01


def test_a_fault_in_one_call_of_five_is_told_within_sixty_tries():
    chances = decided(0.2, TOLERATED, 60)

    assert chances["beyond"] > 0.97
    assert chances["within"] < 0.02


# How often a check is tried.


async def run(stand: Stand, *sights: Observation, **settings: int):
    async with stand.bench() as bench:
        check = made("text.x", seeing(*sights), trust="most", share=0.6)
        (result,) = await Runner(bench, RunSettings(**settings)).run([check])
    return result


async def test_a_try_that_no_honest_endpoint_comes_to_refutes_whatever_else_is_forgiven(stand: Stand):
    result = await run(stand, held(), inexcusable("another's answer"), held(), tries=9)

    assert (result.state, result.why, len(result.tries)) == ("refuted", "another's answer", 2)


async def test_a_clean_check_is_tried_no_more_often_than_was_asked_for(stand: Stand):
    result = await run(stand, held(), tries=3)

    assert (result.state, len(result.tries), result.lapses) == ("proven", 3, None)


async def test_one_break_is_followed_by_tries_until_it_is_told_to_be_within_what_is_tolerated(stand: Stand):
    result = await run(stand, held(), broken("missed"), held(), tries=3)

    assert result.state == "proven"
    assert result.lapses is not None
    assert (result.lapses.broken, result.lapses.standing) == (1, "within")
    assert 30 < len(result.tries) == result.lapses.of < 60


async def test_breaks_that_go_on_are_told_as_beyond_it_though_the_check_holds_by_its_share(stand: Stand):
    often = (held(), broken("missed"), held(), held(), unclear("?"))
    result = await run(stand, *(often * 12), tries=3)

    assert result.state == "proven"
    assert result.lapses is not None
    assert result.lapses.standing == "beyond"
    assert result.lapses.broken == 3
    assert result.lapses.of == sum(each.observation.sight != "unclear" for each in result.tries)


async def test_a_check_that_breaks_at_each_try_is_soon_refuted(stand: Stand):
    result = await run(stand, broken("missed"), tries=2)

    assert (result.state, len(result.tries)) == ("refuted", 3)


async def test_no_further_try_is_made_beyond_the_bound(stand: Stand):
    result = await run(stand, held(), broken("missed"), held(), tries=3, most_tries=7)

    assert len(result.tries) == 7
    assert result.lapses is not None
    assert result.lapses.standing == "undecided"


async def test_a_check_whose_tries_are_bound_is_not_tried_again(stand: Stand):
    async with stand.bench() as bench:
        check = made("text.x", seeing(held(), broken("missed"), held()), trust="most", share=0.6, tries=3)
        (result,) = await Runner(bench, RunSettings()).run([check])

    assert len(result.tries) == 3


async def test_every_check_has_its_tries_before_one_has_more(stand: Stand):
    order = list[str]()
    watch = Watch(tried=lambda check, _: order.append(check.id))
    checks = [
        made("text.a", seeing(broken("missed"), held()), trust="most", share=0.4),
        made("text.b", seeing(held())),
    ]
    async with stand.bench() as bench:
        await Runner(bench, RunSettings(tries=2, parallel=1), watch).run(checks)

    assert order[:4] == ["text.a", "text.a", "text.b", "text.b"]
    assert set(order[4:]) == {"text.a"}


async def test_further_tries_end_where_the_spending_limit_is(stand: Stand):
    async def asking(subject: Subject) -> Observation:
        await subject.ask("Hello.")
        return broken("missed") if subject.number == 1 else held()

    async with stand.bench(limits=Limits(max_calls=5)) as bench:
        check = made("text.x", asking, trust="most", share=0.6)
        (result,) = await Runner(bench, RunSettings(tries=3)).run([check])

    assert stand.requests == 5
    assert (result.state, len(result.tries)) == ("proven", 5)
    assert result.lapses is not None
    assert result.lapses.standing == "undecided"


async def test_tries_that_were_known_are_made_no_more_and_decide_the_same(stand: Stand):
    sights = (held(), broken("missed"), held())
    whole = await run(stand, *sights, tries=3)
    watch = Watch(known=lambda _: whole.tries[:20])
    async with stand.bench() as bench:
        check = made("text.x", seeing(*sights), trust="most", share=0.6)
        (again,) = await Runner(bench, RunSettings(tries=3), watch).run([check])

    assert again.lapses == whole.lapses
    assert [each.number for each in again.tries] == list(range(len(whole.tries)))


async def test_each_result_is_told_once(stand: Stand):
    ended = list[str]()
    watch = Watch(ended=lambda result: ended.append(result.id))
    checks = [
        made("text.a", seeing(broken("missed"), held()), trust="most", share=0.4),
        made("text.b", seeing(held())),
    ]
    async with stand.bench() as bench:
        await Runner(bench, RunSettings(tries=2), watch).run(checks)

    assert sorted(ended) == ["text.a", "text.b"]
