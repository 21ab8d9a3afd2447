"""The third verdict from the command line, and a change of endpoints as a test of the user's own sees it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from offramp.cli.app import run
from offramp_conformance.drill.scenario import FIRST_KEY, SECOND_KEY, write_emulated
from offramp_conformance.liars.apt import AptVendor
from offramp_conformance.liars.places import PLACES
from offramp_conformance.liars.trial import config_of
from offramp_providers.emulator import EmulatorConfig, serve
from support.deployment import write_deployment

PLACE = PLACES["anthropic_messages"]
CASES = 150


def golden(folder: Path) -> None:
    words = [f"word{number}" for number in range(CASES)]
    ask = "Reply with exactly the following text and nothing else: "
    cases = [
        {"id": word, "ask": ask + word, "graders": [{"kind": "exact", "expected": word}], "slices": [f"s{at % 2}"]}
        for at, word in enumerate(words)
    ]
    head = {"schema": "offramp-golden-set/1", "name": "words"}
    (folder / "golden.jsonl").write_text("\n".join(map(json.dumps, (head, *cases))) + "\n")


@pytest.fixture
async def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """Endpoint `a` is apt; `b` makes its answers up."""
    monkeypatch.chdir(tmp_path)
    config = config_of(PLACE)
    async with AsyncExitStack() as stack:
        apt = await stack.enter_async_context(serve(config, AptVendor(config, PLACE)))
        other = await stack.enter_async_context(serve(config))
        (tmp_path / "key").write_text(PLACE.key)
        where = 'key.file = "key"\nbase_url = "{}"'
        file = write_deployment(
            tmp_path,
            a=where.format(apt.url),
            b=where.format(other.url),
            b_vendor="anthropic",
            b_model=PLACE.model,
            mission='requires = ["tools"]',
        )
        file.write_text(
            file.read_text()
            .replace("claude-sonnet-5-5", PLACE.model)
            .replace("[missions.triage]", '[endpoints.c]\nvendor = "anthropic"\nmodel = "{}"\n{}\n[missions.triage]')
            .replace('"{}"\n{}', f'"{PLACE.model}"\ndeveloper = "acme"\nhost = "acme"\n{where.format(apt.url)}')
            .replace('route = ["a", "b"]', 'route = ["a", "b", "c"]')
        )
        golden(tmp_path)
        yield tmp_path


async def conform(*arguments: str) -> tuple[int, Any]:
    fixed = ("--only", "text.answers", "--tries", "1", "--golden", "golden.jsonl", "--margin", "0.1")
    code = await asyncio.to_thread(run, ("conform", *arguments, *fixed))
    return code, json.loads(Path("conform-report/conform-report.json").read_text())


async def test_an_endpoint_that_answers_as_well_is_no_worse(folder: Path):
    _, report = await conform("c", "--against", "a")

    assert report["parity"]["verdict"]["kind"] == "non_inferior"
    assert report["parity"]["golden_set"]["cases"] == CASES
    page = (folder / "conform-report" / "conform-report.html").read_text()
    assert "Yes: no worse than by the margin" in page
    assert "slice s0" in page


async def test_an_endpoint_that_answers_worse_is_told_and_fails_the_run(folder: Path):
    code, report = await conform("b", "--against", "a")

    assert code == 1
    assert report["parity"]["verdict"]["kind"] == "inferior"
    assert report["passed"] is False


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("c", "--golden", "golden.jsonl"), "nothing to compare with"),
        (("c", "--against", "a", "--golden", "nowhere.jsonl"), "no such file"),
        (("c", "--against", "a", "--golden", "golden.jsonl", "--margin", "7"), "between 0 and 1"),
        (("c", "--against", "a", "--golden", "golden.jsonl", "--plan", "offramp.toml"), "offramp.toml"),
    ],
)
async def test_a_mistake_is_told_before_anything_is_asked(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], word: str
):
    assert await asyncio.to_thread(run, ("conform", *arguments)) == 2
    assert word in capsys.readouterr().err


CHANGE = """
def test_c_is_taken_up(offramp_change):
    assert offramp_change.match.fits
    assert not offramp_change.policy.newly_allowed
    assert offramp_change.parity.verdict.kind == "non_inferior"


def test_b_is_not_as_good(offramp_change):
    assert offramp_change.parity.verdict.kind == "inferior"
"""

REHEARSAL = """
import pytest
from offramp.errors import ConfigurationError


def test_the_work_goes_on(offramp_change):
    found = offramp_change.rehearse(stop="a")
    assert found.passed, found.broken


def test_only_who_takes_part_can_be_lost(offramp_change):
    with pytest.raises(ConfigurationError, match="takes no part"):
        offramp_change.rehearse(stop="z")
"""


async def pytest_in(folder: Path, *arguments: str) -> str:
    asked = ("-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "--rootdir", str(folder), "test_change.py")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *asked, *arguments),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return printed.decode()


async def test_a_change_is_a_fixture(folder: Path):
    (folder / "test_change.py").write_text(CHANGE)

    good = await pytest_in(folder, "--offramp-old", "a", "--offramp-new", "c", "--offramp-golden", "golden.jsonl")
    bad = await pytest_in(folder, "--offramp-old", "a", "--offramp-new", "b", "--offramp-golden", "golden.jsonl")
    without = await pytest_in(folder)

    assert "1 failed, 1 passed" in good
    assert "FAILED test_change.py::test_b_is_not_as_good" in good
    assert "FAILED test_change.py::test_c_is_taken_up" in bad
    assert "2 skipped" in without


async def test_a_change_is_rehearsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(FIRST_KEY, "key-a")
    monkeypatch.setenv(SECOND_KEY, "key-b")
    (tmp_path / "test_change.py").write_text(REHEARSAL)
    async with (
        serve(EmulatorConfig("anthropic_messages", pace_s=0.01, issuer="acme")) as first,
        serve(EmulatorConfig("openai_chat", pace_s=0.01, issuer="bolt")) as second,
    ):
        write_emulated(tmp_path, first=first.url, second=second.url)
        printed = await pytest_in(tmp_path, "--offramp-old", "a", "--offramp-new", "b")

    assert "2 passed" in printed
