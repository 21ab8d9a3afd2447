"""A command whose extra is not installed says in one line which to install, before anything is sent or written."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

# What each extra brings, the command line's own apart: a machine on which `pip install offramp[cli]` was all.
OF_THE_COMMAND_LINE = ("jinja2", "rich", "typer")
OF_OTHER_EXTRAS = (
    *("botocore", "cryptography", "httpx", "jsonschema", "litellm", "numpy", "respx", "scipy", "statsmodels"),
    *("anthropic", "openai", "hypothesis", "_pytest", "pytest"),
)
PROGRAM = """\
import sys
sys.modules.update(dict.fromkeys(sys.argv[1].split(","), None))
from offramp.cli.app import run
sys.exit(run(sys.argv[2:]))
"""


MODULE = """\
import runpy, sys
sys.modules.update(dict.fromkeys(filter(None, sys.argv[1].split(",")), None))
sys.argv = sys.argv[2:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def offramp(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return without(OF_OTHER_EXTRAS, PROGRAM, folder, *arguments)


def without(absent: Sequence[str], program: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it as on a machine without these packages."""
    command = [sys.executable, "-c", program, ",".join(absent), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert offramp(tmp_path, "init").returncode == 0
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("conform", "anthropic"), "conformance"),
        (("keys", "new", "ann"), "sign"),
    ],
)
def test_a_command_that_needs_another_extra_names_it(folder: Path, arguments: tuple[str, ...], extra: str):
    before = sorted(folder.iterdir())

    ran = offramp(folder, *arguments)

    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr
    assert f"pip install 'offramp[{extra}]'" in ran.stderr
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("prohibit", "developer:acme", "--reason", "ORDER-17"),
        ("vendors",),
        ("match", "plain"),
        ("policy", "check"),
        ("policy", "matrix", "--html", "matrix.html"),
        ("drill", "--help"),
        ("record", "--help"),
        ("verify-report", "--help"),
    ],
)
def test_the_others_need_the_command_line_s_extra_alone(folder: Path, arguments: tuple[str, ...]):
    ran = offramp(folder, *arguments)

    assert (ran.returncode, "error" in ran.stderr) == (0, False), ran.stderr


@pytest.mark.parametrize(
    ("absent", "extra", "arguments"),
    [
        (OF_THE_COMMAND_LINE, "cli", ("bench",)),
        (OF_THE_COMMAND_LINE, "cli", ("liars",)),
        (OF_THE_COMMAND_LINE, "cli", ("fidelity",)),
        (OF_OTHER_EXTRAS, "conformance", ("bench",)),
        (OF_OTHER_EXTRAS, "conformance", ("liars", "--only", "system_dropped", "--kind", "always")),
        (OF_OTHER_EXTRAS, "conformance", ("parity.simulation",)),
    ],
)
def test_a_program_beside_the_command_line_names_the_extra_it_needs(
    tmp_path: Path, absent: tuple[str, ...], extra: str, arguments: tuple[str, ...]
):
    name, *options = arguments

    ran = without(absent, MODULE, tmp_path, f"offramp_conformance.{name}", *options)

    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr
    assert f"offramp_conformance.{name} needs the extra" in ran.stderr
    assert f"pip install 'offramp[{extra}]'" in ran.stderr


@pytest.mark.parametrize("name", ["bench", "liars", "fidelity", "parity.simulation"])
def test_a_program_beside_the_command_line_shows_its_help(tmp_path: Path, name: str):
    ran = without((), MODULE, tmp_path, f"offramp_conformance.{name}", "--help")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"usage: python -m offramp_conformance.{name}" in ran.stdout
