"""Faults that are built into a worker, to show that each is found from outside."""

from offramp_conformance.drill.settings import Sabotage


def build_in(name: Sabotage, *, first: str, second: str) -> None:
    """Build a fault into this process."""
    del name, first, second
