"""The command line starts without its extra, finds its commands, and never shows a traceback."""

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import typer

from offramp.cli import app as cli
from offramp.cli import main

Call = Callable[..., Any]


def register(app: typer.Typer) -> None:
    """A command of another distribution, as an entry point names it."""

    @app.command("elsewhere")
    def elsewhere() -> None:
        typer.echo("found")


@pytest.mark.parametrize("absent", ["typer", "rich"])
def test_without_the_extra_there_is_one_line_that_names_it(
    absent: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(sys.modules, absent, None)

    code = main()

    said = capsys.readouterr().err
    assert (code, said.count("\n")) == (2, 1)
    assert "pip install 'offramp[cli]'" in said


def test_help_lists_the_commands(offramp: Call):
    ran = offramp()

    assert ran.code == 0
    assert all(name in ran.out for name in ("prohibit", "allow", "status", "audit", "keys"))


def entry_points(value: str) -> Callable[..., list[EntryPoint]]:
    return lambda group: [EntryPoint("elsewhere", value, group)]


def test_a_command_of_another_distribution_is_found(offramp: Call, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "elsewhere_commands", sys.modules[__name__])
    monkeypatch.setattr(cli, "entry_points", entry_points("elsewhere_commands"))

    assert offramp("elsewhere").out == "found\n"


def test_a_command_that_cannot_be_loaded_keeps_no_other_from_working(
    offramp: Call, config: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cli, "entry_points", entry_points("not_there_at_all:register"))

    ran = offramp("elsewhere", "--some", "option")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "cannot be loaded" in ran.err
    assert offramp("prohibit", "host:x", "--reason", "r").code == 0


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left", "x.db"), 2)])
def test_what_ends_a_command_shows_no_traceback(
    offramp: Call, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
):
    def fail(*_arguments: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_invoke", fail)

    ran = offramp("status")

    assert ran.code == code
    assert ran.err.count("\n") == (1 if code == 2 else 0)


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path):
    script = "import sys; from offramp.cli import main; sys.exit(main())"
    first = subprocess.Popen([sys.executable, "-c", script, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert first.stdout is not None

    first.stdout.close()
    assert first.stderr is not None
    said = first.stderr.read()
    first.wait()
    first.stderr.close()

    assert said == b""


def own_commands() -> list[str]:
    return cli._own_names()


@pytest.mark.parametrize("name", own_commands())
def test_a_command_s_file_has_its_name_and_holds_nothing_else(name: str):
    app = cli.build(name)

    found = [*(one.name for one in app.registered_commands), *(one.name for one in app.registered_groups)]
    assert found == [name]


def test_an_asked_command_is_all_that_is_loaded():
    code = (
        "import sys; from offramp.cli.app import run; run(['prohibit', '--help'])\n"
        "print(*(name for name in sys.modules if name.startswith('offramp.cli.')))\n"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = {name.removeprefix("offramp.cli.") for name in ran.stdout.splitlines()[-1].split()}
    assert loaded & {*own_commands(), "drill"} == {"prohibit"}


def test_a_slip_in_a_command_s_name_is_answered_with_what_there_is(offramp: Call):
    ran = offramp("prohibits")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "prohibit" in ran.err


def test_no_other_distribution_takes_the_place_of_a_command(offramp: Call, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "entry_points", lambda group: [EntryPoint("status", "not_there:register", group)])

    assert "Not available" not in offramp("--help").out
    assert "Not available" not in offramp("status", "--help").out
