"""Where a mission declares that a person supervises, nothing is sent unless one does, and a stop cuts what is open."""

# ruff: noqa: PT012  # what is raised while a stream is read needs the stream around it

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offramp import Client, ConfigurationError, Interrupted, PolicyDenied, load_config
from offramp.audit import verify
from offramp.contracts.clock import ManualClock
from offramp.oversight import LONGEST_WATCH
from support.overseen import ROLE, Opens, held_after, open_desk, write_approvers, write_overseen
from support.scripted_answers import said

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


async def test_nothing_is_sent_while_nobody_supervises(opens: Opens, state: str):
    desk = await opens(oversight="supervise", state=state)

    with pytest.raises(PolicyDenied, match="nobody does now") as caught:
        await desk.mission.generate("Flood at the depot")

    assert "offramp supervise triage --as NAME" in (caught.value.mend or "")
    assert desk.sent == 0


async def test_a_supervised_mission_sends(opens: Opens, state: str):
    desk = await opens(oversight="supervise", state=state)

    watch = desk.client.supervise("triage", by="ann", key=desk.folder / "ann.key")
    assert not watch.live
    async with watch:
        answer = await desk.mission.generate("Flood at the depot")
        assert watch.live
    assert not watch.live
    with pytest.raises(PolicyDenied):
        await desk.mission.generate("Flood at the depot")

    assert answer.text == "dry feet"
    assert desk.sent == 1


async def test_who_has_left_beats_no_more(opens: Opens):
    desk = await opens(oversight="supervise")

    async with desk.client.supervise("triage", by="ann", key=desk.folder / "ann.key"):
        assert "offramp-supervise-triage" in {task.get_name() for task in asyncio.all_tasks()}

    assert "offramp-supervise-triage" not in {task.get_name() for task in asyncio.all_tasks()}


async def test_a_heartbeat_older_than_the_reaction_time_denies(opens: Opens):
    clock = ManualClock(datetime.now(UTC))
    desk = await opens(oversight="supervise", reaction_time_s=30.0, clock=clock)
    watch = desk.begin_watch("ann")
    clock.advance(30)
    await desk.mission.generate("still in time")
    clock.advance(0.1)

    with pytest.raises(PolicyDenied):
        await desk.mission.generate("too late")
    assert desk.watches.beat(watch)
    await desk.mission.generate("there again")

    assert desk.sent == 2


async def test_a_stop_denies_whoever_else_still_watches(opens: Opens):
    desk = await opens(oversight="supervise")
    write_approvers(desk.folder, ann=[ROLE], ben=[ROLE])
    ann, ben = desk.begin_watch("ann"), desk.begin_watch("ben")
    desk.watches.stop("triage", by="ann")

    with pytest.raises(PolicyDenied, match="ann has stopped it"):
        await desk.mission.generate("Flood at the depot")

    assert (desk.watches.beat(ann), desk.watches.beat(ben)) == (False, False)


async def test_only_a_new_watch_lifts_a_stop(opens: Opens):
    desk = await opens(oversight="supervise")
    write_approvers(desk.folder, ann=[ROLE], ben=[ROLE])
    old = desk.begin_watch("ben")
    desk.watches.stop("triage", by="ann")
    desk.begin_watch("ann")

    await desk.mission.generate("Flood at the depot")

    assert not desk.watches.beat(old)
    assert [one.by for one in desk.watches.standing("triage").watches] == ["ann"]


async def test_a_stop_cuts_an_open_stream_and_nobody_else_is_asked(opens: Opens):
    desk = await opens(oversight="supervise")
    desk.a.script[:] = [held_after("half of")]
    case = desk.mission.session("case-17")

    key = desk.folder / "ann.key"

    with pytest.raises(Interrupted) as caught:
        async with desk.client.supervise("triage", by="ann", key=key) as watch, case.stream("hi") as stream:
            async for _ in stream.text:
                await watch.stop()
    with pytest.raises(PolicyDenied, match="ann has stopped it"):
        await case.resume()

    assert caught.value.partial is not None
    assert caught.value.partial.text == "half of"
    assert desk.sent == 1


async def test_a_stream_whose_supervisor_falls_silent_is_cut(opens: Opens):
    clock = ManualClock(datetime.now(UTC))
    desk = await opens(oversight="supervise", clock=clock)
    desk.a.script[:] = [held_after("half of")]
    desk.begin_watch("ann")

    with pytest.raises(Interrupted, match="nobody supervises it any more"):
        async with desk.mission.session("case-17").stream("hi") as stream:
            async for _ in stream.text:
                clock.advance(31)


async def test_another_missions_supervisor_counts_for_nothing(opens: Opens):
    desk = await opens(oversight="supervise")
    desk.begin_watch("ann", mission="scout")

    with pytest.raises(PolicyDenied):
        await desk.mission.generate("Flood at the depot")


