"""What stands behind the pytest items: the selection by pytest's own options, and one bench for all items."""

import asyncio
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from offramp.config import Config, demand_of, load_config
from offramp.errors import OfframpError
from offramp_conformance.change import OfframpChange
from offramp_conformance.checks import catalogue
from offramp_conformance.conform.baseline import Gap, load_baseline, with_gaps
from offramp_conformance.conform.levels import level_named, objectives_of, required_by, select
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.opening import mission_for, opened
from offramp_conformance.suite.results import CheckResult
from offramp_conformance.suite.runner import Runner, RunSettings
from offramp_conformance.suite.sending import Bench


class ItemRun:
    """One endpoint, asked check by check in pytest's own order."""

    def __init__(self, loop: asyncio.Runner, bench: Bench, settings: RunSettings, gaps: dict[str, Gap]) -> None:
        self._loop = loop
        self._runner = Runner(bench, settings)
        self._gaps = gaps

    def result(self, check: Check) -> CheckResult:
        """Ask, and judge, with known gaps told as such."""
        found = self._loop.run(self._runner.run([check]))
        gap = self._gaps.get(check.id)
        results, stale = with_gaps(found, {check.id: gap} if gap else {}, today=datetime.now(UTC).date())
        if stale:
            pytest.fail(f"the baseline is stale: {stale[0].why}", pytrace=False)
        return results[0]


@contextmanager
def opened_run(config: pytest.Config) -> Generator[ItemRun]:
    """The bench for the endpoint that pytest was given."""
    loaded, endpoint, mission = _asked(config)
    demand = demand_of(loaded, mission)
    path = config.getoption("--offramp-baseline")
    gaps = dict(load_baseline(Path(str(path)), {each.id for each in catalogue()})) if path else {}
    with asyncio.Runner() as loop:
        stack = AsyncExitStack()
        bench = loop.run(stack.enter_async_context(opened(loaded, endpoint, mission=mission)))
        try:
            tries = int(str(config.getoption("--offramp-tries")))
            settings = RunSettings(tries=tries, required=required_by(demand), options=objectives_of(demand))
            yield ItemRun(loop, bench, settings, gaps)
        finally:
            loop.run(stack.aclose())


def selected(config: pytest.Config) -> tuple[Check, ...]:
    """The checks of the level that pytest was given; none where no endpoint was named."""
    if config.getoption("--offramp-endpoint") is None:
        return ()
    loaded, _, mission = _asked(config)
    try:
        level = level_named(str(config.getoption("--offramp-level")), "--offramp-level")
    except OfframpError as error:
        raise pytest.UsageError(str(error)) from error
    return select(catalogue(), level, required_by(demand_of(loaded, mission))).checks


def change_of(config: pytest.Config, old: str, new: str) -> OfframpChange:
    """The change that pytest was given."""
    golden, mission = config.getoption("--offramp-golden"), config.getoption("--offramp-mission")
    return OfframpChange(
        Path(str(config.getoption("--offramp-config"))),
        old=old,
        new=new,
        mission=None if mission is None else str(mission),
        golden=None if golden is None else Path(str(golden)),
    )


def _asked(config: pytest.Config) -> tuple[Config, str, str]:
    """Configuration, endpoint and mission."""
    endpoint = str(config.getoption("--offramp-endpoint"))
    try:
        loaded = load_config(str(config.getoption("--offramp-config")))
        return loaded, endpoint, mission_for(loaded, endpoint, config.getoption("--offramp-mission"))
    except OfframpError as error:
        raise pytest.UsageError(str(error)) from error
