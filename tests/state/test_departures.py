"""What one turn of the event loop sends departs together: looked at once, recorded at once, and only what may."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.contracts.audit import Entry
from offramp.contracts.clock import ManualClock
from offramp.contracts.state import Snapshot
from offramp.errors import OfframpError, Prohibited, StateError
from offramp.state import MemoryStore, StateGate
from offramp.state.token import Token
from offramp.types import Identity
from support.permission import Decide, Recorder, stop

WHO = [
    Identity(endpoint="a", developer="acme", host="cloud", model="m-1"),
    Identity(endpoint="b", developer="acme", host="other", model="m-1"),
    Identity(endpoint="c", developer="bolt", host="cloud", model="b-1"),
]
SELECTORS = ["developer:acme", "host:cloud", "endpoint:c", "model:x"]


class CountingStore(MemoryStore):
    """Counts its reads."""

    reads = 0

    def read(self) -> Snapshot:
        self.reads += 1
        return super().read()


class Journey:
    """One exchange on its way: what came of it."""

    def __init__(self, token: Token) -> None:
        self.token = token
        self.went = 0
        self.refused: list[OfframpError] = []
        token.depart(self.go, self.refused.append)

    def go(self) -> None:
        self.went += 1


@pytest.fixture
def store(clock: ManualClock) -> CountingStore:
    return CountingStore(clock=clock)


async def test_all_of_a_turn_leave_by_one_read_and_one_writing(
    gate: StateGate, store: CountingStore, log: Recorder, decide: Decide
):
    tokens = [gate.admit(WHO[0], decision=decide(), call_id=f"c-{number}") for number in range(8)]
    before = store.reads
    journeys = [Journey(token) for token in tokens]
    assert not any(each.went for each in journeys)

    await asyncio.sleep(0)

    assert [each.went for each in journeys] == [1] * 8
    assert store.reads == before + 1
    told = [(kind, f"c-{number}") for number in range(8) for kind in ("decision", "sent")]
    assert [[(entry.kind, entry.call_id) for entry in entries] for entries in log.writings] == [told]


async def test_an_order_that_comes_before_the_turn_ends_lets_none_of_its_go(
    gate: StateGate, store: CountingStore, log: Recorder, decide: Decide
):
    journeys = [Journey(gate.admit(who, decision=decide())) for who in WHO]
    stop(store, "developer:acme")

    await asyncio.sleep(0)

    assert [each.went for each in journeys] == [0, 0, 1]
    assert [[type(error) for error in each.refused] for each in journeys] == [[Prohibited], [Prohibited], []]
    sent = [entry.endpoint for entries in log.writings for entry in entries if entry.kind == "sent"]
    assert sent == ["c"]
    assert gate.look() is True  # bolt's exchange is open, the others are not


async def test_an_order_that_the_watcher_saw_first_cuts_what_waits(
    gate: StateGate, store: CountingStore, decide: Decide
):
    journey = Journey(gate.admit(WHO[0], decision=decide()))
    stop(store, "developer:acme")
    gate.look()

    await asyncio.sleep(0)

    assert (journey.went, [type(error) for error in journey.refused]) == (0, [Prohibited])


async def test_an_order_that_is_seen_while_the_log_is_written_still_lets_nothing_go(
    gate: StateGate, store: CountingStore, log: Recorder, decide: Decide, monkeypatch: pytest.MonkeyPatch
):
    journey = Journey(gate.admit(WHO[0], decision=decide()))
    append = log.append

    def append_and_be_overtaken(*entries: Entry) -> None:
        append(*entries)
        monkeypatch.setattr(log, "append", append)
        stop(store, "developer:acme")
        gate.look()

    monkeypatch.setattr(log, "append", append_and_be_overtaken)

    await asyncio.sleep(0)

    assert (journey.went, [type(error) for error in journey.refused]) == (0, [Prohibited])


async def test_what_is_released_neither_goes_nor_is_refused(gate: StateGate, log: Recorder, decide: Decide):
    journey = Journey(gate.admit(WHO[0], decision=decide()))
    journey.token.release()

    await asyncio.sleep(0)

    assert (journey.went, journey.refused) == (0, [])
    assert [entry.kind for entries in log.writings for entry in entries] == ["decision"]


async def test_a_log_that_cannot_be_written_lets_nobody_go(gate: StateGate, log: Recorder, decide: Decide):
    log.full = True
    journeys = [Journey(gate.admit(who, decision=decide())) for who in WHO]

    await asyncio.sleep(0)

    assert [each.went for each in journeys] == [0, 0, 0]
    assert all(isinstance(each.refused[0], StateError) for each in journeys)
    assert gate.look() is False


async def test_a_store_that_cannot_be_read_lets_nobody_go(
    gate: StateGate, store: CountingStore, decide: Decide, monkeypatch: pytest.MonkeyPatch
):
    journeys = [Journey(gate.admit(who, decision=decide())) for who in WHO]

    def unreadable() -> Snapshot:
        raise StateError("the state cannot be read")

    monkeypatch.setattr(store, "read", unreadable)

    await asyncio.sleep(0)

    assert [each.went for each in journeys] == [0, 0, 0]
    assert all(isinstance(each.refused[0], Prohibited) for each in journeys)


async def test_a_departure_that_fails_holds_up_no_other(gate: StateGate, decide: Decide):
    def fail() -> None:
        raise RuntimeError("the transport is closing")

    failures: list[OfframpError] = []
    first = gate.admit(WHO[0], decision=decide())
    first.depart(fail, failures.append)
    journey = Journey(gate.admit(WHO[2], decision=decide()))

    await asyncio.sleep(0)

    assert journey.went == 1
    assert [str(error) for error in failures] == ["a: the request could not be handed over (RuntimeError)"]
    assert not first.released  # until its transport has closed what may have been written to


async def test_a_store_that_fails_in_a_way_of_its_own_lets_nobody_go(
    gate: StateGate, store: CountingStore, decide: Decide, monkeypatch: pytest.MonkeyPatch
):
    journeys = [Journey(gate.admit(who, decision=decide())) for who in WHO]

    def broken() -> Snapshot:
        raise RuntimeError("text of a driver")

    monkeypatch.setattr(store, "read", broken)

    await asyncio.sleep(0)

    assert [each.went for each in journeys] == [0, 0, 0]
    assert all(isinstance(each.refused[0], Prohibited) for each in journeys)
    assert "text of a driver" not in str(journeys[0].refused[0])


async def test_a_log_that_fails_in_a_way_of_its_own_lets_nobody_go(
    gate: StateGate, log: Recorder, decide: Decide, monkeypatch: pytest.MonkeyPatch
):
    journeys = [Journey(gate.admit(who, decision=decide())) for who in WHO]

    def broken(*_: Entry) -> None:
        raise RuntimeError("text of a driver")

    monkeypatch.setattr(log, "append", broken)

    await asyncio.sleep(0)

    assert [each.went for each in journeys] == [0, 0, 0]
    assert all(isinstance(each.refused[0], StateError) for each in journeys)
    assert gate.look() is False


async def test_a_gate_that_closes_first_lets_nobody_go(gate: StateGate, decide: Decide):
    journey = Journey(gate.admit(WHO[0], decision=decide()))
    gate.close()

    await asyncio.sleep(0)

    assert (journey.went, len(journey.refused)) == (0, 1)


async def test_a_token_departs_once(gate: StateGate, decide: Decide):
    token = gate.admit(WHO[0], decision=decide())
    Journey(token)

    with pytest.raises(StateError, match="twice"):
        token.depart(lambda: None, lambda _: None)
    with pytest.raises(StateError, match="twice"):
        token.spend()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    who=st.lists(st.sampled_from(WHO), max_size=6),
    stopped=st.lists(st.sampled_from(SELECTORS), max_size=2),
    released=st.sets(st.integers(0, 5)),
)
async def test_those_go_whom_no_order_stops_and_who_are_still_there(
    decide: Decide, who: list[Identity], stopped: list[str], released: set[int]
):
    store = MemoryStore(clock=ManualClock())
    gate = StateGate(store, clock=ManualClock(), watch=False)
    journeys = [Journey(gate.admit(each, decision=decide())) for each in who]
    for word in stopped:
        stop(store, word)
    for number, journey in enumerate(journeys):
        if number in released:
            journey.token.release()

    await asyncio.sleep(0)

    for number, (each, journey) in enumerate(zip(who, journeys, strict=True)):
        names = {f"developer:{each.developer}", f"host:{each.host}", f"endpoint:{each.endpoint}", f"model:{each.model}"}
        may_go = number not in released and names.isdisjoint(stopped)
        assert (journey.went, len(journey.refused)) == (int(may_go), int(not may_go and number not in released))
    gate.close()
