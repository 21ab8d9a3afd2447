"""Each check refutes the lie that it is for, and proves an honest endpoint: the apt vendor, on a socket, in one dialect
or another."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from offramp_conformance.checks import catalogue
from offramp_conformance.liars.lies import lies
from offramp_conformance.liars.places import PLACES
from offramp_conformance.liars.trial import standing
from offramp_conformance.liars.trying import try_liar
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.results import CheckResult
from offramp_conformance.suite.runner import Runner, RunSettings
from offramp_conformance.suite.sending import Bench
from support.lying_provider import LyingProvider

from .lies import LIARS, LIES, Case
from .test_permission import HEEDLESS

CHECKS = {each.id: each for each in catalogue()}
AREAS = sorted({CHECKS[name].area for name in LIES})
CONTEXT_TOKENS = 100_000
"""Of the apt vendor."""


async def lied_to(bench: Bench, check: Check, case: Case) -> CheckResult:
    """One try of a check at an endpoint that lies."""
    lying = replace(bench, provider=LyingProvider(bench.provider, case.lie()))
    (result,) = await Runner(lying, RunSettings(tries=1, options=case.options)).run([check])
    return result


def told(results: Sequence[CheckResult]) -> list[str]:
    return [f"{each.id} is {each.state}: {each.why}" for each in results]


@pytest.mark.parametrize("area", AREAS)
async def test_each_check_refutes_its_lie(area: str):
    cases = {name: case for name, case in LIES.items() if CHECKS[name].area == area}
    missed: list[CheckResult] = []
    for dialect in {case.dialect for case in cases.values()}:
        async with standing(PLACES[dialect]) as (_, bench):
            for name, case in cases.items():
                if case.dialect == dialect:
                    result = await lied_to(bench, CHECKS[name], case)
                    missed += [result] if result.state != "refuted" else []

    assert told(missed) == []


async def test_each_check_is_proven_at_an_honest_endpoint():
    proven: set[str] = set()
    for dialect in ("openai_chat", "anthropic_messages", "ollama_native", "openai_responses"):
        async with standing(PLACES[dialect]) as (_, bench):
            settings = RunSettings(tries=1, options={"context_tokens": CONTEXT_TOKENS})
            results = await Runner(bench, settings).run([CHECKS[name] for name in LIES if name not in proven])
        proven |= {each.id for each in results if each.state == "proven"}

    assert sorted(set(LIES) - proven) == []


@pytest.mark.parametrize(("name", "liar"), LIARS.items(), ids=list(LIARS))
async def test_each_further_check_names_its_liar(name: str, liar: str):
    lie = next(each for each in lies() if each.id == liar)

    tried = await try_liar(PLACES[lie.dialects[0]], lie, "always", [CHECKS[name]])

    assert tried.named == (name,)


def test_no_check_is_without_a_lie():
    assert sorted(set(CHECKS) - set(LIES) - set(LIARS) - {each.id for each in HEEDLESS}) == []


def test_no_lie_is_of_a_check_that_is_gone():
    assert sorted({*LIES, *LIARS} - set(CHECKS)) == []
    assert sorted(set(LIES) & set(LIARS)) == []
