"""The JUnit file of a run: the form that pytest writes, and a failure exactly where the command fails."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.cli.app import run
from offramp.config import endpoint_of, load_config
from offramp.ed25519 import make_key_pair
from offramp_conformance.checks import catalogue
from offramp_conformance.conform.baseline import Stale
from offramp_conformance.conform.junit import junit
from offramp_conformance.conform.levels import Selection
from offramp_conformance.conform.report import ConformRun, EndpointRun, report
from offramp_conformance.conform.verdict import judge, suite_version
from offramp_conformance.suite.lapses import lapses_among
from offramp_conformance.suite.results import CheckResult
from offramp_conformance.suite.spending import Limits, Meter
from offramp_providers.emulator import EmulatorConfig, serve
from support.deployment import write_deployment

CHECKS = catalogue()
_AT = datetime(2026, 11, 26, tzinfo=UTC)

# Attributes and children of JUnit 10, the schema that the Jenkins xUnit plugin refuses files by
# (https://github.com/jenkinsci/xunit-plugin, types/model/xsd/junit-10.xsd at 0c37522, read 2026-11-27); of each
# element, what it must have comes first. A case has no properties there, though pytest's own writer gives it some.
FORM: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "disabled", "errors"}, {"testsuite"}),
    "testsuite": (
        {"tests"},
        {
            "name",
            "errors",
            "failures",
            "skipped",
            "time",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        },
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": (
        {"name"},
        {"time", "classname", "group", "status", "class", "file", "line", "assertions"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"message", "type"}, set()),
    "skipped": (set(), {"message", "type"}, set()),
    "system-out": (set(), set(), set()),
}


def breaches(node: ET.Element) -> list[str]:
    """What the schema has not."""
    must, may, children = FORM[node.tag]
    found = [f"{node.tag} lacks {each}" for each in must - node.attrib.keys()]
    found += [f"{node.tag} has {each}" for each in node.attrib.keys() - must - may]
    found += [f"{each.tag} in {node.tag}" for each in node if each.tag not in children]
    return found + [each for child in node for each in breaches(child)]


def told(root: ET.Element) -> dict[str, str]:
    """What became of each case."""
    beside = ("properties", "system-out")
    return {
        each.attrib["name"]: next((child.get("type", child.tag) for child in each if child.tag not in beside), "")
        for each in root.iter("testcase")
    }


@pytest.fixture
async def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("A_KEY", "k-a")
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(serve(EmulatorConfig("anthropic_messages", key="k-a", pace_s=0)))
        where = f'key.env = "A_KEY"\nbase_url = "{emulator.url}"'
        write_deployment(tmp_path, a=where, b=where, b_vendor="anthropic", b_model="m")
        gap = 'schema = 1\n[[gaps]]\ncheck = "params.stop.honoured"\nreason = "ticket 12"\nexpires = 2099-01-01\n'
        (tmp_path / "gaps.toml").write_text(gap)
        yield tmp_path


async def test_it_tells_of_each_check_what_pytests_own_writer_tells(folder: Path):
    settings = ("--level", "core", "--tries", "1")
    await asyncio.to_thread(run, ("conform", "a", "--level", "core", "--tries", "1"))
    asked = (f"--offramp-{word.removeprefix('--')}" if word.startswith("--") else word for word in settings)
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder))
    items = ("--pyargs", "offramp_conformance", "--offramp-endpoint", "a", "--junitxml", "pytest.xml", *asked)
    process = await asyncio.create_subprocess_exec(*command, *items, cwd=folder, stdout=asyncio.subprocess.DEVNULL)
    await process.wait()

    ours = ET.parse(folder / "conform-report" / "conform-report.junit.xml").getroot()  # noqa: S314  # our own
    theirs = ET.parse(folder / "pytest.xml").getroot()  # noqa: S314  # our own

    verdicts = {"wire", "behaviour"}
    assert verdicts < told(ours).keys()
    assert {name: held for name, held in told(ours).items() if name not in verdicts} == {
        name.removeprefix("test_endpoint[").removesuffix("]"): held for name, held in told(theirs).items()
    }
    assert breaches(ours) == []


async def test_it_lies_beside_the_other_evidence(folder: Path, capsys: pytest.CaptureFixture[str]):
    make_key_pair(folder / "ann.key")
    code = await asyncio.to_thread(run, ("conform", "a", "--only", "text.answers", "--key", "ann.key"))

    names = [f"conform-report.{each}" for each in ("html", "json", "junit.xml", "dsse.json")]
    assert code == 1
    assert all((folder / "conform-report" / each).exists() for each in names)
    printed = capsys.readouterr().out
    assert all(each in printed for each in names)


def made(results: list[CheckResult], stale: tuple[Stale, ...], parity: Any, place: Path) -> ConformRun:
    endpoint = endpoint_of(load_config(write_deployment(place, a='key.env = "A_KEY"')), "a")
    selection, today = Selection("contract", CHECKS), date(2026, 11, 26)
    verdict = judge(selection, results, stale, key="ab" * 32, today=today)
    one = EndpointRun(endpoint, results=tuple(results), verdict=verdict, stale=stale, meter=Meter(Limits()), begun=_AT)
    return ConformRun(
        at=_AT,
        mission="triage",
        selection=selection,
        tries=3,
        most_tries=60,
        suite=suite_version(CHECKS),
        runs=(one,),
        parity=parity,
    )


STATES = st.sampled_from(("proven", "proven", "proven", "refuted", "inconclusive", "not_tried", "known_gap"))
RESULTS = st.lists(
    st.builds(
        lambda check, state, standing, applies, why, lapses: CheckResult(
            check.id,
            state=state,
            why=why,
            level=check.level,
            axis=check.axis,
            standing=standing,
            applies=applies,
            verifies=check.verifies,
            lapses=lapses,
        ),
        st.sampled_from(CHECKS),
        STATES,
        st.sampled_from(("owed", "required", "claimed", "unclaimed")),
        st.booleans(),
        st.text(),
        st.none() | st.lists(st.booleans(), min_size=1, max_size=70).map(lambda flags: lapses_among(flags, 0.02)),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)
PARITY = st.none() | st.builds(
    lambda kind: {"verdict": {"kind": kind, "reasons": ["a reason"]}},
    st.sampled_from(("non_inferior", "inferior", "inconclusive")),
)


@given(RESULTS, st.booleans(), PARITY)
def test_it_has_a_failure_exactly_where_the_command_fails(
    tmp_path_factory: pytest.TempPathFactory, results: list[CheckResult], is_stale: bool, parity: Any
):
    stale = (Stale("text.answers", "it holds now"),) if is_stale else ()
    this = made(results, stale, parity, tmp_path_factory.getbasetemp())

    root = ET.fromstring(junit(report(this, CHECKS)))  # noqa: S314  # our own

    suite = root[0]
    assert breaches(root) == []
    assert (int(suite.attrib["failures"]) == 0) == this.passed
    assert len(root.findall(".//failure")) == int(suite.attrib["failures"])
    assert len(root.findall(".//skipped")) == int(suite.attrib["skipped"])
    assert len(root.findall(".//testcase")) == int(suite.attrib["tests"])


@given(RESULTS)
def test_what_was_broken_now_and_then_says_so_at_its_case_and_in_figures(
    tmp_path_factory: pytest.TempPathFactory, results: list[CheckResult]
):
    this = made(results, (), None, tmp_path_factory.getbasetemp())

    root = ET.fromstring(junit(report(this, CHECKS)))  # noqa: S314  # our own

    lapsing = {each.id: each.lapses for each in results if each.lapses is not None}
    figures = {each.attrib["name"]: each.attrib["value"] for each in root.iter("property")}
    said = {each.attrib["name"]: each.findtext("system-out") for each in root.iter("testcase")}
    assert {name: text for name, text in said.items() if text} == {name: str(each) for name, each in lapsing.items()}
    assert sum(name.startswith("lapses.") for name in figures) == 5 * len(lapsing)
    for name, lapses in lapsing.items():
        own = {word: figures[f"lapses.{name}.{word}"] for word in ("rate", "interval_95", "tries", "standing")}
        assert own["rate"] == f"{lapses.broken / lapses.of:.4f}"
        assert own["interval_95"] == f"{lapses.low:.4f} {lapses.high:.4f}"
        assert (own["tries"], own["standing"]) == (str(lapses.of), lapses.standing)
