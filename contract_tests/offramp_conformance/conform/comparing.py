"""Asks the golden set of two endpoints, each call under the mission's policy, permission and decision log."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from pathlib import Path

from offramp.config import Config
from offramp.errors import ConfigurationError
from offramp.toml_file import load_toml
from offramp.types import AnyResponse
from offramp_conformance.conform.answer_book import AnswerBook
from offramp_conformance.conform.settings import ConformSettings
from offramp_conformance.conform.verdict import digest_of
from offramp_conformance.parity import Asks, GoldenSet, ParityPlan, ParityReport, Question, compare
from offramp_conformance.parity.asking import NotAsked
from offramp_conformance.suite.observations import Unaskable
from offramp_conformance.suite.opening import opened
from offramp_conformance.suite.sending import Bench
from offramp_conformance.suite.spending import CallNote, Limits, Meter
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


def comparison_key(settings: ConformSettings, golden: GoldenSet, plan: ParityPlan, keys: Sequence[str]) -> str:
    """What a comparison is of, as one digest: the verdict keys of both endpoints, golden set, plan and judge."""
    return digest_of({"keys": list(keys), "golden": golden.sha256, "plan": asdict(plan), "judge": settings.judge})


async def compared(  # who, what and how; and all but five are optional
    config: Config,
    mission: str,
    settings: ConformSettings,
    golden: GoldenSet,
    plan: ParityPlan,
    *,
    book: AnswerBook | None = None,
    spent: Mapping[str, Meter] | None = None,
) -> ParityReport:
    """Measure the old endpoint against itself, then the new one against the old one.

    Args:
        config: as loaded.
        mission: under whose policy both are asked.
        settings: of the run.
        golden: what they are asked.
        plan: what is to be shown.
        book: keeps the answers. None: nobody does.
        spent: what was spent at an endpoint before, which counts against its limits.

    Raises:
        ConfigurationError, StateError: it could not be carried out.
    """
    if settings.against is None:
        raise ConfigurationError("there is nothing to compare with", where="--golden", mend="give --against")
    limits = Limits(max_calls=settings.max_calls, max_cost_usd=settings.max_cost_usd)
    async with AsyncExitStack() as stack:
        benches: dict[str, Bench] = {}
        for name in dict.fromkeys((settings.against, settings.endpoint, settings.judge or settings.endpoint)):
            told = book.told_of(name) if book else None
            opening = opened(
                config, name, mission=mission, limits=limits, told=told, call_timeout_s=settings.call_timeout_s
            )
            benches[name] = await stack.enter_async_context(opening)
            _take_up(benches[name].meter, (spent or {}).get(name), book.calls(name) if book else ())
        return await compare(
            golden,
            old=_asks(benches[settings.against]),
            new=_asks(benches[settings.endpoint]),
            plan=plan,
            judge=_asks(benches[settings.judge]) if settings.judge else None,
            salt=book.salt if book else None,
            book=book,
        )


def _take_up(meter: Meter, spent: Meter | None, earlier: Iterable[CallNote]) -> None:
    if spent is not None:
        meter.go_on_from(spent)
    meter.take_up(earlier)


def _asks(bench: Bench) -> Asks:
    async def ask(question: Question) -> AnyResponse:
        try:
            made = await Subject(bench, f"parity.{question.role}", question.number).ask(question.request)
        except Unaskable as reason:
            raise NotAsked(str(reason)) from reason
        if made.error is not None:
            raise made.error
        return made.answer

    return ask
