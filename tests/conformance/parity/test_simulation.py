"""Simulated migrations: few pass that are as bad as the margin, and most that are as good as before.

2,000 each; the tolerance is that of a binomial at 99.9 %: a rate of 0.05 may show as up to 0.0655, one of 0.8 as down
to 0.772. `python -m offramp_conformance.parity.simulation` runs many more.
"""

from dataclasses import replace

import numpy as np
import pytest

from offramp_conformance.parity import ParityPlan
from offramp_conformance.parity.analysis import analysed
from offramp_conformance.parity.golden_set import GoldenSet
from offramp_conformance.parity.results import CaseResult
from offramp_conformance.parity.simulation.command import main
from offramp_conformance.parity.simulation.migrations import Migrations, Truth, drawn
from offramp_conformance.parity.simulation.rates import Rate, pass_rate, passing
from offramp_conformance.parity.simulation.scenarios import scenarios
from support.parity import FAILS, PASSES, REFUSES, case, golden

FIXED, SEQUENTIAL = ParityPlan(stop="fixed"), ParityPlan(look_every_clusters=1)
AT_MARGIN = Truth(cluster_sizes=(3,) * 120, clustering=0.3, gain=0.025, loss=0.075)
UNEVEN = replace(AT_MARGIN, cluster_sizes=(1, 1, 2, 2, 3, 3, 4, 4, 8, 12) * 12)
AS_GOOD = replace(AT_MARGIN, cluster_sizes=(3,) * 160, loss=0.05, gain=0.05)


def test_the_binomial_tolerance_is_as_stated():
    assert Rate(0.0655, simulations=2000, clusters_asked=1).at_most(0.05)
    assert not Rate(0.0660, simulations=2000, clusters_asked=1).at_most(0.05)
    assert not Rate(0.7700, simulations=2000, clusters_asked=1).at_least(0.8)


@pytest.mark.parametrize("truth", [AT_MARGIN, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize("plan", [FIXED, SEQUENTIAL], ids=["one look", "a look after each cluster"])
def test_exactly_at_the_margin_no_more_than_alpha_pass(truth: Truth, plan: ParityPlan):
    rate = pass_rate(truth, plan, simulations=2000, seed=11)

    assert rate.at_most(plan.alpha)
    assert rate.passed > 0  # it is a test of something that can pass


@pytest.mark.parametrize("plan", [FIXED, SEQUENTIAL], ids=["one look", "a look after each cluster"])
def test_as_good_as_before_passes_with_the_planned_power(plan: ParityPlan):
    clusters = {"fixed": 160, "sequential": 204}[plan.stop]  # what the plan's own sample size asks for
    rate = pass_rate(replace(AS_GOOD, cluster_sizes=(3,) * clusters), plan, simulations=2000, seed=12)

    assert rate.at_least(plan.power)


def test_the_sequential_plan_stops_early_where_the_new_one_is_better():
    rate = pass_rate(replace(AS_GOOD, gain=0.07, loss=0.03), SEQUENTIAL, simulations=500, seed=13)

    assert rate.passed > 0.95
    assert rate.clusters_asked < 0.7


def test_as_if_the_cases_were_independent_far_more_would_pass():
    """The simulation sees the fault that the adjustment is there for."""
    found = drawn(replace(AT_MARGIN, cluster_sizes=(10,) * 40), 2000, 14)
    gain, loss = found.gain.sum(axis=1) / 400, found.loss.sum(axis=1) / 400
    naive = (gain - loss + 0.05) / np.sqrt((gain + loss - (gain - loss) ** 2) / 400)

    assert (naive > 1.645).mean() > 0.1
    assert passing(found, FIXED, clusters=40).mean() < 0.05


@pytest.mark.parametrize("size", [1, 4])
def test_repeats_of_the_old_vendor_keep_the_error_too(size: int):
    truth = replace(
        AT_MARGIN, cluster_sizes=(size,) * 150, gain=0.01, loss=0.06, flaky=0.1, repeats_old=2, clustering=0.3
    )

    rate = pass_rate(truth, FIXED, simulations=2000, seed=18)

    assert rate.at_most(0.05)
    assert rate.passed > 0.01


def test_refusals_at_their_margin_do_not_pass_however_good_the_answers():
    truth = Truth(cluster_sizes=(3,) * 150, clustering=0.2, gain=0.06, loss=0.0, new_refuses=0.06, old_refuses=0.01)

    assert pass_rate(truth, FIXED, simulations=2000, seed=15).at_most(0.05)


def test_refusing_less_does_not_carry_worse_answers_over_the_margin():
    truth = Truth(cluster_sizes=(3,) * 150, clustering=0.2, gain=0.01, loss=0.055, old_refuses=0.1)  # -0.045 / 0.9

    assert pass_rate(truth, FIXED, simulations=2000, seed=16).at_most(0.05)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_simulated_is_what_decides_in_earnest(seed: int):
    truth = Truth(
        cluster_sizes=(1, 2, 3, 4) * 20, clustering=0.2, gain=0.04, loss=0.05, new_refuses=0.01, old_refuses=0.01
    )
    found = drawn(truth, 1, seed)
    plan = replace(FIXED, repeats_old=1)

    verdict = analysed(as_cases(found), GoldenSet("g", golden(1).cases), plan).verdict

    assert (verdict.kind == "non_inferior") == bool(passing(found, plan, clusters=80)[0])


def as_cases(found: Migrations) -> list[CaseResult]:
    """The first migration, case by case."""
    kinds = {"gain": (FAILS, PASSES), "loss": (PASSES, FAILS), "new_refuses": (PASSES, REFUSES)}
    kinds["old_refuses"] = (REFUSES, PASSES)
    made: list[CaseResult] = []
    for cluster, size in enumerate(found.size[0]):
        counts = {kind: int(getattr(found, kind)[0, cluster]) for kind in kinds}
        sides = [kinds[kind] for kind, count in counts.items() for _ in range(count)]
        sides += [(PASSES, PASSES)] * (int(size) - len(sides))
        made += [case(len(made) + at, old, new, cluster=f"k{cluster:03}") for at, (old, new) in enumerate(sides)]
    return made


def test_correlation_within_clusters_is_as_stated_and_probabilities_are_exact():
    truth = Truth(cluster_sizes=(2,) * 200, clustering=0.3, gain=0.2, loss=0.1)
    gains = drawn(truth, 500, 17).gain
    both = (gains == 2).mean()  # P(both) = p² + r·p(1-p)

    assert gains.mean() / 2 == pytest.approx(0.2, abs=0.005)
    assert both == pytest.approx(0.04 + 0.3 * 0.16, abs=0.005)


def test_the_command_tells_each_rate_and_whether_all_hold(capsys: pytest.CaptureFixture[str]):
    code = main(["--simulations", "40"])

    told = capsys.readouterr().out.splitlines()
    assert code == 0, told
    assert len(told) == 1 + len(list(scenarios(every_look=False)))
