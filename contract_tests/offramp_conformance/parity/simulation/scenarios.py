"""The migrations that are simulated: at the margin, where few may pass, and as good as before, where most must."""

from collections.abc import Iterator
from dataclasses import KW_ONLY

import numpy as np

from offramp.types import value
from offramp_conformance.parity.plan import ParityPlan
from offramp_conformance.parity.simulation.migrations import Truth
from offramp_conformance.parity.statistics.sizes import Design, cases_needed


@value
class Scenario:
    """A truth, and what should be found of it."""

    name: str
    _: KW_ONLY
    truth: Truth
    plan: ParityPlan
    is_at_margin: bool
    """Else it is as good as before, with as many cases as the plan's power takes."""


def scenarios(*, every_look: bool) -> Iterator[Scenario]:
    """All of them. `every_look`: after each cluster, in place of a twentieth of them."""
    for plan in (ParityPlan(stop="fixed"), ParityPlan(look_every_clusters=1 if every_look else None)):
        for size, clustering in ((1, 0.0), (3, 0.1), (5, 0.3), (10, 0.2)):
            for discordant in (0.06, 0.1, 0.2):
                yield from _both(plan, size, clustering, discordant)
        yield from _uneven(plan)
        yield from _repeated(plan)
        yield from _refusing(plan)


def _both(plan: ParityPlan, size: int, clustering: float, discordant: float) -> Iterator[Scenario]:
    sizes = _sizes(plan, size, clustering, discordant)
    name = f"{plan.stop}, {len(sizes)} clusters of {size}, correlation {clustering:g}, discordant {discordant:g}"
    for is_at_margin, difference in ((True, -plan.margin), (False, 0.0)):
        truth = Truth(
            cluster_sizes=sizes,
            clustering=clustering,
            gain=(discordant + difference) / 2,
            loss=(discordant - difference) / 2,
        )
        yield Scenario(name, truth=truth, plan=plan, is_at_margin=is_at_margin)


def _sizes(plan: ParityPlan, size: int, clustering: float, discordant: float) -> tuple[int, ...]:
    needed = cases_needed(
        Design(
            margin=plan.margin,
            difference=plan.effect,
            discordant=discordant,
            cluster_size=size,
            clustering=clustering,
            assumed_clustering=plan.assumed_clustering,
            alpha=plan.alpha,
            power=plan.power,
            sequential=plan.is_sequential,
        )
    )
    return (size,) * max(-(-(needed or 0) // size), plan.min_clusters)


def _uneven(plan: ParityPlan) -> Iterator[Scenario]:
    for seed, clusters in ((0, 150), (3, 80)):
        sizes = tuple(int(each) for each in np.random.default_rng(seed).geometric(0.25, clusters))
        truth = Truth(cluster_sizes=sizes, clustering=0.3, gain=0.03, loss=0.08)
        name = f"{plan.stop}, {clusters} clusters of 1 to {max(sizes)}, correlation 0.3, discordant 0.11"
        yield Scenario(name, truth=truth, plan=plan, is_at_margin=True)


def _refusing(plan: ParityPlan) -> Iterator[Scenario]:
    """The new one refuses more often, by just the margin, and is as good where it answers."""
    truth = Truth(
        cluster_sizes=(3,) * 200,
        clustering=0.2,
        gain=0.03,
        loss=0.03,
        new_refuses=plan.refusal_margin + 0.005,
        old_refuses=0.005,
    )
    name = f"{plan.stop}, 200 clusters of 3, correlation 0.2, refusals at their margin"
    yield Scenario(name, truth=truth, plan=plan, is_at_margin=True)
    fewer = Truth(cluster_sizes=(3,) * 200, clustering=0.2, gain=0.01, loss=0.01 + 0.9 * plan.margin, old_refuses=0.1)
    name = f"{plan.stop}, 200 clusters of 3, correlation 0.2, worse by the margin and refusing less"
    yield Scenario(name, truth=fewer, plan=plan, is_at_margin=True)


def _repeated(plan: ParityPlan) -> Iterator[Scenario]:
    """With the plan's own repeats of the old one, and cases of which either passes half of the time."""
    for size, clustering in ((1, 0.0), (4, 0.3)):
        truth = Truth(
            cluster_sizes=(size,) * 150,
            clustering=clustering,
            gain=0.01,
            loss=0.01 + plan.margin,
            flaky=0.1,
            repeats_old=plan.repeats_old,
            repeats_new=plan.repeats_new,
        )
        name = f"{plan.stop}, 150 clusters of {size}, correlation {clustering:g}, flaky 0.1 and asked twice"
        yield Scenario(name, truth=truth, plan=plan, is_at_margin=True)