async def test_a_watch_on_somebody_s_word_counts_only_where_no_approvers_are_named(opens: Opens):
    desk = await opens(oversight="supervise")
    desk.watches.begin("triage", by="ann")
    with pytest.raises(PolicyDenied):
        await desk.mission.generate("hi")
    await desk.client.aclose()

    other = await opens(oversight="supervise", approvers=False)
    await other.mission.generate("hi")

    assert other.sent == 1


async def test_where_no_approvers_are_named_a_person_supervises_without_a_key(opens: Opens):
    desk = await opens(oversight="supervise", approvers=False)

    async with desk.client.supervise("triage", by="ann"):
        await desk.mission.generate("hi")
    with pytest.raises(PolicyDenied):
        await desk.mission.generate("hi")

    assert desk.sent == 1


@pytest.mark.parametrize("harm", ["role", "trust", "mission", "name", "instant"])
async def test_a_watch_that_its_signature_does_not_cover_counts_for_nothing(opens: Opens, harm: str):
    desk = await opens(oversight="supervise")
    write_approvers(desk.folder, ann=[ROLE], ben=[ROLE])
    desk.begin_watch("ann", mission="scout" if harm == "mission" else "triage")
    if harm in ("role", "trust"):
        write_approvers(desk.folder, **({"ann": ["clerk"]} if harm == "role" else {"ben": [ROLE]}))
    earlier = datetime.now(UTC) - timedelta(seconds=5)
    changes = {"mission": "mission='triage'", "name": "by='ben'", "instant": f"at='{earlier.isoformat()}'"}
    if harm in changes:
        with desk.file.writing() as connection:
            connection.execute(f"UPDATE watches SET {changes[harm]}")  # noqa: S608  # our own words

    with pytest.raises(PolicyDenied, match="nobody does now"):
        await desk.mission.generate("hi")

    assert desk.sent == 0


async def test_a_person_watches_for_twelve_hours_at_most(opens: Opens):
    clock = ManualClock(datetime.now(UTC))
    desk = await opens(oversight="supervise", clock=clock)
    watch = desk.begin_watch("ann")
    clock.advance(LONGEST_WATCH.total_seconds() - 1)
    desk.watches.beat(watch)
    await desk.mission.generate("in the last second")
    clock.advance(1)
    desk.watches.beat(watch)

    with pytest.raises(PolicyDenied):
        await desk.mission.generate("too late")


@pytest.mark.parametrize(
    ("by", "key", "says"), [("ann", None, "is signed where approvers"), ("ben", "ann.key", "the key is ann's")]
)
async def test_who_cannot_show_who_they_are_does_not_begin(opens: Opens, by: str, key: str | None, says: str):
    desk = await opens(oversight="supervise")

    with pytest.raises(ConfigurationError, match=says) as caught:
        await desk.client.supervise("triage", by=by, key=desk.folder / key if key else None).__aenter__()

    assert caught.value.where == "supervise"
    assert desk.watches.standings() == {}


async def test_the_log_names_who_supervised_each_send(opens: Opens):
    desk = await opens(oversight="supervise")
    async with desk.client.supervise("triage", by="ann", key=desk.folder / "ann.key") as watch:
        await desk.mission.generate("Flood at the depot")
        await watch.stop()
    await watch.__aexit__(None, None, None)  # who has left does not leave again
    await desk.client.aclose()

    files = sorted((desk.folder / "audit").glob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    supervised = [line for line in lines if line["kind"] == "supervision"]

    assert [line["detail"].get("action") for line in supervised] == ["begin", None, "stop", "leave"]
    assert len({line["detail"]["by"] for line in supervised}) == 1
    assert "ann" not in supervised[0]["detail"]["by"]
    assert verify(desk.folder / "audit").problems == ()


@pytest.mark.parametrize("declared", ["advisory", "approve"])
async def test_a_mission_that_declares_no_supervision_has_none(opens: Opens, declared: str):
    desk = await opens(oversight=declared)

    with pytest.raises(ConfigurationError, match="does not declare"):
        desk.client.supervise("triage", by="ann")


async def test_a_supervisor_has_a_name(opens: Opens):
    desk = await opens(oversight="supervise")

    with pytest.raises(ConfigurationError, match="nobody is named") as caught:
        desk.client.supervise("triage", by=" ")

    assert caught.value.where == "supervise"


def test_the_blocking_client_supervises_too(tmp_path: Path):
    path = write_overseen(tmp_path, oversight="supervise")
    desk = open_desk(path, script=[said("dry feet")])
    with Client(load_config(path), providers={"a": desk.a, "b": desk.b}) as client:
        with client.supervise("triage", by="ann", key=tmp_path / "ann.key") as watch:
            answer = client.mission("triage").generate("Flood at the depot")
            watch.stop()
        with pytest.raises(PolicyDenied, match="ann has stopped it"):
            client.mission("triage").generate("Flood at the depot")

    assert answer.text == "dry feet"
