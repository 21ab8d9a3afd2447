"""One run of `offramp conform`: select, ask, judge, write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from offramp.config import Config, demand_of, endpoint_of, load_config
from offramp.contracts.needs import Demand
from offramp.contracts.offer import Price
from offramp.errors import ConfigurationError
from offramp.types import value
from offramp_conformance.checks import catalogue
from offramp_conformance.conform.answer_book import AnswerBook
from offramp_conformance.conform.baseline import Gap, load_baseline, with_gaps
from offramp_conformance.conform.comparing import compared, comparison_key, load_golden, plan_of
from offramp_conformance.conform.estimate import Estimate, estimated
from offramp_conformance.conform.folder import forget
from offramp_conformance.conform.journal import Journal
from offramp_conformance.conform.levels import Selection, objectives_of, required_by, select
from offramp_conformance.conform.line_file import is_begun
from offramp_conformance.conform.report import ConformRun, EndpointRun
from offramp_conformance.conform.settings import ConformSettings
from offramp_conformance.conform.verdict import VALID_DAYS, digest_of, judge, suite_version, verdict_key
from offramp_conformance.parity import GoldenSet, ParityPlan, ParityReport, questions_at_most
from offramp_conformance.parity.comparison import refuse_unfit
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.opening import mission_for, opened, price_of
from offramp_conformance.suite.results import CheckResult
from offramp_conformance.suite.runner import Runner, RunSettings, Watch
from offramp_conformance.suite.spending import USUAL, Limits, cost_of

JOURNAL: Final = "journal-{endpoint}.jsonl"
ANSWERS: Final = "parity-answers.jsonl"

Show = Callable[[str, CheckResult], None]
"""Told of each result, with the endpoint's name."""


