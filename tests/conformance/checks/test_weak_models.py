"""No weakness of a model is held against its host; what a model does not do cannot be told of the host."""

from collections.abc import Iterable
from typing import Any

import pytest

from offramp_conformance.checks import catalogue
from offramp_conformance.liars.accused import accusations
from offramp_conformance.liars.apt import AptVendor
from offramp_conformance.liars.places import PLACES, Place
from offramp_conformance.liars.trial import standing
from offramp_conformance.liars.trying import try_variant
from offramp_conformance.liars.twists import TwistedVendor
from offramp_conformance.liars.variants.variant import Variant
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.runner import Runner, RunSettings
from offramp_providers.emulator.config import Dialect, EmulatorConfig
from support.weak_models import HABITS, drunk, fickle, mumbling, weak

AREAS = frozenset(
    (
        *("text", "roles", "parameters", "streaming", "usage", "errors", "served", "operations", "caching"),
        *("isolation", "latency", "context"),
    )
)
CHECKS = [each for each in catalogue() if each.area in AREAS]
OF_THE_WIRE = [each for each in CHECKS if each.axis == "wire"]
STREAMED: tuple[Dialect, ...] = ("anthropic_messages", "gemini", "ollama_native")


async def accused(model: Variant, checks: Iterable[Check], dialect: Dialect = "openai_chat") -> dict[str, str]:
    """What is held against an honest host of such a model, and why."""
    tried = await try_variant(PLACES[dialect], model, checks)
    return {name: tried.reasons[name] for name in tried.accused}


@pytest.mark.parametrize("habit", HABITS)
async def test_no_habit_of_a_model_is_held_against_its_host(habit: str):
    assert await accused(weak(habit, HABITS[habit]), CHECKS) == {}


@pytest.mark.parametrize("seed", range(3))
async def test_a_model_of_any_habits_is_not_held_against_its_host(seed: int):
    assert await accused(drunk(seed), CHECKS) == {}


@pytest.mark.parametrize("dialect", STREAMED)
async def test_a_model_of_any_habits_is_held_against_its_host_in_no_dialect(dialect: Dialect):
    assert await accused(drunk(0), CHECKS, dialect) == {}


@pytest.mark.parametrize("seed", range(3))
async def test_tokens_that_make_no_text_are_not_held_against_the_host(seed: int):
    assert await accused(mumbling(seed), CHECKS) == {}


@pytest.mark.parametrize("seed", range(3))
async def test_a_model_that_obeys_now_and_then_says_nothing_of_the_wire(seed: int):
    assert await accused(fickle(seed), OF_THE_WIRE) == {}


@pytest.mark.parametrize("model", [drunk(7), mumbling(7), fickle(7)], ids=lambda model: model.id)
async def test_no_try_makes_more_calls_than_its_check_says(model: Variant):
    def made(config: EmulatorConfig, place: Place) -> AptVendor:
        return TwistedVendor(config, place, (model.twist,))

    async with standing(PLACES["openai_chat"], made) as (_, bench):
        results = await Runner(bench, RunSettings(tries=3)).run(catalogue())

    most = {each.id: each.most_calls for each in catalogue()}
    assert {each.id for each in results for made in each.tries if len(made.calls) > most[each.id]} == set()


_OF_THE_SERVER = {
    "errors.bad_schema",
    "errors.unknown_model.not_impersonated",
    "errors.unknown_model.refused",
    "operations.models.listed",
}
"""The plain emulator reads no schemas and knows of no models, whatever its model is like."""

_RECALL = {
    *("context.needle.beginning", "context.needle.middle", "context.needle.end", "context.system", "context.turns"),
    "handoff.in.words",
}
"""Whoever fails these is accused of cutting what it was sent, which a weak model must not be."""


async def test_a_model_that_follows_nothing_is_accused_of_nothing(stand: Any):
    checks = catalogue()
    async with stand.bench() as bench:
        results = await Runner(bench, RunSettings(tries=2)).run(checks)

    assert {each.id for each in accusations(results)} - _OF_THE_SERVER == set()
    told = {each.id: each.state for each in results}
    assert {told[name] for name in ("text.follows", "roles.order", "parameters.stop.enforced", *_RECALL)} == {
        "inconclusive"
    }
