"""What enters which measure; and refusals, which stand beside quality and never improve it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_conformance.parity import ParityPlan
from offramp_conformance.parity.analysis import analysed
from offramp_conformance.parity.golden_set import GoldenSet
from offramp_conformance.parity.measures import MeasureName, is_missing, measured, names_of
from offramp_conformance.parity.results import AnswerResult, CaseResult, Preference
from support.parity import DOWN, FAILS, MANY, PASSES, REFUSES, case, golden

HALF = AnswerResult("answered", score=0.5)
PLAN = ParityPlan(stop="fixed", repeats_old=1)
NO_SET = GoldenSet("g", golden(1).cases)


def change(name: MeasureName, old: AnswerResult, new: AnswerResult) -> tuple[float, float] | None:
    pairs = measured(name, [case(0, old, new)]).pairs
    return (pairs[0].gain, pairs[0].loss) if pairs else None


@pytest.mark.parametrize(
    ("old", "new", "quality", "carried", "refusals"),
    [
        (PASSES, PASSES, (0, 0), (0, 0), (0, 0)),
        (FAILS, PASSES, (1, 0), (1, 0), (0, 0)),
        (PASSES, FAILS, (0, 1), (0, 1), (0, 0)),
        (HALF, PASSES, (0.5, 0), (0.5, 0), (0, 0)),
        (PASSES, REFUSES, None, (0, 1), (0, 1)),
        (FAILS, REFUSES, None, (0, 0), (0, 1)),
        (REFUSES, PASSES, None, None, (1, 0)),
        (REFUSES, REFUSES, None, None, (0, 0)),
        (PASSES, DOWN, None, None, None),
        (DOWN, PASSES, None, None, None),
        (REFUSES, DOWN, None, None, None),
    ],
)
def test_each_pair_of_outcomes_enters_as_documented(
    old: AnswerResult, new: AnswerResult, quality: object, carried: object, refusals: object
):
    assert change("quality", old, new) == quality
    assert change("carried", old, new) == carried
    assert change("refusals", old, new) == refusals


def test_a_failure_is_missing_and_a_refusal_is_not():
    assert is_missing(case(0, PASSES, DOWN))
    assert is_missing(case(0, DOWN, REFUSES))
    assert not is_missing(case(0, PASSES, REFUSES))
    assert not is_missing(replace(case(0, PASSES, PASSES), old=(PASSES, DOWN)))


def test_repeats_enter_as_the_share_of_pairs_of_answers():
    both = replace(case(0, PASSES, PASSES), old=(PASSES, FAILS), new=(PASSES,))
    (pair,) = measured("quality", [both]).pairs

    assert (pair.gain, pair.loss) == (0.5, 0.0)


def judged(winner: str, old: AnswerResult = PASSES, new: AnswerResult = PASSES) -> CaseResult:
    return replace(case(0, old, new), preference=Preference(winner))  # type: ignore[arg-type]


def test_a_judged_case_that_the_new_one_refuses_counts_as_lost_where_it_should_be_carried():
    refused = judged("not_tried", new=REFUSES)

    assert not is_missing(refused)
    assert measured("preference", [refused]).pairs == ()
    assert measured("carried_preference", [refused]).pairs[0].loss == 1.0
    assert measured("carried_preference", [judged("new")]).pairs[0].gain == 1.0
    assert measured("carried_preference", [judged("not_tried", old=REFUSES)]).pairs == ()


def test_a_judge_that_failed_leaves_the_case_missing():
    assert is_missing(judged("not_tried"))
    assert not is_missing(judged("tie"))


def test_the_graders_decide_which_measures_there_are():
    plain = AnswerResult("answered")

    assert names_of([case(0, PASSES, PASSES)]) == ("quality", "carried", "refusals")
    assert names_of([judged("tie", plain, plain)]) == ("preference", "carried_preference", "refusals")
    assert names_of([judged("tie")]) == ("quality", "carried", "preference", "carried_preference", "refusals")


# Refusals never improve the verdict.

WORDS = {"p": PASSES, "f": FAILS, "r": REFUSES}
runs = st.lists(
    st.tuples(st.sampled_from("pppfr"), st.sampled_from("pppppfr"), st.integers(1, 12)), min_size=8, max_size=14
)
"""Runs of cases with the same outcomes: old, new, how many."""

RANK = {"inferior": 0, "inconclusive": 1, "non_inferior": 2}


def spread(drawn: list[tuple[str, str, int]]) -> list[tuple[AnswerResult, AnswerResult]]:
    return [(WORDS[old], WORDS[new]) for old, new, count in drawn for _ in range(count)]


def results(pairs: list[tuple[AnswerResult, AnswerResult]], size: int) -> list[CaseResult]:
    return [case(at, old, new, cluster=f"k{at // size:04}") for at, (old, new) in enumerate(pairs)]


@MANY
@given(runs, st.data(), st.sampled_from([0.05, 0.15, 0.3]), st.sampled_from([1, 2]))
def test_refusing_in_place_of_answering_never_improves_the_verdict(
    drawn: list[tuple[str, str, int]], data: st.DataObject, margin: float, size: int
):
    plan = replace(PLAN, margin=margin, refusal_margin=margin, min_clusters=10)
    pairs = spread(drawn)
    start, count = data.draw(st.tuples(st.integers(0, len(pairs)), st.integers(1, len(pairs))))
    refusing = [(old, REFUSES if start <= at < start + count else new) for at, (old, new) in enumerate(pairs)]

    before, after = (analysed(results(each, size), NO_SET, plan).verdict for each in (pairs, refusing))

    assert RANK[after.kind] <= RANK[before.kind]


@MANY
@given(runs, st.integers(1, 40))
def test_that_only_the_old_one_refuses_changes_neither_quality_nor_what_is_carried(
    drawn: list[tuple[str, str, int]], more: int
):
    pairs = spread(drawn)
    several = [results(each, 1) for each in (pairs, [*pairs, *[(REFUSES, PASSES)] * more])]

    before, after = (analysed(cases, NO_SET, PLAN).estimates for cases in several)

    assert [each for each in after if each.measure != "refusals"] == [
        each for each in before if each.measure != "refusals"
    ]