@value
class Prepared:
    """A run of which nothing has been asked yet."""

    settings: ConformSettings
    _: KW_ONLY
    config: Config
    mission: str
    demand: Demand
    checks: tuple[Check, ...]
    """The whole catalogue."""
    selection: Selection
    gaps: dict[str, Gap]
    estimates: Mapping[str, Estimate]
    """Of each endpoint that is asked, by its name."""
    golden: GoldenSet | None = None
    plan: ParityPlan

    @property
    def questions(self) -> int:
        """How many exchanges parity takes at most."""
        return 0 if self.golden is None else questions_at_most(self.golden, self.plan)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Who is asked, the one that is asked about first."""
        return _asked(self.settings)


def prepare(settings: ConformSettings) -> Prepared:
    """Read all that a run rests on. Nothing is sent.

    Raises:
        ConfigurationError: something is missing, contradictory or unreadable.
    """
    config = load_config(settings.config)
    mission = mission_for(config, settings.endpoint, settings.mission)
    if settings.against is not None:
        mission_for(config, settings.against, mission)
    demand = demand_of(config, mission)
    checks = catalogue()
    selection = select(checks, settings.level, required_by(demand), only=settings.only, without=settings.without)
    golden, plan = _parity(settings)
    if settings.judge is not None:
        mission_for(config, settings.judge, mission)
    prices = _prices(config, settings)
    return Prepared(
        settings,
        config=config,
        mission=mission,
        demand=demand,
        checks=checks,
        selection=selection,
        gaps=dict(load_baseline(settings.baseline, {each.id for each in checks})) if settings.baseline else {},
        estimates={
            each: estimated(selection.checks, _run_settings(settings, demand), prices[each])
            for each in _asked(settings)
        },
        golden=golden,
        plan=plan,
    )


def _asked(settings: ConformSettings) -> tuple[str, ...]:
    return (settings.endpoint,) if settings.against is None else (settings.endpoint, settings.against)


def _prices(config: Config, settings: ConformSettings) -> dict[str, Price | None]:
    """What is stated of the price of each endpoint that may be asked, the judge included."""
    names = (*_asked(settings), *((settings.judge,) if settings.judge else ()))
    prices = {name: price_of(endpoint_of(config, name)) for name in names}
    for name, price in prices.items():
        if settings.max_cost_usd is not None and cost_of(USUAL, price) is None:
            raise ConfigurationError(
                "a ceiling in dollars cannot be held, since no price is known",
                where=f"endpoints.{name}",
                mend="state it in `offers`, or give --max-calls",
            )
    return prices


def _run_settings(settings: ConformSettings, demand: Demand) -> RunSettings:
    return RunSettings(
        tries=settings.tries,
        most_tries=settings.most_tries,
        parallel=settings.parallel,
        required=required_by(demand),
        options={**objectives_of(demand), **settings.options},
    )


def _parity(settings: ConformSettings) -> tuple[GoldenSet | None, ParityPlan]:
    """The golden set, and what is to be shown by it."""
    plan = plan_of(settings)
    if settings.golden is None:
        return None, plan
    if settings.against is None:
        raise ConfigurationError("there is nothing to compare with", where="--golden", mend="give --against")
    golden = load_golden(settings.golden)
    refuse_unfit(golden, plan, judged=settings.judge is not None)
    return golden, plan


async def conform(prepared: Prepared, show: Show) -> ConformRun:
    """Ask each endpoint, one after the other, and judge.

    Raises:
        ConfigurationError, StateError: it could not be carried out.
    """
    if not prepared.settings.resume:
        forget((*(_journal_file(prepared, each) for each in prepared.endpoints), prepared.settings.folder / ANSWERS))
    runs = [await _ask(prepared, name, show) for name in prepared.endpoints]
    parity, in_flight = (None, 0) if prepared.golden is None else await _compare(prepared, prepared.golden, runs)
    return ConformRun(
        at=min(each.begun for each in runs),
        mission=prepared.mission,
        selection=prepared.selection,
        tries=prepared.settings.tries,
        most_tries=prepared.settings.most_tries,
        suite=suite_version(prepared.checks),
        runs=tuple(runs),
        parity=parity.as_json() if parity else None,
        parity_in_flight=in_flight,
    )


async def _compare(prepared: Prepared, golden: GoldenSet, runs: Sequence[EndpointRun]) -> tuple[ParityReport, int]:
    """The comparison, and how many calls of an interrupted one were made again."""
    settings = prepared.settings
    key = comparison_key(settings, golden, prepared.plan, [each.verdict.key for each in runs])
    with AnswerBook(settings.folder / ANSWERS, key, resume=settings.resume) as book:
        report = book.decided
        if report is None:
            spent = dict(zip(prepared.endpoints, (each.meter for each in runs), strict=True))
            report = await compared(
                prepared.config, prepared.mission, settings, golden, prepared.plan, book=book, spent=spent
            )
            book.decide(report)
        return report, book.in_flight


async def _ask(prepared: Prepared, name: str, show: Show) -> EndpointRun:
    settings = prepared.settings
    endpoint = endpoint_of(prepared.config, name)
    key = verdict_key(endpoint, prepared.demand, prepared.checks)
    with _journal(prepared, name, key) as journal:
        begun = _fresh(journal.earlier.begun, _journal_file(prepared, name))
        async with opened(
            prepared.config,
            name,
            mission=prepared.mission,
            limits=_limits(prepared, name, journal.earlier.in_flight),
            told=journal.told,
            call_timeout_s=settings.call_timeout_s,
        ) as bench:
            bench.meter.take_up(journal.earlier.calls)
            watch = Watch(known=journal.known, tried=journal.tried, ended=lambda result: show(name, result))
            found = await Runner(bench, _run_settings(settings, prepared.demand), watch).run(prepared.selection.checks)
    results, stale = with_gaps(found, prepared.gaps, today=datetime.now(UTC).date())
    return EndpointRun(
        endpoint,
        results=results,
        verdict=judge(prepared.selection, results, stale, key=key, today=begun.date()),
        stale=stale,
        meter=bench.meter,
        begun=begun,
        in_flight=journal.earlier.in_flight,
    )


def _fresh(begun: datetime, file: Path) -> datetime:
    """When a run was begun that may still be gone on with: else old evidence would be dated anew by each resuming.

    Raises:
        ConfigurationError: it has expired, or the clock was set back since.
    """
    age = datetime.now(UTC) - begun
    if timedelta(minutes=-5) <= age <= timedelta(days=VALID_DAYS):
        return begun
    what = "is too old to prove anything" if age > timedelta() else "lies in the future"
    raise ConfigurationError(
        f"the run that was begun here at {begun:%Y-%m-%d %H:%M} UTC {what}",
        where=str(file),
        mend="run without --resume" if age > timedelta() else "set the clock right, or run without --resume",
    )


def _journal_file(prepared: Prepared, endpoint: str) -> Path:
    return prepared.settings.folder / JOURNAL.format(endpoint=endpoint)


def _limits(prepared: Prepared, endpoint: str, in_flight: int) -> Limits:
    """What was announced holds, whatever a check does: beside it come only the calls that a kill has wasted."""
    most, asked = prepared.estimates[endpoint].most_calls + in_flight, prepared.settings.max_calls
    return Limits(max_calls=most if asked is None else min(asked, most), max_cost_usd=prepared.settings.max_cost_usd)


def _journal(prepared: Prepared, endpoint: str, key: str) -> Journal:
    """What was begun is gone on with. The endpoints after the first may not have had their turn before."""
    settings = prepared.settings
    settings.folder.mkdir(parents=True, exist_ok=True)
    path = _journal_file(prepared, endpoint)
    goes_on = settings.resume and (endpoint == settings.endpoint or is_begun(path))
    return Journal(path, _run_key(prepared, key), resume=goes_on)


def _run_key(prepared: Prepared, key: str) -> str:
    """What a journal is of: the verdict's key, and how the run goes about it."""
    settings = prepared.settings
    return digest_of(
        {
            "key": key,
            "mission": prepared.mission,
            "checks": [each.id for each in prepared.selection.checks],
            "tries": settings.tries,
            "most_tries": settings.most_tries,
            "call_timeout_s": settings.call_timeout_s,
            "options": dict(settings.options),
        }
    )
