"""One try of a check: put off where the endpoint asks for patience, ended where it has no end, and kept as digests."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from offramp.errors import ProviderError
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.errors_seen import ENDS_THE_RUN, WORTH_WAITING, sight_of_error
from offramp_conformance.suite.excerpts import excerpt
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import NotAnswered, Observation, Seen, Unaskable, broken, unclear
from offramp_conformance.suite.results import CallRecord, Try
from offramp_conformance.suite.sending import Bench
from offramp_conformance.suite.subject import Subject

_WAITS: Final = 2
"""How often a try that met an overload or a rate limit is put off."""
MOST_ATTEMPTS: Final = 1 + _WAITS
"""How often one try may be begun."""
_LONGEST_WAIT_S: Final = 30.0
_LONGEST_NAME: Final = 120


class Trier:
    """Makes the tries of a run."""

    def __init__(self, bench: Bench, options: Mapping[str, Any]) -> None:
        self._bench = bench
        self._options = options
        self.ended_by: str | None = None
        """Why nothing else will be answered either. None: nothing says so."""

    async def make(self, check: Check, number: int) -> Try:
        """One try.

        Raises:
            Unaskable: it cannot be put to this endpoint, or policy or the spending limit forbids it.
        """
        waits = 0
        while True:
            subject = Subject(self._bench, check.id, number, options=self._options)
            observation = await self._observed(check, subject)
            wait_s = _wait_asked_for(subject.exchanges) if observation.sight == "unclear" else None
            if wait_s is None or waits == _WAITS:
                self._note_end(observation, subject.exchanges)
                return Try(number, observation, tuple(self._record(observation, each) for each in subject.exchanges))
            waits += 1
            await self._bench.clock.sleep(min(wait_s, _LONGEST_WAIT_S))

    async def _observed(self, check: Check, subject: Subject) -> Observation:
        bound_s = self._bench.call_timeout_s * (check.most_calls + 1)
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
                self.ended_by = f"the endpoint answers nobody: {kind}"
            case _:
                pass


def _wait_asked_for(exchanges: Sequence[Exchanged]) -> float | None:
    """Seconds until it may be worth trying again. None: it is not."""
    match exchanges[-1].error if exchanges else None:
        case ProviderError(kind=kind, retry_after_s=wait_s) if kind in WORTH_WAITING:
            return 1.0 if wait_s is None else wait_s
        case _:
            return None


def _served(made: Exchanged) -> str | None:
    """Up to as much as a name has. None: it does not say, or the question was no client's."""
    origin = made.response.origin if made.response else None
    return origin.model[:_LONGEST_NAME] if origin and origin.model and not made.is_tampered else None


def _record(made: Exchanged) -> CallRecord:
    error = made.error
    return CallRecord(
        request_sha256=made.request_digest,
        response_sha256=made.response_digest,
        status=made.wire.status,
        error=None if error is None else str(error.kind if isinstance(error, ProviderError) else type(error).__name__),
        served=_served(made),
        total_s=made.total_s,
        first_output_s=made.first_output_s,
    )
