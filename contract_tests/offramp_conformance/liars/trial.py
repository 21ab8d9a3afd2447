"""One trial: a vendor on loopback, a folder that configures it, and the suite's own run against it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from offramp.config import load_config
from offramp_conformance.liars.apt import AptVendor
from offramp_conformance.liars.deployment import ENDPOINT, write_deployment
from offramp_conformance.liars.places import Place
from offramp_conformance.suite.opening import opened
from offramp_conformance.suite.sending import Bench
from offramp_providers.emulator import Emulator, EmulatorConfig, serve

Made: TypeAlias = Callable[[EmulatorConfig, Place], AptVendor]


def config_of(place: Place, *, seed: int = 0, first_s: float = 0.0) -> EmulatorConfig:
    """How the emulated vendor of a trial is set up: strict, with one key and one model, and quick."""
    return EmulatorConfig(
        place.dialect,
        seed=seed,
        pace_s=0.0,
        first_s=first_s,
        key=place.key,
        models=(place.model,),
        also_recalled=True,
    )


@asynccontextmanager
async def standing(
    place: Place,
    made: Made = AptVendor,
    *,
    seed: int = 0,
    first_s: float = 0.0,
    offers: Mapping[str, int] | None = None,
    timeout_s: float = 20.0,
) -> AsyncGenerator[tuple[Emulator, Bench]]:
    """A vendor that listens, and a bench for it, until the block ends.

    Args:
        place: which dialect is spoken.
        made: makes the vendor.
        seed: of its chances.
        first_s: how long it thinks before it answers, in seconds.
        offers: figures that are stated of it.
        timeout_s: for one exchange.
    """
    config = config_of(place, seed=seed, first_s=first_s)
    with TemporaryDirectory(prefix="offramp-trial-") as folder:
        async with serve(config, made(config, place)) as emulator:
            path = write_deployment(Path(folder), place, emulator.url, offers=offers)
            async with opened(load_config(path), ENDPOINT, call_timeout_s=timeout_s) as bench:
                yield emulator, bench
