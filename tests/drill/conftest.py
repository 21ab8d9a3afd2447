"""Fixtures: one clean drill, run once, whose evidence the tests alter one piece at a time."""

import asyncio

import pytest

from offramp_conformance.drill.evidence import Evidence
from offramp_conformance.drill.orchestrator import rehearse
from offramp_conformance.drill.settings import DrillSettings


@pytest.fixture(scope="session")
def clean() -> Evidence:
    """What a small drill without a fault has seen."""
    return asyncio.run(rehearse(DrillSettings(conversations=6, words=40), lambda _: None))
