"""Trying one vendor: a lie, a variant or the plain apt one, by some checks or by all."""

import time
from collections.abc import Iterable
from dataclasses import KW_ONLY, replace
from typing import Final, Literal, TypeAlias, assert_never

from offramp.types import value
from offramp_conformance.checks import catalogue
from offramp_conformance.checks.refusal import TRIGGER
from offramp_conformance.liars.accused import accusations, named, why
from offramp_conformance.liars.apt import AptVendor
from offramp_conformance.liars.lies.lie import Lie
from offramp_conformance.liars.places import Place
from offramp_conformance.liars.trial import Made, standing
from offramp_conformance.liars.twists import TwistedVendor
from offramp_conformance.liars.variants.variant import Variant
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.runner import Runner, RunSettings
from offramp_providers.emulator.config import EmulatorConfig

Form: TypeAlias = Literal["always", "rarely"]
"""Whether a liar lies in every call, or in one of five."""

RARELY: Final = 5
_TRIES: Final = 2
_TRIES_OF_RARE: Final = 40
"""A fault in one call of five is missed by so many single calls in fewer than 2 of 10,000 cases."""
_MOST_TRIES: Final = 120
"""Where some tries broke, until it is told whether they are more than are tolerated."""


@value
class Tried:
    """What the suite said of one vendor."""

    named: tuple[str, ...]
    """Ids of the checks of what it owes or claims that are refuted, or that break more often than is tolerated."""
    accused: tuple[str, ...]
    """Those among them that count as an accusation."""
    seen: tuple[str, ...]
    """Ids of checks that some try broke, of which it is not told that they break more often than is tolerated."""
    reasons: dict[str, str]
    _: KW_ONLY
    proven: int
    tried: int
    """Checks that came to a result."""
    seconds: float


async def try_honest(place: Place, *, seed: int = 0) -> Tried:
    """The plain apt vendor, by every check."""
    return await _tried(place, AptVendor, catalogue(), seed=seed)


async def try_variant(place: Place, variant: Variant, checks: Iterable[Check] | None = None, *, seed: int = 0) -> Tried:
    """A variant, by these checks. None: by all."""

    def made(config: EmulatorConfig, there: Place) -> AptVendor:
        return TwistedVendor(config, there, (variant.twist,), means=variant.means)

    return await _tried(
        place, made, checks or catalogue(), seed=seed, offers=dict(variant.offers), first_s=variant.first_s
    )


async def try_liar(
    place: Place, lie: Lie, form: Form, checks: Iterable[Check] | None = None, *, seed: int = 0
) -> Tried:
    """A liar, by these checks. None: by those that name its lie."""

    def made(config: EmulatorConfig, there: Place) -> AptVendor:
        return TwistedVendor(config, there, (lie.make(),), means=lie.means, one_in=RARELY if form == "rarely" else 1)

    match form:
        case "always":
            settings = RunSettings(tries=_TRIES)
        case "rarely":
            # One by one, so that the same calls meet the lie in every run.
            settings = RunSettings(tries=_TRIES_OF_RARE, most_tries=_MOST_TRIES, parallel=1)
        case _:
            assert_never(form)
    asked = naming(lie) if checks is None else checks
    return await _tried(
        place,
        made,
        asked if form == "always" else [replace(each, tries=None) for each in asked],
        settings=settings,
        seed=seed,
        offers=dict(lie.offers),
        first_s=lie.first_s,
        timeout_s=lie.timeout_s,
    )


def naming(lie: Lie) -> tuple[Check, ...]:
    """The checks of the catalogue that name a lie. None: nobody has written one."""
    return tuple(each for each in catalogue() if names(lie, each.id))


def names(lie: Lie, check_id: str) -> bool:
    """Whether a check names a lie: by its own id, or by what its id begins with."""
    return any(check_id == name or check_id.startswith(f"{name}.") for name in lie.names)


async def _tried(
    place: Place,
    made: Made,
    checks: Iterable[Check],
    *,
    settings: RunSettings | None = None,
    seed: int = 0,
    offers: dict[str, int] | None = None,
    first_s: float = 0.0,
    timeout_s: float = 20.0,
) -> Tried:
    started = time.monotonic()
    options = {} if place.refusal_trigger is None else {TRIGGER: place.refusal_trigger}
    settings = replace(settings or RunSettings(tries=_TRIES), options=options)
    async with standing(place, made, seed=seed, first_s=first_s, offers=offers, timeout_s=timeout_s) as (_, bench):
        results = await Runner(bench, settings).run(checks)
    found = named(results)
    return Tried(
        tuple(each.id for each in found),
        tuple(each.id for each in accusations(results)),
        tuple(each.id for each in results if each.lapses is not None and each not in found),
        {each.id: why(each) for each in found},
        proven=sum(each.state == "proven" for each in results),
        tried=sum(each.state in ("proven", "refuted") for each in results),
        seconds=time.monotonic() - started,
    )
