"""How a try sends: decided by policy, permitted by the gate, in the decision log, counted; once, and to nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import KW_ONLY
from typing import TypeAlias

from offramp._ask import Ask
from offramp._exchange import Exchange
from offramp._mission import MissionPlan
from offramp.audit import DecisionLog
from offramp.contracts.clock import Clock
from offramp.contracts.oversight import Condition
from offramp.contracts.permission import SendToken
from offramp.contracts.policy import Decision
from offramp.contracts.provider import PreparedCall, Provider
from offramp.errors import OfframpError, PolicyDenied, Prohibited
from offramp.resilience import Deadline
from offramp.state import StateGate
from offramp.types import AnyResponse, Batch, GenerateRequest, Identity, Loss, Usage, value
from offramp.types.fold import Folder
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Withheld
from offramp_conformance.suite.spending import Meter
from offramp_conformance.suite.wire_tap import TAP, Tapped


class HungUp(OfframpError):
    """An exchange did not end in its time."""


@value
class Bench:
    """What all tries of a run share."""

    _: KW_ONLY
    provider: Provider
    plan: MissionPlan
    """The mission under which it is asked."""
    exchange: Exchange
    """Decides what may be sent."""
    gate: StateGate
    log: DecisionLog
    clock: Clock
    meter: Meter
    seed: int = 0
    call_timeout_s: float = 60.0
    """For one exchange, in seconds: an endpoint that hangs ends in a finding."""

    @property
    def identity(self) -> Identity:
        """Who is asked."""
        return self.provider.endpoint.identity

    def cleared(self, request: GenerateRequest, call_id: str) -> tuple[Decision, Condition | None]:
        """What policy says now, and what people must do for the call: as for every call of the mission.

        Raises:
            Withheld: it may not be sent. A denial is in the log.
        """
        deadline = Deadline(self.clock, self.call_timeout_s)
        ask = Ask(plan=self.plan, deadline=deadline, call_id=call_id, request_for=lambda _: (request, ()))
        try:
            return self.exchange.cleared(ask, self.provider.endpoint)
        except (PolicyDenied, Prohibited) as error:
            raise Withheld(error.what) from error


class Sent:
    """What comes of one exchange while it is under way."""

    def __init__(self) -> None:
        self.response: AnyResponse | None = None
        self.batches: list[Batch] = []
        self.gaps_s: list[float] = []
        self.first_output_s: float | None = None


Attempt: TypeAlias = Callable[[PreparedCall, SendToken, Sent], Awaitable[None]]
"""Sends, and fills in what comes."""


async def exchange(bench: Bench, call: PreparedCall, request: GenerateRequest, attempt: Attempt, who: str) -> Exchanged:
    """One exchange, whatever comes of it.

    Args:
        bench: whom to ask, and under what.
        call: encoded.
        request: what it says.
        attempt: sends it.
        who: the check and the try, for the log and the count.

    Raises:
        Withheld: policy or the spending limit forbids it.
    """
    sent, tap, error = Sent(), Tapped(), None
    outer, started_s = TAP.set(tap), bench.clock.monotonic()
    try:
        await _permitted(bench, call, request, attempt, sent, who)
    except OfframpError as failed:
        error = failed
    finally:
        TAP.reset(outer)
    return Exchanged(
        request,
        response=sent.response,
        error=error,
        losses=call.losses,
        wire=tap.shown(),
        batches=tuple(sent.batches),
        total_s=bench.clock.monotonic() - started_s,
        first_output_s=sent.first_output_s,
        gaps_s=tuple(sent.gaps_s),
    )


class Permit:
    """Leave for one exchange: policy has decided, the gate has admitted it, and the log has the decision."""

    def __init__(self, token: SendToken, call_id: str) -> None:
        self.token = token
        self.call_id = call_id
        self.usage: Usage | None = None
        """What the answer has cost, once there is one."""


@contextmanager
def permitted(bench: Bench, who: str, request: GenerateRequest, losses: tuple[Loss, ...] = ()) -> Generator[Permit]:
    """Decide, count, ask permission and log; give the token back at the end, and log a failure.

    Raises:
        Withheld: policy or the spending limit forbids it.
        Prohibited: an order stops it.
    """
    identity, call_id = bench.identity, f"{who}.{bench.meter.calls + 1}"
    decision, condition = bench.cleared(request, call_id)
    number = bench.meter.begin(who)
    token = bench.gate.admit(identity, decision=decision, call_id=call_id, condition=condition, losses=losses)
    permit = Permit(token, call_id)
    try:
        yield permit
    except OfframpError as error:
        token.release()
        bench.log.append_failure(error, identity=identity, call_id=permit.call_id)
        raise
    finally:
        permit.token.release()
        bench.meter.end(who, number, permit.usage)


async def _permitted(
    bench: Bench, call: PreparedCall, request: GenerateRequest, attempt: Attempt, sent: Sent, who: str
) -> None:
    with permitted(bench, who, request, call.losses) as permit:
        await _in_time(bench, attempt(call, permit.token, sent))
        if sent.response is not None:
            permit.usage = sent.response.usage
            bench.log.append_outcome(sent.response, identity=bench.identity, call_id=permit.call_id)


async def _in_time(bench: Bench, attempt: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(bench.call_timeout_s):
            await attempt
    except TimeoutError as error:
        raise HungUp(f"there was no end within {bench.call_timeout_s:g} s") from error


def whole(bench: Bench) -> Attempt:
    """Asks for an answer in one piece."""

    async def send(call: PreparedCall, token: SendToken, sent: Sent) -> None:
        sent.response = await bench.provider.send(call, token=token)

    return send


def streamed(bench: Bench, leave_after: int | None) -> Attempt:
    """Reads an answer as it arrives, up to so many batches; None: to its end."""

    async def send(call: PreparedCall, token: SendToken, sent: Sent) -> None:
        folder = Folder()
        try:
            await _read(bench, call, token, sent, folder, leave_after)
        finally:
            sent.response = folder.response()
        if folder.failure is not None:
            raise folder.failure

    return send


async def _read(
    bench: Bench, call: PreparedCall, token: SendToken, sent: Sent, folder: Folder, leave_after: int | None
) -> None:
    last_s = started_s = bench.clock.monotonic()
    async with bench.provider.stream(call, token=token) as reads:
        async for read in reads:
            now_s = bench.clock.monotonic()
            sent.gaps_s.append(now_s - last_s)
            last_s = now_s
            for batch in read:
                folder.add(batch)
                sent.batches.append(batch)
            if sent.first_output_s is None and any(batch.events for batch in read):
                sent.first_output_s = now_s - started_s
            if leave_after is not None and len(sent.batches) >= leave_after:
                return
