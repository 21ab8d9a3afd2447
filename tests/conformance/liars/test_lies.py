"""Each lie is named by a check: told always, told now and then, and told by somebody who is not known."""

from itertools import islice

import pytest

from offramp_conformance.checks import catalogue
from offramp_conformance.liars.anonymous import anonymous
from offramp_conformance.liars.diagnosis import diagnosis
from offramp_conformance.liars.lies import lies
from offramp_conformance.liars.lies.lie import Lie
from offramp_conformance.liars.places import PLACES
from offramp_conformance.liars.trial import config_of
from offramp_conformance.liars.trying import RARELY, names, naming, try_liar
from offramp_conformance.liars.twists import Twist, TwistedVendor
from offramp_providers.emulator.config import Dialect

EVERY = pytest.mark.parametrize("lie", lies(), ids=lambda lie: lie.id)
SAMPLE = (
    "stop_ignored",
    "system_dropped",
    "results_swapped",
    "mojibake",
    "piece_dropped",
    "ids_doubled",
    "other_model",
    "input_uncounted",
    "schema_ignored",
)


def lie_of(name: str) -> Lie:
    return next(each for each in lies() if each.id == name)


def test_there_are_more_than_sixty_and_each_names_something():
    assert len(lies()) > 60
    assert all(each.names and each.what.endswith(".") and each.dialects for each in lies())


@EVERY
def test_the_checks_that_name_it_are_in_the_catalogue(lie: Lie):
    known = [each.id for each in catalogue()]

    assert [name for name in lie.names if not any(names(lie, each) for each in known)] == []


@EVERY
async def test_it_is_caught_where_it_is_told_always(lie: Lie):
    tried = await try_liar(PLACES[lie.dialects[0]], lie, "always")

    assert tried.named


@pytest.mark.parametrize("name", SAMPLE)
async def test_it_is_caught_where_it_is_told_in_one_call_of_five(name: str):
    lie = lie_of(name)

    tried = await try_liar(PLACES[lie.dialects[0]], lie, "rarely")

    assert tried.named


async def test_the_checks_that_name_it_hold_where_it_is_not_told():
    honest = Lie("honest", "It tells the truth.", Twist, lie_of("stop_ignored").names)

    tried = await try_liar(PLACES["openai_chat"], honest, "always")

    assert tried.named == tried.seen == ()
    assert tried.proven == len(naming(honest))


@pytest.mark.parametrize("seed", range(3))
async def test_an_unknown_liar_is_found_out(seed: int):
    drawn = anonymous(seed)

    tried = await drawn.tried()

    assert drawn.truth.id in [each.lie for each in diagnosis(tried.named)]


def test_a_seed_always_draws_the_same_liar():
    assert anonymous(7).truth.id == anonymous(7).truth.id
    assert len({anonymous(seed).truth.id for seed in range(20)}) > 10


def test_where_nothing_is_refuted_nobody_is_suspected():
    assert diagnosis(()) == ()


def test_a_lie_that_is_wholly_named_is_the_likeliest():
    lie = lie_of("seed_fixed")

    first, *_ = diagnosis([each.id for each in naming(lie)])

    assert first.lie == lie.id


@pytest.mark.parametrize("dialect", ["openai_chat", "gemini"])
def test_a_rare_lie_is_told_in_about_one_call_of_five_and_in_the_same_ones_again(dialect: Dialect):
    place = PLACES[dialect]

    def told() -> list[bool]:
        vendor = TwistedVendor(config_of(place), place, (Twist(),), one_in=RARELY)
        return [bool(vendor.at_call().twists) for _ in range(500)]

    first = told()

    assert 70 < sum(first) < 130
    assert told() == first
    assert set(islice(first, 40)) == {True, False}
