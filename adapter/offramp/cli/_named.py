"""Whom a selector names among the endpoints of a configuration. A slip in a name stops nobody, and must be told."""

from collections.abc import Iterable
from pathlib import Path

from offramp.config import endpoint_of, load_config
from offramp.errors import OfframpError
from offramp.types import Identity, Selector


def names_nobody(selector: Selector, config: Path) -> str | None:
    """A warning where the selector names no endpoint; None where it does, or the configuration cannot be read."""
    try:
        read = load_config(config)
        identities = [endpoint_of(read, name).identity for name in read.endpoints]
    except OfframpError:  # the order stands, whatever is wrong with other parts
        return None
    return told_of_nobody(selector, identities, where=str(config))


def told_of_nobody(selector: Selector, identities: Iterable[Identity], *, where: str) -> str | None:
    """A warning where the selector names none of these; None where it names one, or there are none to compare with."""
    found = tuple(identities)
    if not found or any(map(selector.matches, found)):
        return None
    parts = {part for each in found if (part := getattr(each, selector.kind)) is not None}
    known = ", ".join(f"{selector.kind}:{part}" for part in sorted(parts)) or f"nobody by {selector.kind}"
    return f"{selector} names no endpoint of {where}, which knows {known}"
