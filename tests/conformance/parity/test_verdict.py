"""The verdict, its reasons, and what it refuses to be said of."""

from dataclasses import replace
from typing import Any

import pytest

from offramp.errors import ConfigurationError
from offramp_conformance.parity import ParityPlan
from offramp_conformance.parity.analysis import Analysis, analysed
from offramp_conformance.parity.golden_set import GoldenSet
from offramp_conformance.parity.results import CaseResult
from support.parity import DOWN, FAILS, PASSES, REFUSES, case, golden

PLAN = ParityPlan(stop="fixed", repeats_old=1)
NO_SET = GoldenSet("g", golden(1).cases)
GOOD = [(PASSES, PASSES)]


def shown(*runs: tuple[list[Any], int], plan: ParityPlan = PLAN, size: int = 1, **more: Any) -> Analysis:
    pairs = [pair for kind, count in runs for pair in kind * count]
    cases = [case(at, old, new, cluster=f"k{at // size:04}", **more) for at, (old, new) in enumerate(pairs)]
    return analysed(cases, NO_SET, plan)


WORSE, BETTER, MORE_REFUSED, FAILED = [(PASSES, FAILS)], [(FAILS, PASSES)], [(PASSES, REFUSES)], [(PASSES, DOWN)]


def test_the_same_answers_are_non_inferior():
    found = shown((GOOD, 200)).verdict

    assert (found.kind, found.reasons, found.further_cases) == ("non_inferior", (), None)


def test_clearly_worse_answers_are_inferior_and_it_says_by_how_much():
    found = shown((GOOD, 160), (WORSE, 40)).verdict

    assert found.kind == "inferior"
    assert found.reasons[0].startswith("quality: 1.000 before and 0.800 now, -0.200 (")


def test_between_the_two_it_is_inconclusive_with_the_number_of_cases_that_it_takes():
    found = shown((GOOD, 174), (WORSE, 14), (BETTER, 12)).verdict

    assert found.kind == "inconclusive"
    assert found.further_cases is not None
    again = shown((GOOD, 174 * 4), (WORSE, 14 * 4), (BETTER, 12 * 4)).verdict
    assert again.kind == "non_inferior"
    assert 50 < found.further_cases < 900


def test_with_the_further_cases_most_are_decided():
    """As the power promises, were the truth as seen."""
    from offramp_conformance.parity.simulation.migrations import Truth
    from offramp_conformance.parity.simulation.rates import pass_rate

    further = shown((GOOD, 174), (WORSE, 14), (BETTER, 12)).verdict.further_cases
    assert further is not None
    truth = Truth(cluster_sizes=(1,) * (200 + further), clustering=0, gain=0.06, loss=0.07)

    assert pass_rate(truth, PLAN, simulations=1000, seed=5).at_least(PLAN.power)


def test_a_truth_at_the_margin_asks_for_no_number():
    assert shown((GOOD, 190), (WORSE, 10)).verdict.further_cases is None


def test_more_refusals_are_inferior_though_each_answer_is_right():
    found = shown((GOOD, 240), (MORE_REFUSED, 60))

    assert found.verdict.kind == "inferior"
    assert {each.measure for each in found.estimates if each.standing == "inferior"} == {"carried", "refusals"}
    assert next(each for each in found.estimates if each.measure == "quality").difference == 0


def test_a_vendor_that_refuses_everything_is_inferior():
    assert shown((MORE_REFUSED, 100)).verdict.kind == "inferior"


def test_where_the_old_one_refused_everything_nothing_is_shown():
    found = shown(([(REFUSES, PASSES)], 200)).verdict

    assert found.kind == "inconclusive"
    assert "quality: no case could be compared" in found.reasons


def test_missing_answers_beyond_the_bound_show_nothing_either_way():
    few, many = shown((GOOD, 300), (FAILED, 5)), shown((GOOD, 300), (FAILED, 10))
    bad = shown((WORSE, 300), (FAILED, 10))

    assert (few.verdict.kind, many.verdict.kind, bad.verdict.kind) == ("non_inferior", "inconclusive", "inconclusive")
    assert many.missing == pytest.approx(10 / 310)
    assert many.verdict.reasons[0].startswith("3.2% of the cases could not be compared")


def test_few_clusters_show_nothing_however_many_cases():
    found = shown((GOOD, 190), size=10).verdict

    assert found.kind == "inconclusive"
    assert found.reasons == ("19 clusters are in; fewer than 20 show nothing",)
    assert found.further_cases == 10


