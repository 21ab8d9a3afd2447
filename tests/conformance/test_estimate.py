"""What a run says before it begins that it may take: it is told as it is, and never exceeded."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest

from offramp.contracts.clock import ManualClock
from offramp.contracts.offer import Price
from offramp.types import Usage
from offramp_conformance.checks import catalogue
from offramp_conformance.conform.estimate import estimated
from offramp_conformance.liars.apt import AptVendor
from offramp_conformance.liars.lies import lies
from offramp_conformance.liars.places import PLACES, Place
from offramp_conformance.liars.trial import standing
from offramp_conformance.liars.trying import RARELY, naming
from offramp_conformance.liars.twists import TwistedVendor
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.observations import Observation, broken, held, inexcusable, unclear
from offramp_conformance.suite.runner import Runner, RunSettings
from offramp_conformance.suite.spending import Limits, Meter
from offramp_conformance.suite.subject import Subject
from offramp_providers.emulator import EmulatorConfig

from .conftest import Stand, made

PRICE = Price(input_usd=Decimal(3), output_usd=Decimal(15))
PUT_OFF = "[[rate:1]] Hello."
RARE = ("stop_ignored", "results_swapped", "ids_doubled", "schema_ignored", "input_uncounted")


def whimsical(name: str, rng: Random) -> Check:
    """A check that sees whatever chance has it see, and asks up to as often as it says."""
    calls = rng.randint(1, 3)
    patience = rng.random() ** 2

    async def run(subject: Subject) -> Observation:
        for _ in range(rng.randint(0, calls)):
            answer = await subject.ask(PUT_OFF if rng.random() < patience else "Hello.")
            if answer.error is not None:
                return unclear("it was put off")
        return rng.choice((held(), held(), held(), broken("missed"), unclear("?"), inexcusable("never")))

    most = {"trust": "most", "share": 0.3} if rng.random() < 0.7 else {}
    return made(f"text.{name}", run, calls=calls, tries=rng.choice((None, None, 1, 2)), **most)


@pytest.mark.parametrize("seed", range(25))
async def test_no_run_makes_more_calls_than_was_said(stand: Stand, seed: int):
    rng = Random(seed)  # noqa: S311  # no secret
    checks = [whimsical(str(number), rng) for number in range(4)]
    settings = RunSettings(tries=rng.randint(1, 3), most_tries=rng.randint(1, 9), parallel=2)

    async with stand.bench() as bench:
        await Runner(replace(bench, clock=ManualClock(datetime.now(UTC))), settings).run(checks)

    assert stand.requests == bench.meter.calls <= estimated(checks, settings, None).most_calls


async def test_the_bound_is_reached_where_all_comes_together(stand: Stand):
    begun = 0

    async def run(subject: Subject) -> Observation:
        nonlocal begun
        begun += 1
        await subject.ask("Hello.")
        if begun % 3:
            return unclear(str((await subject.ask(PUT_OFF)).error))
        await subject.ask("Hello.")
        return broken("missed") if subject.number == 1 else held()

    check = made("text.x", run, trust="most", share=0.3, calls=2)
    settings = RunSettings(tries=2, most_tries=6)
    async with stand.bench() as bench:
        await Runner(replace(bench, clock=ManualClock(datetime.now(UTC))), settings).run([check])

    assert stand.requests == estimated([check], settings, None).most_calls == 2 * 6 * 3


async def test_where_nothing_breaks_it_takes_what_is_usual(stand: Stand):
    async def run(subject: Subject) -> Observation:
        await subject.ask("Hello.")
        return held()

    checks = [made("text.a", run), made("text.b", run, tries=1), made("text.c", run, trust="most", share=0.5)]
    settings = RunSettings(tries=3)
    async with stand.bench() as bench:
        await Runner(bench, settings).run(checks)

    assert stand.requests == estimated(checks, settings, None).calls == 7


@pytest.mark.parametrize("name", RARE)
async def test_a_vendor_that_lies_now_and_then_takes_no_more_than_was_said(name: str):
    lie = next(each for each in lies() if each.id == name)
    checks = naming(lie)
    settings = RunSettings(tries=4, most_tries=25)

    def liar(config: EmulatorConfig, place: Place) -> AptVendor:
        return TwistedVendor(config, place, (lie.make(),), means=lie.means, one_in=RARELY)

    async with standing(PLACES[lie.dialects[0]], liar, offers=dict(lie.offers)) as (emulator, bench):
        await Runner(bench, settings).run(checks)
        arrived = int(emulator.counters.summary()["requests_begun"])

    said = estimated(checks, settings, None)
    assert said.calls < said.most_calls
    assert arrived <= bench.meter.calls <= said.most_calls


def test_it_says_what_is_bounded_and_what_is_only_usual():
    checks = [made("text.x", catalogue()[0].run, trust="most", share=0.5, calls=10)]

    told = estimated(checks, RunSettings(tries=3, most_tries=60), PRICE)

    assert str(told) == (
        "about 30 calls where nothing breaks, at most 1,800; about $0.15 to $8.91 at 400 tokens in and 250 out a call"
    )
    assert "a cost that is not known" in str(estimated(checks, RunSettings(), None))


def test_an_answer_that_does_not_tell_its_tokens_counts_as_a_usual_one_against_a_ceiling():
    meter = Meter(Limits(max_cost_usd=Decimal("0.012")), price=PRICE)  # a usual call is 0.00495

    for number in range(3):
        assert not meter.is_used_up
        meter.end("text.x#0", number, Usage())

    assert meter.is_used_up
    assert meter.cost_usd == 0
