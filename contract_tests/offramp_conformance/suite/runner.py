"""Runs checks against one endpoint: each as often as needed, side by side within bounds, never a storm of retries."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from offramp.contracts.capability import Requirement
from offramp.types import value
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.observations import Unaskable, Withheld
from offramp_conformance.suite.results import (
    CheckResult,
    Try,
    chances,
    is_decisive,
    judged,
    lapses_of,
    standing_of,
    support_found,
)
from offramp_conformance.suite.sending import Bench
from offramp_conformance.suite.trying import Trier


@value
class RunSettings:
    """How a run goes about it."""

    _: KW_ONLY
    tries: int = 3
    """Of each check that does not say how often itself. A vendor is not trusted on a single one."""
    most_tries: int = 60
    """Up to how often a check is tried that some tries broke, until it is decided whether they are more than are
    tolerated. No more than `tries`: no further ones are made."""
    parallel: int = 4
    """Checks at once."""
    required: frozenset[Requirement] = frozenset()
    """What the mission's contract uses."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """For the checks themselves."""

    def tries_of(self, check: Check) -> int:
        """How often a check is tried of which no try breaks."""
        return check.tries or self.tries

    def most_tries_of(self, check: Check) -> int:
        """How often it is tried at most: only one that forgives some tries, and says no number itself, gets more."""
        if check.tries is not None or check.trust == "every":
            return self.tries_of(check)
        return max(self.tries, self.most_tries)


@value
class Watch:
    """Who is told of what happens, and what is known from an earlier run."""

    _: KW_ONLY
    known: Callable[[Check], Sequence[Try]] = lambda _: ()
    """Tries of a check that had ended before the run was interrupted."""
    tried: Callable[[Check, Try], None] = lambda _check, _try: None
    ended: Callable[[CheckResult], None] = lambda _: None


@dataclass
class _Case:
    """A check while it is tried."""

    check: Check
    tries: list[Try]
    reason: str | None = None
    """Why it is not tried further. None: nothing keeps it."""
    applies: bool = True
    result: CheckResult | None = None
    """Once it has come to an end."""

    @property
    def is_decided(self) -> bool:
        """Whether one of its tries refutes it, so that no other counts."""
        return any(is_decisive(self.check, each) for each in self.tries)


class Runner:
    """One run."""

    def __init__(self, bench: Bench, settings: RunSettings, watch: Watch | None = None) -> None:
        self._bench = bench
        self._settings = settings
        self._watch = watch or Watch()
        self._trier = Trier(bench, settings.options)

    async def run(self, checks: Iterable[Check]) -> tuple[CheckResult, ...]:
        """All of them, in their order.

        First each has its tries; then those have further ones that some tries broke and that forgive some, so that a
        spending limit is not used up by a few.
        """
        cases = [_Case(each, list(self._watch.known(each))) for each in checks]
        await self._round(cases, self._has_tries_left)
        await self._round([each for each in cases if each.result is None], self._is_open)
        return tuple(each.result or self._end(each) for each in cases)

    async def _round(self, cases: Sequence[_Case], goes_on: Callable[[_Case], bool]) -> None:
        """Each of them, while it goes on. What measures or loads the endpoint comes last, one by one."""
        room = asyncio.Semaphore(self._settings.parallel)

        async def within(case: _Case) -> None:
            async with room:
                await self._go(case, goes_on)

        await asyncio.gather(*(within(each) for each in cases if not each.check.alone))
        for each in cases:
            if each.check.alone:
                await self._go(each, goes_on)

    async def _go(self, case: _Case, goes_on: Callable[[_Case], bool]) -> None:
        case.reason = self._not_tried(case.check)
        while case.reason is None and goes_on(case):
            await self._try(case)
        if case.reason is not None or not self._is_open(case):
            self._end(case)

    async def _try(self, case: _Case) -> None:
        try:
            made = await self._trier.make(case.check, len(case.tries))
        except Unaskable as error:
            case.reason, case.applies = str(error), isinstance(error, Withheld)
        else:
            case.tries.append(made)
            self._watch.tried(case.check, made)
            case.reason = self._trier.ended_by if made.observation.sight == "unclear" else None

    def _not_tried(self, check: Check) -> str | None:
        """Why there is no use in trying. None: there is."""
        for need in check.needs:
            claim = self._bench.provider.endpoint.capability(need)
            if claim is not None and claim.support in ("rejected", "unsupported"):
                return f"it needs {need}, which the endpoint is known to lack"
        return self._trier.ended_by

    def _has_tries_left(self, case: _Case) -> bool:
        return len(case.tries) < self._settings.tries_of(case.check) and not case.is_decided

    def _is_open(self, case: _Case) -> bool:
        """Whether further tries may tell if those that broke are more than are tolerated."""
        if len(case.tries) >= self._settings.most_tries_of(case.check) or case.is_decided:
            return False
        lapses = lapses_of(case.check, case.tries)
        return lapses is not None and lapses.standing == "undecided"

    def _end(self, case: _Case) -> CheckResult:
        case.result = self._result(case)
        self._watch.ended(case.result)
        return case.result

    def _result(self, case: _Case) -> CheckResult:
        check, tries = case.check, case.tries
        claim = check.verifies and self._bench.provider.endpoint.capability(check.verifies)
        support = claim.support if claim else None
        state, why = judged(check, tries)
        if case.reason is not None and state == "inconclusive":
            state, why = "not_tried", case.reason
        estimates = chances(tries, self._settings.tries_of(check))
        return CheckResult(
            check.id,
            state=state,
            why=why,
            level=check.level,
            axis=check.axis,
            standing=standing_of(check, support, self._settings.required),
            verifies=check.verifies,
            claim=support,
            found=check.verifies and support_found(state, tries),
            tries=tuple(tries),
            pass_at_k=estimates and estimates[0],
            pass_hat_k=estimates and estimates[1],
            lapses=lapses_of(check, tries),
            applies=case.applies or state != "not_tried",
        )
