"""The drill as a user runs it: over processes and sockets, with its report and its exit code."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from offramp.cli.app import run
from offramp_conformance.drill.page import headline
from offramp_conformance.drill.promises import PROMISES
from offramp_conformance.drill.report import schema
from offramp_conformance.drill.settings import BREAKS, SABOTAGES, Sabotage
from offramp_conformance.drill.timeline import timeline
from offramp_conformance.drill.workplace import workplace


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path]:
    """The default drill: exit code, and the folder of its report."""
    folder = tmp_path_factory.mktemp("drill")
    return run(["drill", "--report", str(folder)]), folder


def _report(folder: Path) -> Any:
    return json.loads((folder / "drill-report.json").read_text("utf-8"))


def test_default_drill_holds_every_promise(whole: tuple[int, Path]):
    code, folder = whole

    report = _report(folder)

    assert [promise for promise in report["promises"] if promise["held"] is not True] == []
    assert (code, report["held"]) == (0, True)
    assert [promise["id"] for promise in report["promises"]] == list(PROMISES)


def test_default_drill_carries_the_load_it_claims(whole: tuple[int, Path]):
    _, folder = whole

    report = _report(folder)

    figures = report["figures"]
    kinds = {turn["kind"] for one in report["conversations"] for turn in one["turns"]}
    assert figures["conversations_finished"] == figures["conversations_started"] == 24
    assert report["workers"] >= 2
    assert {one["worker"] for one in report["conversations"]} == {0, 1}
    assert report["order"]["replicas"] == report["order"]["acknowledged"] == 2
    assert kinds == {"tools", "stream", "structured", "refuse", "filter"}
    assert all(figures["turns_by_endpoint"][name] >= 24 for name in ("a", "b"))
    assert figures["cut_streams"] >= 6
    assert figures["duration_s"] <= 60


def test_report_fits_the_published_schema(whole: tuple[int, Path]):
    _, folder = whole

    jsonschema.Draft202012Validator.check_schema(schema())

    jsonschema.validate(_report(folder), schema())


class _Links(HTMLParser):
    """Collects whatever the page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [name for name, _ in attrs if name in ("src", "href", "srcset")]
        if tag in ("script", "link", "iframe", "img"):
            self.found.append(tag)


def test_page_needs_nothing_else(whole: tuple[int, Path]):
    _, folder = whole
    text = (folder / "drill-report.html").read_text("utf-8")
    links = _Links()

    links.feed(text)

    assert links.found == []
    assert "url(" not in text
    assert "@import" not in text


def test_timeline_is_sound_and_has_a_row_for_each_conversation(whole: tuple[int, Path]):
    _, folder = whole
    text = (folder / "drill-report.html").read_text("utf-8")
    drawn = text[text.index("<svg") : text.index("</svg>") + 6]

    root = ET.fromstring(drawn)  # noqa: S314  # our own page

    words = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    report = _report(folder)
    assert {one["id"] for one in report["conversations"]} <= words
    assert "developer:acme prohibited" in words
    cuts = [element for element in root.iter("{http://www.w3.org/2000/svg}line") if element.get("class") == "cut"]
    assert len(cuts) == report["figures"]["cut_streams"] + 1  # one in the legend


def test_nobody_is_shown_at_the_second_vendor_before_the_order(whole: tuple[int, Path]):
    _, folder = whole
    report = _report(folder)
    turn = {"number": 1, "kind": "tools", "outcome": "completed", "cut_s": None, "endpoint": "b"}
    moment = report["order"]["committed_s"]
    report["conversations"][0]["turns"] = [{**turn, "started_s": moment - 0.5, "ended_s": moment + 0.5}]

    drawn = ET.fromstring(timeline(report))  # noqa: S314  # our own page

    bars = {
        style: [bar for bar in drawn.iter("{http://www.w3.org/2000/svg}rect") if bar.get("class") == style][1:]
        for style in ("first", "second")  # the first of each is the legend's
    }
    order = next(line for line in drawn.iter("{http://www.w3.org/2000/svg}line") if line.get("class") == "order")
    line = float(order.get("x1", ""))
    assert all(float(bar.get("x", "")) >= line - 0.1 for bar in bars["second"])
    assert all(float(bar.get("x", "")) < line for bar in bars["first"])


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([True, True], "The drill held every promise"),
        ([True, None], "No promise was broken, 1 could not be observed"),
        ([True, None, False], "The drill broke 1 of 3 promises"),
    ],
)
def test_headline_claims_no_more_than_was_seen(held: list[bool | None], said: str):
    assert headline({"promises": [{"held": one} for one in held]}) == said


