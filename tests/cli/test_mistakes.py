"""What people get wrong in a hurry: one line that names the place and the mend, and nothing half done."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import pytest

Call = Callable[..., Any]

SECRET = "sk-very-secret-0123"


@pytest.fixture
def config(offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A first configuration over two vendors, whose keys are set."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    offramp("init", "--vendor", "anthropic", "--vendor", "openai")
    return tmp_path / "offramp.toml"


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


# A slip in a name stops nobody.


@pytest.mark.usefixtures("config")
def test_an_order_that_names_no_endpoint_stands_and_says_so(offramp: Call):
    ran = offramp("prohibit", "developer:antropic", "--reason", "ORDER-17")

    assert ran.code == 0
    assert "warning: developer:antropic names no endpoint of offramp.toml, which knows developer:anthropic" in ran.out
    assert "developer:antropic" in offramp("status").out


@pytest.mark.usefixtures("config")
def test_an_order_that_names_no_endpoint_says_so_to_programs(offramp: Call):
    ran = offramp("prohibit", "reseller:cloud", "--reason", "ORDER-17", "--json")

    assert ran.json["warnings"] == ["reseller:cloud names no endpoint of offramp.toml, which knows nobody by reseller"]


@pytest.mark.parametrize("selector", ["developer:Anthropic", "endpoint:openai", "host:openai"])
@pytest.mark.usefixtures("config")
def test_an_order_that_names_an_endpoint_warns_of_nothing(offramp: Call, selector: str):
    assert "warning" not in offramp("prohibit", selector, "--reason", "ORDER-17").out
    assert "warning" not in offramp("check", "--no-network", "--without", selector).out


def test_an_order_is_given_whatever_else_is_wrong_with_the_configuration(offramp: Call, config: Path):
    replace(config, 'vendor = "anthropic"', 'vendor = "nobody"')

    ran = offramp("prohibit", "developer:anthropic", "--reason", "ORDER-17")

    assert (ran.code, ran.err) == (0, "")


@pytest.mark.usefixtures("config")
def test_a_check_without_somebody_who_is_not_there_says_so(offramp: Call):
    ran = offramp("check", "--no-network", "--without", "developer:antropic")

    assert "warning: developer:antropic names no endpoint of offramp.toml" in ran.out


# Keys.


@pytest.mark.parametrize("key", [SECRET, "AIzaSecret", "0123abcdef", "gsk_lower"])
def test_a_key_in_the_place_of_its_variable_is_never_shown(offramp: Call, config: Path, key: str):
    replace(config, '"ANTHROPIC_API_KEY"', f'"{key}"')

    shown = [
        offramp("check", "--no-network"),
        offramp("check", "--no-network", "--json"),
        offramp("models", "anthropic"),
    ]

    assert not [ran for ran in shown if key in ran.out + ran.err]
    assert "the environment variable that `env` names is not set" in shown[0].out
    assert (shown[2].code, shown[2].err.count("\n")) == (2, 1)
    assert "never the key itself" in shown[2].err


def test_a_key_in_the_place_of_its_table_is_never_shown(offramp: Call, config: Path):
    replace(config, 'key.env = "ANTHROPIC_API_KEY"', f'key = "{SECRET}"')

    ran = offramp("check", "--no-network")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "endpoints.anthropic.key: input should be a table" in ran.err
    assert SECRET not in ran.err


@pytest.mark.usefixtures("config")
def test_a_drill_between_own_endpoints_without_a_key_ends_before_it_begins(
    offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("OPENAI_API_KEY")

    ran = offramp("drill", "--config", "offramp.toml", "--from", "anthropic", "--to", "openai", "--report", "report")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "endpoints.openai.key: the environment variable OPENAI_API_KEY is not set" in ran.err
    assert list((tmp_path / "report").iterdir()) == []


# Files and outputs.


def test_an_empty_folder_is_told_how_to_begin(offramp: Call):
    ran = offramp("check")

    assert ran.code == 2
    assert ran.err == (
        "offramp: error: offramp.toml: there is no such file. Check the path, or begin with `offramp init`.\n"
    )


@pytest.mark.usefixtures("config")
def test_before_the_first_order_a_status_says_what_makes_the_state(offramp: Call):
    ran = offramp("status")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "there is no state here. The first client or order makes it; where there was one, check `state`" in ran.err


def test_a_byte_order_mark_is_told_as_one(offramp: Call, config: Path):
    config.write_bytes(b"\xef\xbb\xbf" + config.read_bytes())

    ran = offramp("check", "--no-network")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "offramp.toml: the file begins with a byte order mark. Save it as UTF-8 without one." in ran.err


def test_what_finds_no_room_is_not_half_written(offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened = Path.open

    def no_room(path: Path, *arguments: Any, **named: Any) -> Any:
        file = opened(path, *arguments, **named)
        if path.name == "organisation.toml":
            file.close()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return file

    monkeypatch.setattr(Path, "open", no_room)

    ran = offramp("init", "--vendor", "anthropic")

    assert ran.err == "offramp: error: organisation.toml: No space left on device. Check disk, path and mode.\n"
    assert list(tmp_path.iterdir()) == []


LITTLE_ROOM = """\
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
from offramp.cli import main
sys.exit(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="bounds a process as POSIX does")
def test_a_state_that_finds_no_room_is_not_half_made(offramp: Call, config: Path):
    order = ("prohibit", "developer:anthropic", "--reason", "ORDER-17")
    command = [sys.executable, "-c", LITTLE_ROOM, *order]

    ran = subprocess.run(command, cwd=config.parent, capture_output=True, text=True, check=False, timeout=120)

    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "state.db: the state cannot be made" in ran.stderr
    assert "Check disk, folder and mode." in ran.stderr
    assert [path.name for path in config.parent.glob("state.db*")] == ["state.db.lock"]
    assert offramp(*order).code == 0


