"""What is observed of a mission is held against the scale that it declares: an alarm first, then a denial."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp import ConfigurationError, PolicyDenied, ProviderError, ProviderErrorKind
from offramp.contracts.clock import ManualClock
from offramp.contracts.declaration import Bounds
from offramp.contracts.oversight import Limits, Observation
from offramp.contracts.uses import Facets
from offramp.oversight import limits_of, too_much
from offramp.state import FileUseBook, OversightFile
from support.overseen import Desk, said
from support.policies import HARMLESS, declaration

Opens = Callable[..., Any]
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY_S = 86_400
TWO = "\n[bounds]\nsubjects = 2\n"


def book(folder: Path, clock: ManualClock | None = None) -> FileUseBook:
    return FileUseBook(OversightFile(folder / "state.db.oversight", clock=clock or ManualClock(NOON)))


def count(of: FileUseBook, limits: Limits, *, subject: str = "s", call: bool = True) -> Observation:
    return of.count("triage", limits, subject=subject, labels=(), counts_call=call)


def kinds_of(desk: Desk) -> list[dict[str, Any]]:
    files = sorted((desk.folder / "audit").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


async def test_more_people_than_declared_are_denied(opens: Opens, state: str):
    desk = await opens(oversight="advisory", scale="individual", bounds=TWO, state=state)
    for subject in ("ann", "ben", "ann"):
        await desk.mission.generate("hi", subject=subject)

    with pytest.raises(PolicyDenied, match="More subjects than the 2") as caught:
        await desk.mission.generate("hi", subject="cleo")
    await desk.mission.generate("hi", subject="ben")

    assert "declaration" in caught.value.reasons[0]
    assert desk.sent == 4


async def test_a_call_that_names_nobody_counts_as_one_person_more(opens: Opens):
    desk = await opens(oversight="advisory", scale="individual", bounds=TWO)
    await desk.mission.generate("hi")
    await desk.mission.generate("hi")

    with pytest.raises(PolicyDenied, match="More subjects"):
        await desk.mission.generate("hi")


async def test_the_counts_are_shared_and_survive_a_restart(opens: Opens):
    desk = await opens(oversight="advisory", scale="individual", bounds=TWO)
    await desk.mission.generate("hi", subject="ann")
    other = await opens(again=True)
    await other.mission.generate("hi", subject="ben")
    await desk.client.aclose()

    with pytest.raises(PolicyDenied):
        await (await opens(again=True)).mission.generate("hi", subject="cleo")


async def test_who_was_seen_a_whole_window_ago_counts_no_more(opens: Opens):
    now = datetime.now(UTC).replace(second=0)  # an observation is kept by the minute
    clock = ManualClock(now)
    desk = await opens(oversight="advisory", scale="individual", bounds=f"{TWO}window_hours = 1\n", clock=clock)
    for subject in ("ann", "ben"):
        await desk.mission.generate("hi", subject=subject)
    clock.advance(3600)
    with pytest.raises(PolicyDenied, match=f"there is room again from {now + timedelta(minutes=61):%Y-%m-%dT%H:%M}"):
        await desk.mission.generate("hi", subject="cleo")
    clock.advance(60)

    await desk.mission.generate("hi", subject="cleo")

    assert desk.sent == 3


async def test_calls_and_their_retries_are_counted_once_each(opens: Opens):
    clock = ManualClock(datetime.now(UTC))
    desk = await opens(oversight="advisory", scale="mass", bounds="\n[bounds]\ncalls = 2\n", clock=clock)
    desk.a.script[:] = [ProviderError("busy", kind=ProviderErrorKind.OVERLOADED), said("1"), said("2")]
    await desk.mission.generate("hi")
    await desk.mission.generate("hi")

    with pytest.raises(PolicyDenied, match="More calls than the 2"):
        await desk.mission.generate("hi")


async def test_a_mission_about_nobody_may_name_nobody(opens: Opens):
    desk = await opens(oversight="advisory", scale="none")
    await desk.mission.generate("hi")

    with pytest.raises(PolicyDenied, match="More subjects than the 0"):
        await desk.mission.generate("hi", subject="ann")

    assert desk.sent == 1


async def test_a_mission_without_bounds_keeps_nothing(opens: Opens):
    desk = await opens(oversight="advisory", scale="none")

    await desk.mission.generate("hi")

    assert not desk.file.exists


async def test_the_subject_of_a_session_holds_for_its_calls(opens: Opens):
    desk = await opens(oversight="advisory", scale="individual", bounds=TWO)
    case = desk.mission.session("case-17", subject="ann")

    for question in ("one", "two", "three"):
        await case.generate(question)

    assert desk.sent == 3


async def test_foreign_data_labels_are_counted(opens: Opens):
    desk = await opens(oversight="advisory", scale="mass", bounds="\n[bounds]\nlabels = 1\n")

    found = [
        desk.client._parts.books.use.count(
            "triage", Limits(window_s=DAY_S, labels=1), subject="s", labels=labels, counts_call=True
        )  # no mission of one file has two labels
        for labels in (("x@1",), ("x@1",), ("y@2",))
    ]

    assert [each.beyond is None for each in found] == [True, True, False]


async def test_alarms_stand_in_the_log_once_and_by_kind(opens: Opens):
    desk = await opens(oversight="advisory", scale="individual", bounds="\n[bounds]\nsubjects = 5\n")
    for number in range(5):
        await desk.mission.generate("hi", subject=f"s{number}")
    for _ in range(2):
        with pytest.raises(PolicyDenied):
            await desk.mission.generate("hi", subject="one more")
    await desk.client.aclose()

    alarms = [line["detail"] for line in kinds_of(desk) if line["kind"] == "alarm"]

    assert [(one["counted"], one["level"], one["observed"]) for one in alarms] == [
        ("subjects", "near", 4),
        ("subjects", "beyond", 6),
    ]


async def test_nobody_is_kept_by_name(opens: Opens):
    desk = await opens(oversight="advisory", scale="individual", bounds=TWO)
    await desk.mission.generate("hi", subject="Ann of Hollow Lane")
    await desk.client.aclose()

    kept = b"".join(file.read_bytes() for file in desk.folder.rglob("*") if file.is_file())

    assert b"Hollow" not in kept


@pytest.mark.parametrize("subject", ["", "  ", 7])
async def test_a_subject_that_stands_for_nobody_is_a_mistake(opens: Opens, subject: Any):
    desk = await opens(oversight="advisory", scale="individual")

    with pytest.raises(ConfigurationError, match="subject"):
        await desk.mission.generate("hi", subject=subject)
    with pytest.raises(ConfigurationError, match="subject"):
        desk.mission.session("case-17", subject=subject)


async def test_nothing_that_a_call_says_raises_a_bound(opens: Opens):
    desk = await opens(oversight="advisory", scale="individual", bounds=TWO)
    words = "bounds.subjects = 100000; scale = mass"
    for subject in ("ann", "ben"):
        await desk.mission.generate(words, system=words, subject=subject, settings={"metadata": {"subjects": "9"}})

    with pytest.raises(PolicyDenied):
        await desk.mission.generate(words, subject="cleo", settings={"metadata": {"scale": "mass"}})


@pytest.mark.parametrize(
    ("scale", "bounds", "expected"),
    [
        ("individual", None, (1000, 10_000)),
        ("enumerated", None, (1000, 10_000)),
        ("individual", Bounds(subjects=7), (7, 10_000)),
        ("individual", Bounds(calls=7), (1000, 7)),
        ("none", None, (0, None)),
        ("none", Bounds(calls=7), (0, 7)),
        ("mass", Bounds(subjects=7), (7, None)),
    ],
)
def test_a_scale_has_figures(scale: Any, bounds: Bounds | None, expected: tuple[int | None, int | None]):
    facets = Facets(**{name: getattr(HARMLESS, name) for name in ("oversight", "population")}, scale=scale)

    limits = limits_of(declaration(facets=facets, bounds=bounds))

    assert limits is not None
    assert (limits.subjects, limits.calls) == expected


@pytest.mark.parametrize("scale", ["mass", "unstated"])
def test_what_is_declared_as_mass_is_not_counted_without_bounds(scale: Any):
    assert limits_of(declaration(facets=Facets(scale=scale))) is None


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
