"""A run that is killed goes on where it was, and asks again only what may have been under way."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from offramp.errors import ConfigurationError
from offramp_conformance.conform.journal import Journal
from offramp_conformance.suite.observations import Observation, held
from offramp_conformance.suite.results import CheckResult, Try
from offramp_conformance.suite.runner import Runner, RunSettings, Watch
from offramp_conformance.suite.spending import CallNote
from offramp_conformance.suite.subject import Subject

from .conftest import Stand, killed_after, made


async def twice(subject: Subject) -> Observation:
    await subject.ask("Hello.")
    await subject.ask("And again.")
    return held()


CHECKS = (made("text.a", twice), made("text.b", twice), made("text.c", twice, tries=1))


async def run(stand: Stand, journal: Journal) -> Sequence[CheckResult]:
    async with stand.bench(told=journal.told) as bench:
        bench.meter.take_up(journal.earlier.calls)
        watch = Watch(known=journal.known, tried=journal.tried)
        return await Runner(bench, RunSettings(tries=3, parallel=1), watch).run(CHECKS)


def shape(results: Sequence[CheckResult]) -> list[tuple[str, str, int]]:
    return [(each.id, each.state, len(each.tries)) for each in results]


@pytest.mark.parametrize("torn", [False, True])
async def test_a_run_killed_at_any_of_fifty_points_goes_on(stand: Stand, tmp_path: Path, *, torn: bool):
    with Journal(tmp_path / "whole.jsonl", "k", resume=False) as journal:
        whole = await run(stand, journal)
    alone = stand.requests
    lines = (tmp_path / "whole.jsonl").read_text().count("\n")
    assert (alone, lines) == (14, 1 + 2 * 14 + 7)

    for point in range(25):
        path, before = tmp_path / f"{torn}{point}.jsonl", stand.requests
        with Journal(path, "k", resume=False) as doomed, killed_after(point, torn=torn):
            await run(stand, doomed)
        with Journal(path, "k", resume=True) as journal:
            results = await run(stand, journal)
            in_flight = journal.earlier.in_flight

        assert shape(results) == shape(whole)
        asked = stand.requests - before
        # The line of a call is written before it is sent: the last one may have stayed at home.
        assert alone + in_flight - 1 <= asked <= alone + in_flight


async def test_what_was_in_flight_is_told_after_every_further_interruption(stand: Stand, tmp_path: Path):
    path = tmp_path / "j.jsonl"
    with Journal(path, "k", resume=False) as doomed, killed_after(2):
        await run(stand, doomed)
    with Journal(path, "k", resume=True) as doomed, killed_after(4):
        await run(stand, doomed)
    with Journal(path, "k", resume=True) as journal:
        await run(stand, journal)

        assert journal.earlier.in_flight == 3
    assert stand.requests == 14 + 3


def test_a_journal_of_another_run_is_refused(tmp_path: Path):
    Journal(tmp_path / "j.jsonl", "k", resume=False).__exit__()

    with pytest.raises(ConfigurationError, match="another contract"):
        Journal(tmp_path / "j.jsonl", "other", resume=True)
    with pytest.raises(ConfigurationError, match="no run to resume"):
        Journal(tmp_path / "nothing.jsonl", "k", resume=True)


@pytest.mark.parametrize("line", ["{", '{"kind": "try", "check": "text.a", "made": {"number": "x"}}', "[]", "7"])
def test_a_damaged_journal_is_refused(tmp_path: Path, line: str):
    path = tmp_path / "j.jsonl"
    Journal(path, "k", resume=False).__exit__()
    path.write_text(path.read_text() + line + "\n")

    with pytest.raises(ConfigurationError, match="damaged") as raised:
        Journal(path, "k", resume=True)

    assert "--resume" in str(raised.value)


def test_a_journal_holds_no_prompt_and_no_answer(tmp_path: Path):
    path = tmp_path / "j.jsonl"
    with Journal(path, "k", resume=False) as journal:
        journal.told(CallNote("begun", "text.a#0", 1))
        journal.told(CallNote("ended", "text.a#0", 1, answered=True, cost_usd=Decimal("0.1")))
        journal.tried(CHECKS[0], Try(0, held()))

    records = [json.loads(line) for line in path.read_text().splitlines()]

    assert [sorted(each) for each in records] == [
        ["begun", "key", "kind", "version"],
        ["kind", "note"],
        ["kind", "note"],
        ["check", "kind", "made"],
    ]
