"""Honest but unusual vendors: whatever a standard allows and few do. No check may accuse one of them."""

from typing import Final

from offramp_conformance.liars.variants import manners, spellings, travels
from offramp_conformance.liars.variants.variant import Variant

_FILES: Final = (spellings, travels, manners)


def variants() -> tuple[Variant, ...]:
    """All of them."""
    return tuple(each for file in _FILES for each in vars(file).values() if isinstance(each, Variant))
