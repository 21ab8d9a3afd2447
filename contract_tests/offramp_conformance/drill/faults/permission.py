"""Faults of the last hop: an order that is not obeyed, obeyed late, or got round; a log without decisions."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import monotonic
from typing import Final, TypeAlias

from offramp.audit import DecisionLog
from offramp.contracts.audit import Entry
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import PreparedCall
from offramp.contracts.state import PermissionStore, Snapshot
from offramp.errors import OfframpError, Prohibited
from offramp.state import StateGate
from offramp.types import Batch, Identity
from offramp_conformance.drill.faults.seams import inside, replace_in
from offramp_providers.http_provider import HttpProvider

Stream: TypeAlias = Callable[..., AbstractAsyncContextManager[AsyncIterator[Sequence[Batch]]]]

_LATE_S: Final = 2.5
_RETRIES_S: Final = (0.8, 0.8, 0.8)
"""Pauses before each retry, so that it falls after the stop whatever else the machine has to do."""


def gate_off(_first: str, _second: str) -> None:
    """The gate lets everything pass, cuts nothing, and says that it has obeyed."""

    def permit(gate: StateGate, _identity: Identity, **_: object) -> Snapshot:
        return _standing(gate)

    replace_in(StateGate, "_permit", permit)

    def obey(_gate: StateGate, _snapshot: Snapshot) -> bool:
        return True

    replace_in(StateGate, "_permit", permit)
    replace_in(StateGate, "_obey", obey)


def late_cut(_first: str, _second: str) -> None:
    """The gate takes notice of an order, but late."""
    permit: Callable[..., Snapshot] = inside(StateGate, "_permit")
    obey: Callable[..., bool] = inside(StateGate, "_obey")

    def is_young(snapshot: Snapshot) -> bool:
        return any(monotonic() - stop.committed_monotonic_s < _LATE_S for stop in snapshot.stops)

    def late_permit(gate: StateGate, identity: Identity, **more: object) -> Snapshot:
        snapshot = _standing(gate)
        return snapshot if is_young(snapshot) else permit(gate, identity, **more)

    def late_obey(gate: StateGate, snapshot: Snapshot) -> bool:
        return False if is_young(snapshot) else obey(gate, snapshot)

    replace_in(StateGate, "_permit", late_permit)
    replace_in(StateGate, "_obey", late_obey)


def _standing(gate: StateGate) -> Snapshot:
    store: PermissionStore = inside(gate, "_store")
    return store.read()


class _Forged(SendToken):
    """A token that no gate gave."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity

    @property
    def cut(self) -> bool:
        return False

    def spend(self) -> None:
        return

    def depart(self, go: Callable[[], None], refused: Callable[[OfframpError], None]) -> None:  # noqa: ARG002  # as below
        go()

    def on_cut(self, close: Callable[[], None]) -> None:  # noqa: ARG002  # the seam's parameter
        return

    def release(self) -> None:
        return


def retry_after_stop(first: str, _second: str) -> None:
    """What the order has cut is sent again, past the gate."""
    stream = HttpProvider.stream
    tasks: set[asyncio.Task[None]] = set()

    async def watched(
        provider: HttpProvider, call: PreparedCall, reads: AsyncIterator[Sequence[Batch]]
    ) -> AsyncGenerator[Sequence[Batch]]:
        try:
            async for read in reads:
                yield read
        except Prohibited:
            if call.endpoint.identity.endpoint == first:
                tasks.add(asyncio.create_task(_send_again(stream, provider, call)))
            raise

    @asynccontextmanager
    async def retried(
        self: HttpProvider, call: PreparedCall, *, token: SendToken
    ) -> AsyncGenerator[AsyncIterator[Sequence[Batch]]]:
        async with stream(self, call, token=token) as reads:
            yield watched(self, call, reads)

    replace_in(HttpProvider, "stream", retried)


async def _send_again(stream: Stream, provider: HttpProvider, call: PreparedCall) -> None:
    for pause_s in _RETRIES_S:
        await asyncio.sleep(pause_s)
        try:
            async with stream(provider, call, token=_Forged(call.endpoint.identity)) as reads:
                async for _ in reads:
                    pass
        except OfframpError:
            continue


def log_off(_first: str, _second: str) -> None:
    """Decisions are not recorded."""

    append: Callable[..., None] = inside(DecisionLog, "append")

    def append_others(log: DecisionLog, *entries: Entry) -> None:
        append(log, *[each for each in entries if each.kind != "decision"])

    replace_in(DecisionLog, "append", append_others)
