"""What is known while the drill runs, and what its view shows of it."""

from pathlib import Path

from rich.console import Console

from offramp_conformance.drill.journal import EVENTS, Journal, Tail, journal_path
from offramp_conformance.drill.orders import seen_order
from offramp_conformance.drill.progress import Progress
from offramp_conformance.drill.script import TOKEN, conversation
from offramp_conformance.drill.view import live

SUMS = {"streams_open": 1, "requests_begun": 4, "bytes_received": 4000}


def _event(kind: str, name: str, turn: int = 1, **more: object) -> dict[str, object]:
    return {"kind": kind, "conversation": name, "turn": turn, **more}


def _progress() -> Progress:
    progress = Progress(2, 4, first={**SUMS}, second={**SUMS, "streams_open": 0})
    progress.kinds = {("x", 1): "stream", ("y", 1): "tools"}
    return progress


def test_order_waits_until_half_stream_and_everyone_has_a_turn_behind():
    progress = _progress()
    before = progress.is_loaded

    for name in ("x", "y"):
        progress.take(_event("turn_end", name, endpoint="a"))
    progress.take(_event("first_text", "x", 2))

    assert (before, progress.is_loaded) == (False, True)


def test_drill_is_over_when_every_conversation_has_ended():
    progress = _progress()

    progress.take(_event("finished", "x"))
    halfway = progress.over
    progress.take(_event("failed", "y"))

    assert (halfway, progress.over) == (False, True)


def test_streams_are_counted_by_the_workers_where_no_vendor_counts():
    progress = _progress()
    progress.first = progress.second = None

    progress.take(_event("turn_start", "x"))
    progress.take(_event("turn_start", "y"))

    assert progress.streaming == progress.streaming_at_first == 1


def test_view_shows_states_counts_and_the_order():
    progress = _progress()
    progress.phase = "handed off"
    progress.take(_event("turn_start", "x"))
    progress.take(_event("cut", "y"))
    replicas = [{"obedience": "acknowledged", "acknowledged_monotonic_s": 10.25}]
    order = {"id": "1", "selector": "developer:acme", "committed_monotonic_s": 10.0}
    progress.order = seen_order({"order": order, "replicas": replicas}, stop_s=10.3)
    console = Console(width=120)

    with console.capture() as captured:
        console.print(live(progress))

    shown = captured.get()
    for word in ("handed off", "1 cut, 1 stream", "4 requests", "developer:acme prohibited", "stopped after 0.250 s"):
        assert word in shown


def test_order_without_a_replicas_word_has_no_moment_of_obedience():
    replicas = [{"obedience": "acknowledged", "acknowledged_monotonic_s": 1.0}, {"obedience": "silent"}]
    for replica in replicas:
        replica.setdefault("acknowledged_monotonic_s", None)

    order = seen_order(
        {"order": {"id": "1", "selector": "s", "committed_monotonic_s": 0.5}, "replicas": replicas}, stop_s=2.0
    )

    assert (order.acknowledged, order.replicas, order.acknowledged_s) == (1, 2, None)


def test_tail_leaves_a_line_that_is_still_being_written(tmp_path: Path):
    journal = Journal(tmp_path, EVENTS, 0)
    tail = Tail(journal_path(tmp_path, EVENTS, 0))
    journal.write({"kind": "started"})
    journal.close()
    with journal_path(tmp_path, EVENTS, 0).open("ab") as file:
        file.write(b'{"kind": "hal')

    first, second = list(tail.read()), list(tail.read())

    assert [line["kind"] for line in first] == ["started"]
    assert second == []


def test_same_seed_asks_the_same_with_a_token_of_its_own_in_each_turn():
    scripts = [conversation(number, seed=7, words=60, directed=True) for number in range(24)]

    tokens = [turn.token for script in scripts for turn in script.turns]
    assert scripts == [conversation(number, seed=7, words=60, directed=True) for number in range(24)]
    assert len(set(tokens)) == len(tokens)
    assert all(TOKEN.fullmatch(token) for token in tokens)
    assert len({script.id for script in scripts}) == 24


def test_real_vendor_is_given_no_directives():
    script = conversation(1, seed=7, words=60, directed=False)

    assert not any("[[" in turn.prompt for turn in script.turns)
    assert {turn.kind for turn in script.turns} == {"tools", "stream", "structured"}
