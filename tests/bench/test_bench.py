"""`make bench` measures all contestants at the same work, in one run. Its figures are no tests: machines differ."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from offramp_conformance.bench.answers import PROMPT, TEXT, Wire, words
from offramp_conformance.bench.command import main
from offramp_conformance.bench.contestants import Contestant, contestants
from offramp_conformance.bench.measure import server
from offramp_conformance.bench.wires import wires


@pytest.mark.parametrize("wire", wires(), ids=lambda wire: wire.dialect)
async def test_all_contestants_read_the_same_text(wire: Wire, tmp_path: Path):
    with server() as address:
        async with contestants(wire, address, tmp_path) as all_of_them:
            read = {one.name: (text_of(wire, await one.call()), await one.stream()) for one in all_of_them}

    assert read == dict.fromkeys(
        ("raw aiohttp", "raw httpx", "offramp", "offramp, ledger on"), (TEXT, "".join(words()))
    )


def text_of(wire: Wire, answer: Any) -> str:
    """Of a response of ours, or of the vendor's JSON."""
    return wire.whole(answer) if isinstance(answer, dict) else str(answer.text)


async def test_everything_is_on_while_offramp_is_measured(tmp_path: Path):
    wire = wires()[0]

    with server() as address:
        async with contestants(wire, address, tmp_path) as all_of_them:
            await by_name(all_of_them, "offramp").call()
            await by_name(all_of_them, "offramp, ledger on").call()

    (log,) = (tmp_path / "audit").glob("*.jsonl")
    kinds = [json.loads(line)["kind"] for line in log.read_text().splitlines()]
    assert kinds.count("decision") == kinds.count("sent") == 2
    assert (tmp_path / "state.db").exists()
    assert PROMPT.encode() in b"".join(file.read_bytes() for file in tmp_path.glob("ledger.db*"))


def by_name(all_of_them: tuple[Contestant, ...], name: str) -> Contestant:
    return next(one for one in all_of_them if one.name == name)


def test_a_short_run_prints_and_writes_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "bench.json"

    few = ["--rounds", "1", "--calls", "32", "--streams", "1", "--dialect", "openai_chat", "--dialect", "gemini"]
    code = main([*few, "--profile", "--json", str(file)])

    printed, found = capsys.readouterr().out, json.loads(file.read_text())
    assert code == 0
    assert "CPU of one call, 32 at once" in printed
    assert "to raw aiohttp" in printed
    assert {(row["kind"], row["dialect"]) for row in found["rows"]} == {
        *((kind, dialect) for kind in ("call", "chunk", "history") for dialect in ("openai_chat", "gemini")),
        ("decision", None),
        ("import", None),
    }
    assert all(row["median_us"] > 0 for row in found["rows"] if row["kind"] != "import")  # one is a difference
    assert [row["ratio"] for row in found["rows"] if row["name"] == "raw aiohttp"] == [1.0] * 4
    assert all(sum(part["share"] for part in shares) == pytest.approx(1.0) for shares in found["profiles"].values())


@pytest.mark.parametrize(
    ("program", "given", "names"),
    [
        ("bench", ["--rounds", "0"], "--rounds"),
        ("bench", ["--calls", "-1"], "--calls"),
        ("bench", ["--streams", "none"], "--streams"),
        ("bench", ["--dialect", "nosuch"], "openai_chat"),
        ("liars", ["--workers", "0"], "--workers"),
        ("liars", ["--draws", "-1"], "--draws"),
        ("parity.simulation", ["--simulations", "0"], "--simulations"),
    ],
)
def test_what_measures_nothing_is_refused_before_anything_is_measured(
    program: str, given: list[str], names: str, capsys: pytest.CaptureFixture[str]
):
    command = import_module(f"offramp_conformance.{program}.command")

    with pytest.raises(SystemExit) as ended:
        command.main(given)

    assert ended.value.code == 2
    assert names in capsys.readouterr().err


def test_figures_that_could_not_be_written_are_not_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("offramp_conformance.bench.command.server", lambda: pytest.fail("it was measured"))

    with pytest.raises(FileNotFoundError):
        main(["--json", str(tmp_path / "absent" / "bench.json")])
