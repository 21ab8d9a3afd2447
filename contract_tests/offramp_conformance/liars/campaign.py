"""Many trials, side by side in processes of their own, and what they add up to."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import KW_ONLY, asdict, replace
from typing import Literal, TypeAlias, get_args

from offramp.types import JsonObject, value
from offramp_conformance.liars.anonymous import anonymous
from offramp_conformance.liars.diagnosis import diagnosis
from offramp_conformance.liars.lies import lies
from offramp_conformance.liars.lies.lie import Lie
from offramp_conformance.liars.places import PLACES
from offramp_conformance.liars.trying import Form, Tried, names, naming, try_honest, try_liar, try_variant
from offramp_conformance.liars.variants import variants
from offramp_providers.emulator.config import DIALECTS, Dialect

Kind: TypeAlias = Literal["honest", "variant", "always", "rarely", "anonymous"]
Verdict: TypeAlias = Literal["silent", "false_alarm", "caught", "seen", "missed", "no_check"]
"""Of an honest vendor the first two, of a liar the others. `seen`: some try saw a rare lie, and too few did to tell
it from what a model does by itself. `no_check`: nobody has written one that names this lie."""


@value
class Job:
    """One trial that is to be made."""

    kind: Kind
    id: str
    """Of the lie or the variant; a seed for an anonymous one."""
    dialect: Dialect
    seed: int = 0
    """Of the vendor's chances: in which calls it lies, and what it says where it may choose."""


@value
class Outcome:
    """One trial that was made."""

    job: Job
    verdict: Verdict
    named: tuple[str, ...] = ()
    """For a liar the checks that named it; for an honest vendor those that accused it."""
    _: KW_ONLY
    seconds: float = 0.0
    proven: int = 0
    rank: int | None = None
    """Of the true lie among the candidates for an anonymous one, from 1."""
    reasons: tuple[str, ...] = ()


def jobs(
    *,
    every: bool,
    only: Sequence[str] = (),
    dialects: Sequence[str] = (),
    kinds: Sequence[str] = (),
    draws: int = 8,
    seed: int = 0,
) -> Iterator[Job]:
    """What is to be tried.

    Args:
        every: in every dialect where it makes sense; else in one or two.
        only: ids of lies and variants; empty: all, and the plain honest vendor.
        dialects: only these; empty: all.
        kinds: only these kinds of trials; empty: all.
        draws: how many anonymous liars.
        seed: of all chances.
    """

    def is_wanted(job: Job) -> bool:
        asked = ((job.id, only), (job.dialect, dialects), (job.kind, kinds))
        return all(not words or word in words for word, words in asked)

    found = _every() if every else _sampled(draws)
    return (replace(job, seed=seed) for job in found if is_wanted(job))


def _every() -> Iterator[Job]:
    yield from (Job("honest", "apt", dialect) for dialect in DIALECTS)
    yield from (Job("variant", each.id, dialect) for each in variants() for dialect in each.dialects)
    for lie in lies():
        yield from (Job(form, lie.id, dialect) for form in _forms(lie) for dialect in lie.dialects)
    yield from _drawn(32)


def _sampled(draws: int) -> Iterator[Job]:
    yield from (Job("honest", "apt", dialect) for dialect in DIALECTS)
    for place, variant in enumerate(variants()):
        yield from (Job("variant", variant.id, dialect) for dialect in _two(variant.dialects, place))
    for lie in lies():
        yield from (Job(form, lie.id, lie.dialects[0]) for form in _forms(lie))
    yield from _drawn(draws)


def _forms(lie: Lie) -> tuple[Form, ...]:
    return ("always",) if lie.is_steady else ("always", "rarely")


def _two(dialects: Sequence[Dialect], place: int) -> list[Dialect]:
    """Two of them, others for each place, so that all have their turn."""
    return list(dict.fromkeys(dialects[(2 * place + step) % len(dialects)] for step in range(2)))


