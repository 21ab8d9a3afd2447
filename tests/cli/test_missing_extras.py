"""A command whose extra is not installed says in one line which to install, before anything is sent or written."""

import subprocess
import sys
from pathlib import Path

import pytest

# What each extra brings, the command line's own apart: a machine on which `pip install offramp[cli]` was all.
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


def offramp(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, ",".join(OF_OTHER_EXTRAS), *arguments]
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
