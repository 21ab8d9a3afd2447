"""What a connection and the list of idle ones do, step by step, over a protocol and a clock that the test moves."""

import gc
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from yarl import URL

from offramp_providers.lines import IdleLines, Line, Target

URL_A, URL_B, URL_C = (URL(f"http://{name}.example/v1") for name in "abc")
IDLE_S = 30.0


class Timer:
    """What the loop gives for a call at a time."""

    def __init__(self, when_s: float, call: Callable[[], object]) -> None:
        self.when_s, self.call = when_s, call
        self.is_due = True

    def cancel(self) -> None:
        self.is_due = False


class Loop:
    """An event loop that does what it was told when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.timers: list[Timer] = []
        self.soon: list[Callable[[], object]] = []
        self.closed = False

    def time(self) -> float:
        return self.now_s

    def call_at(self, when_s: float, call: Callable[..., object], *arguments: object) -> Timer:
        self.timers.append(Timer(when_s, lambda: call(*arguments)))
        return self.timers[-1]

    def call_soon_threadsafe(self, call: Callable[..., object], *arguments: object) -> None:
        self.soon.append(lambda: call(*arguments))

    def is_closed(self) -> bool:
        return self.closed

    @property
    def due_at(self) -> list[float]:
        """When it will call, of what is not cancelled and was not called."""
        return [timer.when_s for timer in self.timers if timer.is_due]

    def reach(self, when_s: float) -> None:
        """Call what is due by then."""
        self.now_s = when_s
        for timer in [each for each in self.timers if each.is_due and each.when_s <= when_s]:
            timer.is_due = False
            timer.call()


class Connector:
    """Notes which connections were ended."""

    def __init__(self) -> None:
        self.ended: list[object] = []

    def end(self, target: Target, protocol: object) -> None:
        assert isinstance(target, Target)
        self.ended.append(protocol)


def speaking(*heads: int, closing: bool = False, gone: bool = False) -> Any:
    """A protocol that answers with these status codes, over a transport without a socket."""
    waiting = list(heads)

    async def read() -> tuple[Any, Any]:
        code = waiting.pop(0)
        return SimpleNamespace(code=code), f"body of {code}"

    transport = SimpleNamespace(is_closing=lambda: closing, get_extra_info=lambda _: None)
    return SimpleNamespace(should_close=False, writing_paused=False, transport=None if gone else transport, read=read)


class Bench:
    """A list of idle connections in a loop of the test's."""

    def __init__(self) -> None:
        self.loop, self.connector = Loop(), Connector()
        self.lines = IdleLines(self.loop)  # type: ignore[arg-type]  # it has what is asked of a loop
        self.targets = {url: Target(url, self.lines) for url in (URL_A, URL_B)}

    def line(self, protocol: Any = None, url: URL = URL_A) -> Line:
        given: Any = self.connector
        return Line(given, self.targets[url], speaking() if protocol is None else protocol)

    def put(self, at_s: float, url: URL = URL_A) -> Line:
        line = self.line(url=url)
        self.loop.now_s = at_s
        self.lines.put(line)
        return line

    def ended(self, *lines: Line) -> bool:
        return self.connector.ended == [each.protocol for each in lines]


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_targets_of_one_origin_have_one_list(bench: Bench):
    again = Target(URL("http://a.example/v2"), bench.lines)

    assert again.idle is bench.targets[URL_A].idle
    assert again.idle is not bench.targets[URL_B].idle


@pytest.mark.parametrize("harm", ["told to close", "gone"])
async def test_a_connection_that_has_ended_is_ended_and_refused(bench: Bench, harm: str):
    protocol = speaking(gone=harm == "gone")
    protocol.should_close = harm == "told to close"

    with pytest.raises(aiohttp.ClientConnectionError, match="cannot be used any more"):
        bench.line(protocol)

    assert bench.connector.ended == [protocol]


@pytest.mark.parametrize(
    ("closing", "should_close", "spoilt"),
    [(False, False, False), (True, False, True), (False, True, True), (True, True, True)],
)
async def test_a_connection_is_spoilt_where_either_side_has_ended_it(
    bench: Bench, closing: bool, should_close: bool, spoilt: bool
):
    line = bench.line(speaking(closing=closing))
    vars(line.protocol)["should_close"] = should_close

    assert line.is_spoilt is spoilt


@pytest.mark.parametrize("paused", [True, False])
async def test_a_connection_is_clogged_where_writing_is_paused(bench: Bench, paused: bool):
    line = bench.line()
    vars(line.protocol)["writing_paused"] = paused

    assert line.is_clogged is paused