def _drawn(count: int) -> Iterator[Job]:
    yield from (Job("anonymous", str(seed), anonymous(seed).dialect) for seed in range(count))


# Making them.


def run(listed: Iterable[Job], *, workers: int, told: Callable[[Outcome], None]) -> tuple[Outcome, ...]:
    """Make all trials, in their order.

    Args:
        listed: the trials.
        workers: processes at once.
        told: is told of each as it ends.
    """
    ordered = list(listed)
    with ProcessPoolExecutor(max_workers=workers, initializer=_end_by_ctrl_c) as pool:
        begun = {pool.submit(make, job): at for at, job in enumerate(ordered)}
        made: dict[int, Outcome] = {}
        try:
            for each in as_completed(begun):
                made[begun[each]] = each.result()
                told(made[begun[each]])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tuple(made[at] for at in range(len(ordered)))


def _end_by_ctrl_c() -> None:
    """A trial's process ends at once; as an exception, Ctrl-C would become this trial's outcome, and the next begin."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def make(job: Job) -> Outcome:
    """Make one trial."""
    return asyncio.run(_made(job))


async def _made(job: Job) -> Outcome:
    match job.kind:
        case "honest":
            return _of_honest(job, await try_honest(PLACES[job.dialect], seed=job.seed))
        case "variant":
            variant = next(each for each in variants() if each.id == job.id)
            return _of_honest(job, await try_variant(PLACES[job.dialect], variant, seed=job.seed))
        case "always" | "rarely":
            return await _of_liar(job, job.kind)
        case "anonymous":
            return await _of_anonymous(job)


def _of_honest(job: Job, tried: Tried) -> Outcome:
    reasons = tuple(f"{each}: {tried.reasons[each]}" for each in tried.accused)
    verdict: Verdict = "false_alarm" if tried.accused else "silent"
    return Outcome(job, verdict, tried.accused, seconds=tried.seconds, proven=tried.proven, reasons=reasons)


async def _of_liar(job: Job, form: Form) -> Outcome:
    lie = next(each for each in lies() if each.id == job.id)
    if not naming(lie):
        return Outcome(job, "no_check")
    tried = await try_liar(PLACES[job.dialect], lie, form, seed=job.seed)
    reasons = tuple(f"{each}: {tried.reasons[each]}" for each in tried.named)
    verdict: Verdict = "caught" if tried.named else "seen" if tried.seen else "missed"
    return Outcome(job, verdict, tried.named or tried.seen, seconds=tried.seconds, reasons=reasons)


async def _of_anonymous(job: Job) -> Outcome:
    """Judged by every check; found where the true lie is among the candidates."""
    drawn = anonymous(int(job.id))
    tried = await drawn.tried()
    candidates = [each.lie for each in diagnosis(tried.named)]
    rank = candidates.index(drawn.truth.id) + 1 if drawn.truth.id in candidates else None
    named = tuple(each for each in tried.named if names(drawn.truth, each))
    verdict: Verdict = "caught" if rank else "missed" if naming(drawn.truth) else "no_check"
    return Outcome(job, verdict, named, seconds=tried.seconds, rank=rank, reasons=(f"it was {drawn.truth.id}",))


# What they add up to.


@value
class Report:
    """All trials."""

    outcomes: tuple[Outcome, ...]

    def count(self, verdict: Verdict) -> int:
        """How many ended so."""
        return sum(each.verdict == verdict for each in self.outcomes)

    @property
    def is_sound(self) -> bool:
        """Whether every liar was caught, and nobody honest was accused."""
        return not any(self.count(each) for each in ("missed", "seen", "false_alarm", "no_check"))

    def as_json(self) -> JsonObject:
        """As one object."""
        counts = {verdict: self.count(verdict) for verdict in get_args(Verdict)}
        trials = [{**asdict(each.job), **asdict(each)} for each in self.outcomes]
        for each in trials:
            del each["job"]
        return {"schema": "offramp-liars/1", "sound": self.is_sound, **counts, "trials": trials}
