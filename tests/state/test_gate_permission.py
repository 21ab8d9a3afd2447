"""A token permits one send: against no denial and no order, read at the last hop, recorded before it is made."""

import pytest

from offramp.contracts.state import Snapshot
from offramp.errors import PolicyDenied, Prohibited, StateError
from offramp.state import MemoryStore, StateGate
from offramp.types import Identity
from support.permission import Approved, Decide, Recorder, stop


def test_a_token_is_spent_once(gate: StateGate, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide())
    token.spend()

    with pytest.raises(StateError, match="twice"):
        token.spend()


def test_a_released_token_cannot_be_spent(gate: StateGate, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide())
    token.release()
    token.release()

    with pytest.raises(StateError):
        token.spend()


def test_no_token_is_given_against_a_denial(gate: StateGate, log: Recorder, acme: Identity, decide: Decide):
    with pytest.raises(PolicyDenied, match="triage") as denied:
        gate.admit(acme, decision=decide(allowed=False), call_id="c-1")

    assert denied.value.reasons
    assert (log.entries[0].kind, log.entries[0].allowed, log.entries[0].call_id) == ("decision", False, "c-1")
    assert log.entries[0].reasons == ("floor:E1:forbid",)


def test_an_order_refuses_the_token_and_names_itself(
    gate: StateGate, store: MemoryStore, log: Recorder, acme: Identity, bolt: Identity, decide: Decide
):
    given = stop(store)

    with pytest.raises(Prohibited, match="ORDER-17") as refused:
        gate.admit(acme, decision=decide())
    gate.admit(bolt, decision=decide()).spend()

    assert (refused.value.selector, refused.value.epoch) == ("developer:acme", 1)
    assert log.entries[0].reasons == (f"order:{given.id}:prohibited",)


def test_an_order_between_token_and_last_hop_stops_the_send(
    gate: StateGate, store: MemoryStore, log: Recorder, acme: Identity, decide: Decide
):
    token = gate.admit(acme, decision=decide())
    stop(store)

    with pytest.raises(Prohibited):
        token.spend()

    assert [(entry.kind, entry.allowed) for entry in log.entries] == [("decision", True), ("decision", False)]
    assert gate.look() is False


def test_an_order_and_a_look_within_the_last_read_still_stop_the_send(
    gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide, monkeypatch: pytest.MonkeyPatch
):
    """The narrowest race: the last hop has read the old epoch, and the watcher looks before it goes on."""
    token = gate.admit(acme, decision=decide())
    read = store.read

    def read_then_be_overtaken() -> Snapshot:
        old = read()
        monkeypatch.setattr(store, "read", read)
        stop(store)
        gate.look()
        return old

    monkeypatch.setattr(store, "read", read_then_be_overtaken)

    with pytest.raises(Prohibited):
        token.spend()


def test_an_unreadable_store_permits_nothing(gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide())
    store.broken = True

    for ask in (token.spend, lambda: gate.check(acme), lambda: gate.admit(acme, decision=decide())):
        with pytest.raises(Prohibited, match="cannot be read") as refused:
            ask()
        assert refused.value.selector is None


def test_a_token_that_was_cut_before_it_was_used_never_departs(gate: StateGate, acme: Identity, decide: Decide):
    token, gone = gate.admit(acme, decision=decide()), list[int]()
    token.stop(Prohibited("cut", selector="developer:acme", epoch=1))

    with pytest.raises(Prohibited, match="cut"):
        token.depart(lambda: gone.append(1), lambda _: None)

    assert gone == []


def test_a_send_is_recorded_before_it_is_made(gate: StateGate, log: Recorder, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide(), call_id="c-1")
    token.spend()
    token.release()

    permit, sent = log.entries
    assert (permit.kind, permit.allowed, permit.digests, permit.epoch) == ("decision", True, ("d" * 64,), 0)
    assert (sent.kind, sent.mission, sent.identity, sent.epoch, sent.call_id) == ("sent", "triage", acme, 0, "c-1")
    assert permit.call_id == sent.call_id


def test_a_send_that_cannot_be_recorded_is_not_made(gate: StateGate, log: Recorder, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide())
    log.full = True

    with pytest.raises(StateError, match="recorded"):
        token.spend()

    assert gate.look() is False


def test_a_permit_that_is_not_used_is_recorded_once(gate: StateGate, log: Recorder, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide(), call_id="c-1")
    token.release()
    token.release()

    assert [(entry.kind, entry.allowed, entry.call_id) for entry in log.entries] == [("decision", True, "c-1")]


def test_a_permit_that_cannot_be_recorded_after_its_use_harms_nobody(
    gate: StateGate, log: Recorder, acme: Identity, decide: Decide
):
    token = gate.admit(acme, decision=decide())
    log.full = True

    token.release()

    assert (token.released, gate.look()) == (True, False)


def test_what_a_decision_asks_for_stands_between_it_and_its_send(
    gate: StateGate, log: Recorder, acme: Identity, decide: Decide
):
    gate.admit(acme, decision=decide(), condition=Approved(log)).spend()

    assert log.kinds() == ["decision", "approval", "sent"]
