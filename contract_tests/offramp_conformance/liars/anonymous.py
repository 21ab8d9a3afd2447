"""A liar of whom nobody knows which it is: the suite must find it out."""

from random import Random

from offramp.types import value
from offramp_conformance.checks import catalogue
from offramp_conformance.liars.lies import lies
from offramp_conformance.liars.lies.lie import Lie
from offramp_conformance.liars.places import PLACES
from offramp_conformance.liars.trying import Tried, try_liar
from offramp_providers.emulator.config import Dialect


@value
class Anonymous:
    """One drawn from the catalogue. Look at `truth` only after you have judged."""

    dialect: Dialect
    truth: Lie

    async def tried(self) -> Tried:
        """What the suite says of it, by every check."""
        return await try_liar(PLACES[self.dialect], self.truth, "always", catalogue())


def anonymous(seed: int) -> Anonymous:
    """A liar, the same for the same seed."""
    rng = Random(f"anonymous {seed}")  # noqa: S311  # no secret
    drawn = rng.choice(lies())
    return Anonymous(rng.choice(drawn.dialects), drawn)