@pytest.mark.parametrize("code", [101, 200, 299, 500, 99])
@pytest.mark.parametrize("interim", [(), (100,), (102, 103, 199)])
async def test_the_head_is_the_first_that_is_not_interim(bench: Bench, interim: tuple[int, ...], code: int):
    message, body = await bench.line(speaking(*interim, code, 404)).head()

    assert (message.code, body) == (code, f"body of {code}")


@pytest.mark.parametrize(
    ("sight", "should_close", "well"),
    [(None, False, False), ([], False, True), ([1], False, False), ([], True, False)],
    ids=["never idle", "quiet", "something came", "told to close"],
)
async def test_a_connection_has_rested_well_where_nothing_has_come(
    bench: Bench, sight: list[int] | None, should_close: bool, well: bool
):
    line = bench.line()
    vars(line.protocol)["should_close"] = should_close
    if sight is not None:
        line._sight = lambda: sight  # what the kernel would tell

    assert line.has_rested_well() is well


async def test_what_the_other_side_ends_does_not_wait(bench: Bench):
    line = bench.line()
    vars(line.protocol)["should_close"] = True

    bench.lines.put(line)

    assert (bench.ended(line), line.target.idle, bench.loop.due_at) == (True, [], [])


async def test_a_connection_waits_so_long_and_is_dropped(bench: Bench):
    line = bench.put(at_s=100.0)
    assert (bench.loop.due_at, line.target.idle) == ([100.0 + IDLE_S], [line])

    bench.loop.reach(100.0 + IDLE_S)

    assert (bench.ended(line), line.target.idle, bench.loop.due_at) == (True, [], [])


async def test_one_timer_looks_after_all_and_comes_back_for_the_next(bench: Bench):
    first, second = bench.put(at_s=100.0), bench.put(at_s=110.0, url=URL_B)
    third, fourth = bench.put(at_s=115.0), bench.put(at_s=120.0)
    assert bench.loop.due_at == [130.0]

    bench.loop.reach(130.0)
    assert (bench.ended(first), bench.loop.due_at) == (True, [140.0])
    bench.loop.reach(140.0)
    assert (bench.ended(first, second), bench.loop.due_at) == (True, [145.0])
    bench.loop.reach(150.0)

    assert (bench.ended(first, second, third, fourth), bench.loop.due_at) == (True, [])
    assert [each.idle for each in bench.targets.values()] == [[], []]


async def test_after_a_sweep_of_all_the_next_that_waits_sets_the_timer_anew(bench: Bench):
    bench.put(at_s=100.0)
    bench.loop.reach(130.0)

    bench.put(at_s=200.0)

    assert bench.loop.due_at == [230.0]


async def test_what_is_forgotten_is_left_to_its_connector_and_no_timer_stays(bench: Bench):
    line = bench.put(at_s=100.0)

    bench.lines.forget()
    bench.lines.forget()
    assert (bench.ended(), line.target.idle, bench.loop.due_at) == (True, [], [])
    bench.put(at_s=200.0)

    assert bench.loop.due_at == [230.0]


@pytest.mark.parametrize("timed", [True, False])
async def test_what_a_list_held_that_nobody_holds_is_dropped_in_its_loop(bench: Bench, timed: bool):
    lines = [bench.put(at_s=100.0), bench.put(at_s=101.0, url=URL_B)]
    bench.targets[URL_C] = Target(URL_C, bench.lines)  # to which no connection leads
    held = weakref.ref(bench.lines)

    del bench.lines
    gc.collect()
    assert held() is None
    if timed:
        bench.loop.reach(200.0)
    assert bench.ended()
    (drop,) = bench.loop.soon
    drop()

    assert bench.ended(*lines)
    assert [each.idle for each in bench.targets.values()] == [[], [], []]


@pytest.mark.parametrize("why", ["nothing is idle", "another process", "the loop has ended"])
async def test_where_there_is_nothing_to_drop_the_loop_is_left_alone(
    bench: Bench, why: str, monkeypatch: pytest.MonkeyPatch
):
    if why != "nothing is idle":
        bench.put(at_s=100.0)
    if why == "another process":
        monkeypatch.setattr("offramp_providers.lines.process_id", lambda: 1)
    bench.loop.closed = why == "the loop has ended"

    del bench.lines
    gc.collect()

    assert bench.loop.soon == []
