"""What `offramp conform` is told."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from offramp.types import value
from offramp_conformance.conform.levels import RunLevel


@value
class ConformSettings:
    """One run."""

    config: Path
    endpoint: str
    _: KW_ONLY
    against: str | None = None
    """The endpoint that it is held against. None: none."""
    mission: str | None = None
    level: RunLevel = "contract"
    tries: int = 3
    most_tries: int = 60
    """Up to how often a check is tried that some tries broke."""
    parallel: int = 4
    folder: Path = Path("conform-report")
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    baseline: Path | None = None
    golden: Path | None = None
    """The golden set for parity. None: parity is not asked for."""
    plan: Path | None = None
    """What parity has to show. None: the usual plan."""
    margin: float | None = None
    """How much lower the new pass rate may be. None: as the plan says."""
    judge: str | None = None
    """The endpoint that judges where two answers are held against each other."""
    max_calls: int | None = None
    max_cost_usd: Decimal | None = None
    call_timeout_s: float = 60.0
    resume: bool = False
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """For the checks themselves."""
