"""The book of what was observed: what fits its window passes, what does not is told with its limit."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.contracts.clock import ManualClock
from offramp.contracts.oversight import Limits, Observation
from offramp.contracts.uses import Facets
from offramp.oversight import limits_of, too_much
from offramp.state import FileUseBook, OversightFile
from support.policies import declaration

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY_S = 86_400


def book(folder: Path, clock: ManualClock | None = None) -> FileUseBook:
    return FileUseBook(OversightFile(folder / "state.db.oversight", clock=clock or ManualClock(NOON)))


def count(of: FileUseBook, limits: Limits, *, subject: str = "s", call: bool = True) -> Observation:
    return of.count("triage", limits, subject=subject, labels=(), counts_call=call)


def test_ten_thousand_individual_calls_are_not_individual(tmp_path: Path):
    limits = limits_of(declaration(facets=Facets(scale="individual")))
    assert limits is not None
    of = book(tmp_path)
    count(of, limits)
    with of._file.writing() as connection:  # as if so many had been counted
        connection.execute("UPDATE counts SET n = 9999 WHERE counted = 'calls'")

    last, beyond = count(of, limits), count(of, limits)

    assert last.beyond is None
    assert beyond.beyond is not None
    assert (beyond.beyond.counted, beyond.beyond.limit) == ("calls", 10_000)


def test_of_many_threads_no_more_than_the_limit_pass(tmp_path: Path):
    limits, start = Limits(window_s=DAY_S, subjects=5), threading.Barrier(12)

    def one(number: int) -> bool:
        own = book(tmp_path)
        start.wait()
        return count(own, limits, subject=f"s{number}").beyond is None

    with ThreadPoolExecutor(12) as pool:
        passed = list(pool.map(one, range(12)))

    assert passed.count(True) == 5


STEPS = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.one_of(st.just(frozenset[str]()), st.frozensets(st.sampled_from(("x@1", "y@2", "z@3")), max_size=2)),
        st.booleans(),
        st.one_of(
            st.sampled_from((0, 1, 59, 60, 61, 120)), st.sampled_from((1800, 3539, 3540, 3599, 3600, 3601, 3660))
        ),
    ),
    max_size=40,
)
HOUR_S, SLOT_S = 3600, 60


def fits(seen: list[tuple[int, str]], word: str | None, *, now: int, reach_s: int, most: int) -> bool:
    """Whether one more stays within the bound, by every event since `reach_s` ago. None: each event is one more."""
    within = [each for at, each in seen if at > now - reach_s]
    return len(within) < most if word is None else word in within or len(set(within)) < most


@settings(max_examples=150, deadline=None)
@given(
    steps=STEPS,
    subjects=st.integers(1, 5),
    calls=st.one_of(st.integers(1, 6), st.just(99)),
    labels=st.integers(1, 3),
    begins=st.integers(0, 59),
)
def test_no_window_holds_more_than_declared_and_nothing_is_denied_that_fits_a_slot_further_back(
    steps: list[tuple[str, frozenset[str], bool, int]], subjects: int, calls: int, labels: int, begins: int
):
    clock, now = ManualClock(NOON + timedelta(seconds=begins)), begins
    limits = Limits(window_s=HOUR_S, subjects=subjects, calls=calls, labels=labels)
    seen: dict[str, list[tuple[int, str]]] = {"subjects": [], "calls": [], "labels": []}

    def may(word: str, some: frozenset[str], reach_s: int) -> bool:
        """By an exact account of every event."""
        told = {each for at, each in seen["labels"] if at > now - reach_s} | some
        known = {each for at, each in seen["labels"] if at > now - reach_s} >= some
        return (
            fits(seen["subjects"], word, now=now, reach_s=reach_s, most=subjects)
            and fits(seen["calls"], None, now=now, reach_s=reach_s, most=calls)
            and (known or len(told) <= labels)
        )

    with TemporaryDirectory() as folder:
        of = book(Path(folder), clock)
        for word, some, restarts, wait_s in steps:
            of = book(Path(folder), clock) if restarts else of
            passed = of.count("triage", limits, subject=word, labels=tuple(some), counts_call=True).beyond is None
            if passed:
                assert may(word, some, HOUR_S)
                seen["subjects"].append((now, word))
                seen["calls"].append((now, "call"))
                seen["labels"] += [(now, each) for each in some]
            else:
                assert not may(word, some, HOUR_S + SLOT_S)
            clock.advance(wait_s)
            now += wait_s


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, most=st.integers(1, 6))
def test_a_denial_says_when_there_is_room_and_then_there_is(
    steps: list[tuple[str, frozenset[str], bool, int]], most: int
):
    clock, limits = ManualClock(NOON), Limits(window_s=HOUR_S, calls=most)
    with TemporaryDirectory() as folder:
        of = book(Path(folder), clock)
        for word, _, _, wait_s in steps:
            beyond = count(of, limits, subject=word).beyond
            if beyond is None:
                clock.advance(wait_s)
                continue
            clock.advance((beyond.until - clock.now()).total_seconds() - 1)
            assert count(of, limits, subject=word).beyond is not None
            clock.advance(1)
            assert count(of, limits, subject=word).beyond is None


def test_a_fall_back_counts_its_call_once_and_no_word_of_it_twice(tmp_path: Path):
    limits = Limits(window_s=HOUR_S, subjects=1, calls=1)
    of = book(tmp_path)
    count(of, limits)

    assert count(of, limits, call=False).beyond is None
    assert count(of, limits).beyond is not None


def test_who_is_seen_again_later_is_still_one_person(tmp_path: Path):
    clock, limits = ManualClock(NOON), Limits(window_s=HOUR_S, subjects=2)
    of = book(tmp_path, clock)
    for subject in ("a", "a", "b", "a", "b"):
        assert count(of, limits, subject=subject).beyond is None
        clock.advance(SLOT_S)

    assert count(of, limits, subject="c").beyond is not None


@pytest.mark.parametrize("subject", ["a", "b"])
def test_what_lies_two_windows_back_is_kept_no_longer(tmp_path: Path, subject: str):
    clock, limits = ManualClock(NOON), Limits(window_s=HOUR_S, subjects=9, calls=9)
    of = book(tmp_path, clock)
    count(of, limits, subject="a")
    clock.advance(2 * HOUR_S + SLOT_S)
    count(of, limits, subject=subject)

    assert [word for (word,) in of._file.rows("SELECT word FROM observed")] == [subject]
    assert of._file.rows("SELECT min(n), count(*) FROM counts") == [(1, 2)]


def test_alarms_are_told_until_they_have_eased_and_are_new_again_after_it(tmp_path: Path):
    clock, limits = ManualClock(NOON), Limits(window_s=HOUR_S, subjects=1)
    of = book(tmp_path, clock)
    near = count(of, limits, subject="a")
    clock.advance(60)
    count(of, limits, subject="b")
    again = count(of, limits, subject="b")

    told = [(one.level, one.at, one.until) for one in of.alarms()]
    clock.advance(HOUR_S)

    eases = NOON + timedelta(minutes=61)
    assert told == [("beyond", NOON + timedelta(minutes=1), eases), ("near", NOON, eases)]
    assert len(near.alarms) == 1
    assert again.alarms == ()
    assert of.alarms() == ()
    assert len(count(of, limits, subject="b").alarms) == 1


def test_where_nothing_is_allowed_no_room_is_promised(tmp_path: Path):
    beyond = count(book(tmp_path), Limits(window_s=HOUR_S, subjects=0)).beyond

    assert beyond is not None
    assert "room" not in (too_much(beyond).mend or "")
