"""A change of endpoints as a test sees it: fit, policy, parity, and a rehearsal of losing one of them.

def test_b_carries_triage(offramp_change):
    assert offramp_change.match.fits
    assert not offramp_change.policy.newly_allowed
    assert offramp_change.parity.verdict.kind == "non_inferior"
    assert offramp_change.rehearse(stop="a").passed
"""

import asyncio
from dataclasses import KW_ONLY
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from offramp._matching import match_mission
from offramp._policy_files import channels_of, place_sources, read_policy
from offramp.config import endpoint_of, load_config
from offramp.errors import ConfigurationError
from offramp.negotiation import Negotiation
from offramp.policy.diff import Change as PolicyChange
from offramp.policy.diff import PolicyDiff, diff
from offramp.policy.position import Position, position_of_endpoint
from offramp.types import value
from offramp_conformance.conform.comparing import compared, load_golden, plan_of
from offramp_conformance.conform.settings import ConformSettings
from offramp_conformance.parity import ParityReport
from offramp_conformance.suite.opening import mission_for


@value
class PolicyMove:
    """What the move changes in what is allowed, over every declaration there can be."""

    diff: PolicyDiff

    @property
    def newly_allowed(self) -> tuple[PolicyChange, ...]:
        """What the old place denied and the new one allows. Empty: the move opens nothing."""
        return tuple(each for each in self.diff.changes if each.kind == "newly_allowed")

    @property
    def newly_denied(self) -> tuple[PolicyChange, ...]:
        """What the old place allowed and the new one denies."""
        return tuple(each for each in self.diff.changes if each.kind == "newly_denied")


@value
class Rehearsal:
    """What came of losing an endpoint in the middle of the work."""

    _: KW_ONLY
    passed: bool
    broken: tuple[str, ...]
    """The promises that were broken, by their ids."""


class OfframpChange:
    """From one endpoint of a configuration to another. Everything is worked out when it is first asked for."""

    def __init__(self, config: Path, *, old: str, new: str, mission: str | None, golden: Path | None) -> None:
        self.old = old
        self.new = new
        self._path = config
        self._config = load_config(config)
        self._golden = golden
        self.mission = mission_for(self._config, new, mission)
        mission_for(self._config, old, self.mission)

    @cached_property
    def match(self) -> Negotiation:
        """How the new endpoint meets what the mission demands. Nothing is sent."""
        return match_mission(self._config, self.mission, (self.new,)).negotiations[0]

    @cached_property
    def policy(self) -> PolicyMove:
        """What the move changes in what is allowed. Nothing is sent."""
        return PolicyMove(diff(self._position(self.old), self._position(self.new)))

    @cached_property
    def parity(self) -> ParityReport:
        """Whether the answers are as good, on the golden set. Asks both endpoints.

        Raises:
            ConfigurationError: no golden set was given.
        """
        if self._golden is None:
            raise ConfigurationError("no golden set was given", where="--offramp-golden", mend="give its file")
        settings = ConformSettings(self._path, self.new, against=self.old, golden=self._golden)
        golden = load_golden(self._golden)
        return asyncio.run(compared(self._config, self.mission, settings, golden, plan_of(settings)))

    def rehearse(self, *, stop: str, conversations: int = 4) -> Rehearsal:
        """Lose an endpoint in the middle of made-up work, and see whether it goes on at the other one. Asks both.

        Args:
            stop: the endpoint that is lost: the old one, or the new one.
            conversations: how many run at once.

        Raises:
            ConfigurationError: `stop` is neither of them.
            DrillFailed: it could not be carried out.
        """
        from offramp_conformance.drill.orchestrator import rehearse
        from offramp_conformance.drill.promises import broken, check
        from offramp_conformance.drill.settings import DrillSettings, OwnConfig

        others = {self.old: self.new, self.new: self.old}
        if stop not in others:
            raise ConfigurationError(f"{stop!r} takes no part", where="rehearse", mend=f"stop {self.old} or {self.new}")
        own = OwnConfig(self._path, first=stop, second=others[stop])
        evidence = asyncio.run(rehearse(DrillSettings(conversations=conversations, own=own), lambda _: None))
        failed = broken(check(evidence))
        return Rehearsal(passed=not failed, broken=tuple(each.id for each in failed))

    def _position(self, name: str) -> Position:
        day = datetime.now(UTC).date()
        sources = place_sources(self._config, read_policy(self._config, today=day))
        identity = endpoint_of(self._config, name).identity
        return position_of_endpoint(identity, sources, day, channels=channels_of(self._config))
