"""A model that follows no wish at all is accused of nothing; what it is asked cannot be told of it."""

from typing import Any

from offramp_conformance.checks import catalogue
from offramp_conformance.liars.accused import accusations
from offramp_conformance.suite.runner import Runner, RunSettings

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