@pytest.fixture(scope="module")
def sabotaged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[tuple[int, str, Path]]]]:
    """Drills with the faults that this run asks about: exit code, standard error, and the report's folder."""
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    asked = dict.fromkeys(call.params["fault"] for call in calls if call is not None and "fault" in call.params)

    def drill(fault: str) -> tuple[int, str, Path]:
        folder = tmp_path_factory.mktemp(fault)
        options = ["--sabotage", fault, "--conversations", "6", "--report", str(folder)]
        command = [sys.executable, "-m", "offramp_conformance.drill.cli", "drill", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr, folder

    with ThreadPoolExecutor(2) as pool:  # a drill waits for its vendors most of the time
        yield {fault: pool.submit(drill, fault) for fault in asked}


@pytest.mark.parametrize("fault", SABOTAGES)
def test_sabotage_breaks_its_own_promise_by_name(fault: Sabotage, sabotaged: dict[str, Future[tuple[int, str, Path]]]):
    code, said, folder = sabotaged[fault].result()

    broken = [line.split(": ")[1] for line in said.splitlines() if line.startswith("broken: ")]
    assert code == 1
    assert BREAKS[fault] in broken
    assert "Traceback" not in said
    jsonschema.validate(_report(folder), schema())


def test_unknown_fault_is_one_line_that_lists_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code = run(["drill", "--sabotage", "gate-of", "--report", str(tmp_path)])

    said = capsys.readouterr().err
    assert code == 2
    assert said.count("\n") == 1
    assert "gate-off" in said
    assert list(tmp_path.iterdir()) == []


def test_half_a_configuration_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code = run(["drill", "--from", "a", "--report", str(tmp_path)])

    assert code == 2
    assert "--config" in capsys.readouterr().err


MARK = "OFFRAMP_DRILL_MARK"


def _marked(mark: str) -> dict[int, str]:
    """Living processes that have the mark in their environment, with their command lines."""
    found: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and mark.encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_bytes().decode()
        except OSError:
            continue  # it has ended meanwhile, or is another user's
    return found


def _until(condition: Any, within_s: float) -> bool:
    ends = monotonic() + within_s
    while monotonic() < ends:
        if condition():
            return True
        sleep(0.05)  # other processes decide when; there is nothing of ours to wait for
    return False


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to find processes by their mark")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_interrupted_drill_leaves_no_process_no_traceback_and_no_folder(
    number: signal.Signals, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    mark = uuid.uuid4().hex
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    started = subprocess.Popen(
        [sys.executable, "-m", "offramp_conformance.drill.cli", "drill", "--report", str(tmp_path)],
        env={**os.environ, MARK: mark, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        begun = _until(lambda: sum("drill.worker" in line for line in _marked(mark).values()) == 2, 30)
        started.send_signal(number)
        output, errors = started.communicate(timeout=20)

        assert begun
        assert started.returncode == code
        assert b"Traceback" not in output + errors
        assert _until(lambda: not _marked(mark), 10), _marked(mark)
        assert len(list(temporary.iterdir())) == (number == signal.SIGKILL)  # which nobody can clear up after
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        with workplace() as folder:
            assert list(temporary.iterdir()) == [folder]
    finally:
        for process in _marked(mark):
            os.kill(process, signal.SIGKILL)