def test_a_measure_in_which_there_are_few_clusters_is_not_shown():
    """The old one refused most: what is left is too little to say of the answers."""
    found = shown((GOOD, 19), ([(REFUSES, REFUSES)], 300), plan=replace(PLAN, margin=0.3)).verdict

    assert found.kind == "inconclusive"
    assert "quality: 19 clusters are in it; fewer than 20 show nothing" in found.reasons


def test_a_slice_that_is_left_behind_is_inferior_though_the_mean_is_not():
    english = [case(at, PASSES, PASSES, slices=("en",)) for at in range(1000)]
    dutch = [case(1000 + at, PASSES, FAILS if at < 15 else PASSES, slices=("nl",)) for at in range(40)]
    found = analysed([*english, *dutch], NO_SET, PLAN)

    assert all(each.standing == "non_inferior" for each in found.estimates)
    assert found.verdict.kind == "inferior"
    assert found.verdict.reasons[0].startswith("slice nl: ")
    assert [(each.label, each.standing) for each in found.slices] == [("en", "non_inferior"), ("nl", "inferior")]


def test_slices_are_corrected_for_their_number():
    def with_slices(count: int) -> list[CaseResult]:
        plain = [case(at, PASSES, PASSES, slices=(f"s{at % count}",)) for at in range(60 * count)]
        marked = [case(9000 + at, PASSES, FAILS if at < 5 else PASSES, slices=("x",)) for at in range(40)]
        return plain + marked

    raised = [analysed(with_slices(count), NO_SET, PLAN).slices[-1] for count in (1, 8)]

    assert raised[0].label == raised[1].label == "x"
    assert raised[0].estimate.p_non_inferior_refuted == raised[1].estimate.p_non_inferior_refuted
    assert raised[0].p_non_inferior_refuted < raised[1].p_non_inferior_refuted


def test_equivalence_is_shown_by_two_tests_where_it_is_asked():
    plan = replace(PLAN, equivalence=True)

    same, better = shown((GOOD, 200), plan=plan).verdict, shown((GOOD, 160), (BETTER, 40), plan=plan).verdict
    assert (same.kind, same.equivalent) == ("non_inferior", True)
    assert (better.kind, better.equivalent) == ("inconclusive", False)
    assert shown((GOOD, 160), (BETTER, 40)).verdict.kind == "non_inferior"


def test_an_old_vendor_that_changes_under_way_shows_nothing():
    plan = replace(PLAN, repeats_old=2)
    cases = [replace(case(at, PASSES, PASSES), old=(PASSES, FAILS if at < 30 else PASSES)) for at in range(200)]
    found = analysed(cases, NO_SET, plan)

    assert found.noise is not None
    assert found.noise.drifted
    assert found.verdict.kind == "inconclusive"


def test_noise_is_the_old_vendors_own_disagreement():
    plan = replace(PLAN, repeats_old=2)
    noisy = [
        replace(case(at, PASSES, PASSES), old=[(PASSES, FAILS), (FAILS, PASSES), (PASSES, PASSES)][min(at % 10, 2)])
        for at in range(200)
    ]
    noise = analysed(noisy, NO_SET, plan).noise

    assert noise is not None
    assert noise.disagreement == pytest.approx(0.2)
    assert noise.estimate.difference == pytest.approx(0.0)
    assert not noise.drifted
    assert noise.cases_needed is not None
    assert noise.cases_needed > 400


def test_graded_scores_are_bootstrapped_and_few_differing_ones_are_not():
    from offramp_conformance.parity.results import AnswerResult

    def scores(differing: int) -> list[CaseResult]:
        return [
            case(
                at, AnswerResult("answered", score=0.9), AnswerResult("answered", score=0.7 if at < differing else 0.9)
            )
            for at in range(100)
        ]

    many, few = analysed(scores(12), NO_SET, PLAN).estimates[0], analysed(scores(9), NO_SET, PLAN).estimates[0]
    assert (many.method, few.method) == ("cluster_bootstrap_t", "score")
    assert few.difference == pytest.approx(-0.018)
    assert few.lower < -0.03 < many.lower + 0.02


@pytest.mark.parametrize(
    "wrong",
    [
        {"margin": 0.0},
        {"refusal_margin": 1.0},
        {"alpha": 0.5},
        {"power": 1.0},
        {"effect": -0.05},
        {"repeats_old": 0},
        {"min_clusters": 1},
        {"horizon_cases": 0},
        {"assumed_clustering": 1.5},
        {"resamples": 10},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_plan_out_of_range_says_which_value(wrong: dict[str, Any]):
    (key,) = wrong

    with pytest.raises(ConfigurationError, match=f"{key} = "):
        ParityPlan(**wrong)
