"""Asks the golden set of two endpoints, each call under the mission's policy, permission and decision log."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from offramp.config import Config
from offramp.errors import ConfigurationError
from offramp.toml_file import load_toml
from offramp.types import AnyResponse
from offramp_conformance.conform.settings import ConformSettings
from offramp_conformance.parity import Asks, GoldenSet, ParityPlan, ParityReport, Question, compare
from offramp_conformance.suite.opening import opened
from offramp_conformance.suite.sending import Bench
from offramp_conformance.suite.spending import Limits
from offramp_conformance.suite.subject import Subject


def plan_of(settings: ConformSettings) -> ParityPlan:
    """What is to be shown: as the plan's file says, with the command's margin on top.

    Raises:
        ConfigurationError: the file cannot be read, or a value is out of its range.
    """
    plan = load_toml(settings.plan, ParityPlan) if settings.plan else ParityPlan()
    return plan if settings.margin is None else replace(plan, margin=settings.margin)


def load_golden(path: Path) -> GoldenSet:
    """The golden set. Raises ConfigurationError."""
    from offramp_conformance.parity import load_golden_set

    return load_golden_set(path)


async def compared(
    config: Config, mission: str, settings: ConformSettings, golden: GoldenSet, plan: ParityPlan
) -> ParityReport:
    """Measure the old endpoint against itself, then the new one against the old one.

    Raises:
        ConfigurationError, StateError: it could not be carried out.
    """
    if settings.against is None:
        raise ConfigurationError("there is nothing to compare with", where="--golden", mend="give --against")
    async with AsyncExitStack() as stack:

        async def asks(name: str) -> Asks:
            limits = Limits(max_calls=settings.max_calls, max_cost_usd=settings.max_cost_usd)
            bench = await stack.enter_async_context(
                opened(config, name, mission=mission, limits=limits, call_timeout_s=settings.call_timeout_s)
            )
            return _asks(bench)

        judge = await asks(settings.judge) if settings.judge else None
        return await compare(
            golden, old=await asks(settings.against), new=await asks(settings.endpoint), plan=plan, judge=judge
        )


def _asks(bench: Bench) -> Asks:
    async def ask(question: Question) -> AnyResponse:
        made = await Subject(bench, f"parity.{question.role}", question.number).ask(question.request)
        if made.error is not None:
            raise made.error
        return made.answer

    return ask
