"""A run that is killed while it compares goes on where it was, and asks again only what may have been under way."""

import json
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from offramp.errors import ConfigurationError
from offramp.types import GenerateRequest, user
from offramp_conformance.conform.answer_book import AnswerBook
from offramp_conformance.conform.report import ConformRun
from offramp_conformance.conform.running import ANSWERS, conform, prepare
from offramp_conformance.conform.settings import ConformSettings
from offramp_conformance.parity import Question
from offramp_conformance.parity.answers import Came, came_back
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.deployment import write_deployment
from support.parity import answer

from .conftest import killed_after

PLAN = 'stop = "fixed"\nmin_clusters = 5\nparallel = 1\nresamples = 500\n'
CALLS = 5 * (2 + 1) + 1 * 4
"""Five cases at both endpoints, the old one twice; one of them before the judge, in both orders, twice."""


@pytest.fixture
async def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Emulator]:
    """Endpoints `a`, `b` and `c` are all it."""
    monkeypatch.setenv("A_KEY", "k-a")
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(serve(EmulatorConfig("anthropic_messages", key="k-a", pace_s=0)))
        where = f'key.env = "A_KEY"\nbase_url = "{emulator.url}"'
        file = write_deployment(tmp_path, a=where, b=where, b_vendor="anthropic", b_model="claude-sonnet-5-5")
        third = f'[endpoints.c]\nvendor = "anthropic"\nmodel = "m"\ndeveloper = "acme"\nhost = "acme"\n{where}\n'
        text = file.read_text().replace("[missions.triage]", f"{third}[missions.triage]")
        file.write_text(text.replace('route = ["a", "b"]', 'route = ["a", "b", "c"]'))
        yield emulator


def settings(place: Path, **changes: Any) -> ConformSettings:
    cases = [
        {"id": f"c{at}", "ask": f"Question {at}", "graders": [{"kind": "regex", "pattern": "Turn"}]} for at in range(5)
    ]
    cases[0]["graders"] = [{"kind": "judge", "rubric": "It is as good."}]
    lines = ({"schema": "offramp-golden-set/1", "name": "five"}, *cases)
    (place / "golden.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    (place / "plan.toml").write_text(PLAN)
    given = {"against": "a", "judge": "c", "golden": place / "golden.jsonl", "plan": place / "plan.toml"}
    only = {"only": ("text.answers",), "tries": 1, "parallel": 1, "folder": place / "r"}
    return ConformSettings(place / "offramp.toml", "b", **{**given, **only, **changes})


async def run(given: ConformSettings) -> ConformRun:
    return await conform(prepare(given), lambda _name, _result: None)


def shape(made: ConformRun) -> Any:
    """All but what differs from one run to the next: times, digests and the wording of made-up answers."""
    assert made.parity is not None
    cases = [
        [
            each["id"],
            each["preference"],
            *([[it["outcome"], it["score"]] for it in each[side]] for side in ("old", "new")),
        ]
        for each in made.parity["cases"]
    ]
    return [made.parity["verdict"]["kind"], made.parity["estimates"], cases]


def requests(vendor: Emulator) -> int:
    return int(vendor.counters.summary()["requests_begun"])


async def test_a_run_killed_at_any_point_goes_on(vendor: Emulator, tmp_path: Path):
    whole = await run(settings(tmp_path))
    alone = requests(vendor)
    lines = 2 * (1 + 3) + 1 + 3 * CALLS + 2  # two journals with one call each; the book, and the report in its place
    assert alone == 2 + CALLS

    for point in range(1, lines, 3):
        folder, before = tmp_path / str(point), requests(vendor)
        with killed_after(point, torn=point % 2 == 0):
            await run(settings(tmp_path, folder=folder))
        resumed = await run(settings(tmp_path, folder=folder, resume=True))

        assert shape(resumed) == shape(whole)
        in_flight = sum(each.in_flight for each in resumed.runs) + resumed.parity_in_flight
        assert in_flight <= 1
        # The line of a call is written before it is sent: the last one may have stayed at home.
        assert alone + in_flight - 1 <= requests(vendor) - before <= alone + in_flight


async def test_a_finished_comparison_is_resumed_without_a_call(vendor: Emulator, tmp_path: Path):
    first = await run(settings(tmp_path))
    before = requests(vendor)

    second = await run(settings(tmp_path, resume=True))

    assert requests(vendor) == before
    assert second.parity == first.parity


async def test_when_it_is_decided_no_answer_is_kept(vendor: Emulator, tmp_path: Path):
    with killed_after(30):
        await run(settings(tmp_path))
    (book,) = (tmp_path / "r").glob(ANSWERS)
    interrupted = book.read_text()

    await run(settings(tmp_path, resume=True))

    assert "Turn 1" in interrupted
    assert stat.S_IMODE(book.stat().st_mode) == 0o600
    assert "Turn" not in book.read_text()
    assert [each.name for each in (tmp_path / "r").iterdir()].count("parity-answers.jsonl.finished") == 0


async def test_what_the_checks_have_spent_counts_against_the_limit_of_the_comparison(vendor: Emulator, tmp_path: Path):
    made = await run(settings(tmp_path, max_calls=4))

    assert requests(vendor) == 4 + 4 + 2  # of a, of b, and of the judge, who is shown the case that both answered
    assert made.parity is not None
    reasons = {each["reason"] for each in made.parity["outcomes"]}
    assert "the spending limit of this run is reached" in reasons


async def test_what_was_withheld_is_asked_when_the_limit_is_raised(vendor: Emulator, tmp_path: Path):
    with killed_after(30):
        await run(settings(tmp_path, max_calls=4))
    resumed = await run(settings(tmp_path, resume=True))

    assert resumed.parity is not None
    assert resumed.parity["missing"] == 0


async def test_a_judge_that_is_missing_is_told_before_anything_is_asked(vendor: Emulator, tmp_path: Path):
    with pytest.raises(ConfigurationError, match="name a judge"):
        await run(settings(tmp_path, judge=None))
    with pytest.raises(ConfigurationError, match="no endpoint 'nobody'"):
        await run(settings(tmp_path, judge="nobody"))

    assert requests(vendor) == 0


def question(case: str = "c", text: str = "Hello", number: int = 1) -> Question:
    return Question(case, role="old", number=number, request=GenerateRequest((user(text),)))


def test_an_answer_is_known_of_the_very_question_only(tmp_path: Path):
    came = came_back(answer("yes \ud83d"))
    with AnswerBook(tmp_path / "b", "k", resume=False) as book:
        book.keep(question(), came)
        book.keep(question("d"), Came("not_tried", "ProviderError: server"))
        salt = book.salt

    with AnswerBook(tmp_path / "b", "k", resume=True) as book:
        assert book.known(question()) == came
        assert book.known(question("d")) == Came("not_tried", "ProviderError: server")
        assert book.known(question(text="Another")) is None
        assert book.known(question(number=2)) is None
        assert book.salt == salt


def test_a_book_of_another_comparison_and_a_damaged_one_are_refused(tmp_path: Path):
    path = tmp_path / "b"
    AnswerBook(path, "k", resume=False).__exit__()

    with pytest.raises(ConfigurationError, match="another golden set"):
        AnswerBook(path, "other", resume=True)
    path.write_text(path.read_text() + "{}\n")
    with pytest.raises(ConfigurationError, match="damaged"):
        AnswerBook(path, "k", resume=True)