@pytest.mark.usefixtures("config")
def test_a_drill_without_room_for_its_folder_says_how_to_give_it_another(
    offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    full = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)

    ran = offramp("drill", "--report", "report")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "there is too little room for a drill. Free 64 MB, or export TMPDIR=FOLDER on another disk." in ran.err


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command line in a process of its own."""
    command = [sys.executable, "-m", "offramp_conformance.drill.cli", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, check=False, timeout=120
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_that_knows_few_letters_sees_the_others_escaped(tmp_path: Path, encoding: str):
    ran = run(tmp_path, "init", "größe-\U0001f600", PYTHONIOENCODING=encoding)

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"\\U0001f600" in ran.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="closes outputs in a shell of POSIX")
@pytest.mark.parametrize(("closed", "arguments", "code"), [(1, "vendors", 0), (2, "check --config nowhere", 2)])
def test_an_output_that_is_closed_ends_nothing(tmp_path: Path, closed: int, arguments: str, code: int):
    script = f'exec "{sys.executable}" -m offramp_conformance.drill.cli {arguments} {closed}>&-'

    ran = subprocess.run(["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, check=False, timeout=120)

    assert (ran.returncode, b"Traceback" in ran.stdout + ran.stderr) == (code, False)


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal of POSIX")
def test_ctrl_c_ends_the_liars_at_once(tmp_path: Path):
    started = subprocess.Popen(
        [sys.executable, "-m", "offramp_conformance.liars", "--kind", "always", "--workers", "2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        while len(children(started.pid)) < 2 and started.poll() is None:
            sleep(0.05)  # other processes decide when; there is nothing of ours to wait for
        os.killpg(started.pid, signal.SIGINT)  # as a terminal does
        output, errors = started.communicate(timeout=30)

        assert started.returncode == 130
        assert b"Traceback" not in output + errors
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)


def children(process: int) -> list[str]:
    """Its children that run."""
    try:
        return Path(f"/proc/{process}/task/{process}/children").read_text("utf-8").split()
    except OSError:
        return []
