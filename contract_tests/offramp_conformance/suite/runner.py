"""Runs checks against one endpoint: each as often as needed, side by side within bounds, never a storm of retries."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, field, replace
from typing import Any, Final

from offramp.contracts.capability import Requirement
from offramp.errors import ProviderError
from offramp.types import value
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.errors_seen import ENDS_THE_RUN, WORTH_WAITING, sight_of_error
from offramp_conformance.suite.excerpts import excerpt
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import NotAnswered, Observation, Seen, Unaskable, Withheld, broken, unclear
from offramp_conformance.suite.results import CallRecord, CheckResult, Try, chances, judged, standing_of, support_found
from offramp_conformance.suite.sending import Bench
from offramp_conformance.suite.subject import Subject

_WAITS: Final = 2
"""How often a try that met an overload or a rate limit is put off."""
_LONGEST_WAIT_S: Final = 30.0


@value
class RunSettings:
    """How a run goes about it."""

    _: KW_ONLY
    tries: int = 3
    """Of each check that does not say how often itself. A vendor is not trusted on a single one."""
    parallel: int = 4
    """Checks at once."""
    required: frozenset[Requirement] = frozenset()
    """What the mission's contract uses."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """For the checks themselves."""


@value
class Watch:
    """Who is told of what happens, and what is known from an earlier run."""

    _: KW_ONLY
    known: Callable[[Check], Sequence[Try]] = lambda _: ()
    """Tries of a check that had ended before the run was interrupted."""
    tried: Callable[[Check, Try], None] = lambda _check, _try: None
    ended: Callable[[CheckResult], None] = lambda _: None


class Runner:
    """One run."""

    def __init__(self, bench: Bench, settings: RunSettings, watch: Watch | None = None) -> None:
        self._bench = bench
        self._settings = settings
        self._watch = watch or Watch()
        self._ended_by: str | None = None

    async def run(self, checks: Iterable[Check]) -> tuple[CheckResult, ...]:
        """All of them, in their order. What measures or loads the endpoint comes last, one by one."""
        listed = list(checks)
        room = asyncio.Semaphore(self._settings.parallel)

        async def within(check: Check) -> CheckResult:
            async with room:
                return await self._check(check)

        beside = [each for each in listed if not each.alone]
        results = dict(zip([each.id for each in beside], await asyncio.gather(*map(within, beside)), strict=True))
        for each in listed:
            if each.alone:
                results[each.id] = await self._check(each)
        return tuple(results[each.id] for each in listed)

    async def _check(self, check: Check) -> CheckResult:
        tries, applies = list(self._watch.known(check)), True
        reason = self._not_tried(check)
        while reason is None and self._goes_on(check, tries):
            try:
                made = await self._try(check, len(tries))
            except Unaskable as error:
                reason, applies = str(error), isinstance(error, Withheld)
            else:
                tries.append(made)
                self._watch.tried(check, made)
                reason = self._ended_by if made.observation.sight == "unclear" else None
        result = self._result(check, tries, reason, applies=applies)
        self._watch.ended(result)
        return result

    def _not_tried(self, check: Check) -> str | None:
        """Why there is no use in trying. None: there is."""
        for need in check.needs:
            claim = self._bench.provider.endpoint.capability(need)
            if claim is not None and claim.support in ("rejected", "unsupported"):
                return f"it needs {need}, which the endpoint is known to lack"
        return self._ended_by

    def _goes_on(self, check: Check, tries: Sequence[Try]) -> bool:
        if len(tries) >= (check.tries or self._settings.tries):
            return False
        decisive = {"absent", "broken"} if check.trust == "every" else {"absent"}
        return not any(each.observation.sight in decisive for each in tries)

    async def _try(self, check: Check, number: int) -> Try:
        """One try; put off where the endpoint asks for patience."""
        waits = 0
        while True:
            subject = Subject(self._bench, check.id, number, options=self._settings.options)
            observation = await self._observed(check, subject)
            wait_s = _wait_asked_for(subject.exchanges) if observation.sight == "unclear" else None
            if wait_s is None or waits == _WAITS:
                self._note_end(observation, subject.exchanges)
                return Try(number, observation, tuple(self._record(observation, each) for each in subject.exchanges))
            waits += 1
            await self._bench.clock.sleep(min(wait_s, _LONGEST_WAIT_S))

    async def _observed(self, check: Check, subject: Subject) -> Observation:
        bound_s = self._bench.call_timeout_s * (check.calls + 1)
        try:
            async with asyncio.timeout(bound_s):
                return await check.run(subject)
        except Seen as seen:
            return seen.observation
        except NotAnswered as failed:
            return sight_of_error(failed.error, optional=check.verifies is not None)
        except TimeoutError:
            return broken(f"the check did not end within {bound_s:g} s")
        except (Unaskable, AssertionError):
            raise
        except Exception as error:  # noqa: BLE001  # whatever an endpoint answers ends in a finding
            return unclear(f"the check could not go on: {type(error).__name__}")

    def _record(self, observation: Observation, made: Exchanged) -> CallRecord:
        record = _record(made)
        if observation.sight not in ("broken", "absent"):
            return record
        secret = self._bench.provider.endpoint.key()
        return replace(record, sent=excerpt(made.wire.sent, secret), received=excerpt(made.wire.received, secret))

    def _note_end(self, observation: Observation, exchanges: Sequence[Exchanged]) -> None:
        """Where the key or the account is refused, nothing else will be answered either."""
        if observation.sight != "unclear" or not exchanges:
            return
        match exchanges[-1].error:
            case ProviderError(kind=kind) if kind in ENDS_THE_RUN:
                self._ended_by = f"the endpoint answers nobody: {kind}"
            case _:
                pass

    def _result(self, check: Check, tries: Sequence[Try], reason: str | None, *, applies: bool) -> CheckResult:
        claim = check.verifies and self._bench.provider.endpoint.capability(check.verifies)
        support = claim.support if claim else None
        state, why = judged(check, tries)
        if reason is not None and state == "inconclusive":
            state, why = "not_tried", reason
        k = check.tries or self._settings.tries
        estimates = chances(tries, k)
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
            applies=applies or state != "not_tried",
        )


def _wait_asked_for(exchanges: Sequence[Exchanged]) -> float | None:
    """Seconds until it may be worth trying again. None: it is not."""
    match exchanges[-1].error if exchanges else None:
        case ProviderError(kind=kind, retry_after_s=wait_s) if kind in WORTH_WAITING:
            return 1.0 if wait_s is None else wait_s
        case _:
            return None


def _record(made: Exchanged) -> CallRecord:
    error = made.error
    return CallRecord(
        request_sha256=made.request_digest,
        response_sha256=made.response_digest,
        status=made.wire.status,
        error=None if error is None else str(error.kind if isinstance(error, ProviderError) else type(error).__name__),
        total_s=made.total_s,
        first_output_s=made.first_output_s,
    )
