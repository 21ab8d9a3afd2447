"""What is observed of a mission is held against the scale that it declares: an alarm first, then a denial."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from offramp import ConfigurationError, PolicyDenied, ProviderError, ProviderErrorKind
from offramp.contracts.clock import ManualClock
from offramp.contracts.declaration import Bounds
from offramp.contracts.oversight import Limits
from offramp.contracts.uses import Facets
from offramp.oversight import limits_of
from support.deployment import logged
from support.overseen import Opens
from support.policies import HARMLESS, declaration
from support.scripted_answers import said

DAY_S = 86_400
TWO = "\n[bounds]\nsubjects = 2\n"


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

    alarms = [line["detail"] for line in logged(desk.folder) if line["kind"] == "alarm"]

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
