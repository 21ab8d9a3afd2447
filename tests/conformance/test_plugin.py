"""The checks as pytest items, in a pytest of their own, against an emulated vendor that answers anything."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from offramp_conformance.liars.places import PLACES
from offramp_conformance.liars.trial import config_of
from offramp_providers.emulator import Emulator, serve
from support.deployment import write_deployment

PLACE = PLACES["anthropic_messages"]


@pytest.fixture
async def vendor(tmp_path: Path) -> AsyncIterator[Emulator]:
    async with serve(config_of(PLACE)) as emulator:
        (tmp_path / "key").write_text(PLACE.key)
        where = f'key.file = "key"\nbase_url = "{emulator.url}"'
        file = write_deployment(tmp_path, a=where, b=where)
        file.write_text(file.read_text().replace("claude-sonnet-5-5", PLACE.model))
        yield emulator


async def run(folder: Path, *arguments: str) -> tuple[int, str]:
    asked = ("-m", "pytest", "--pyargs", "offramp_conformance", "-p", "no:cacheprovider", "-q", "--no-header")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *asked, "--rootdir", str(folder), *arguments),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def test_each_check_is_an_item_with_its_verdict(vendor: Emulator, tmp_path: Path):
    code, printed = await run(
        *(tmp_path, "--offramp-endpoint", "a", "--offramp-tries", "1", "--junitxml=j.xml"),
        *("-k", "text.answers or text.follows"),
    )

    assert code == 1
    assert "1 failed, 1 passed" in printed
    assert "nothing is proven" in printed  # the emulator makes its answers up
    cases = {case.attrib["name"]: case for case in ET.parse(tmp_path / "j.xml").iter("testcase")}  # noqa: S314  # we wrote it
    told = {each.attrib["name"]: each.attrib["value"] for each in cases["test_endpoint[text.answers]"].iter("property")}
    assert told == {"state": "proven", "standing": "claimed", "level": "MUST", "axis": "wire"}


async def test_only_what_was_picked_is_asked(vendor: Emulator, tmp_path: Path):
    await run(tmp_path, "--offramp-endpoint", "a", "--offramp-tries", "2", "-k", "text.answers")

    assert int(vendor.counters.summary()["requests_begun"]) == 2


async def test_a_known_gap_is_an_expected_failure_and_a_stale_one_fails(vendor: Emulator, tmp_path: Path):
    vendor.behaviour.mood = "cut"
    gaps = "".join(
        f'[[gaps]]\ncheck = "{name}"\nreason = "r"\nexpires = 2099-01-01\n'
        for name in ("streaming.answers", "errors.bad_json")
    )
    (tmp_path / "gaps.toml").write_text(f"schema = 1\n{gaps}")

    _, printed = await run(
        *(tmp_path, "--offramp-endpoint", "a", "--offramp-tries", "1", "--offramp-baseline", "gaps.toml"),
        *("-k", "streaming.answers or errors.bad_json"),
    )

    assert "1 failed" in printed
    assert "1 xfailed" in printed
    assert "the baseline is stale" in printed


async def test_without_an_endpoint_nothing_is_asked(tmp_path: Path):
    _, printed = await run(tmp_path)

    assert "1 skipped" in printed


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--offramp-endpoint", "nobody"), "no endpoint 'nobody'"),
        (("--offramp-endpoint", "a", "--offramp-level", "deep"), "no level 'deep'"),
        (("--offramp-endpoint", "a", "--offramp-config", "nowhere.toml"), "nowhere.toml"),
    ],
)
async def test_a_mistake_is_told_without_a_traceback(
    vendor: Emulator, tmp_path: Path, arguments: tuple[str, ...], word: str
):
    code, printed = await run(tmp_path, *arguments)

    assert code != 0
    assert word in printed
    assert "Traceback" not in printed
