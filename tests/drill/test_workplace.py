"""A drill's folder is gone when the drill is; nobody else's ever goes with it."""

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from offramp_conformance.drill.workplace import workplace

KILLED = """
import os
from offramp_conformance.drill.workplace import workplace
with workplace() as folder:
    (folder / "ledger.db").write_text("what was said")
    (folder / "audit").mkdir()
    (folder / "audit" / "log").write_text("x")
    os._exit(9)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temp folder of this test's processes."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def killed() -> None:
    """A drill that had no time to clear up."""
    assert subprocess.run([sys.executable, "-c", KILLED], check=False).returncode == 9


def test_folder_is_gone_when_its_drill_is(temporary: Path):
    with suppress(KeyboardInterrupt), workplace() as folder:
        (folder / "inner").mkdir()
        (folder / "inner" / "file").touch()
        raise KeyboardInterrupt

    assert list(temporary.iterdir()) == []


def test_what_a_killed_drill_leaves_behind_goes_with_the_next(temporary: Path):
    killed()
    left = list(temporary.iterdir())

    with workplace() as folder:
        assert len(left) == 1
        assert list(temporary.iterdir()) == [folder]


def test_folder_of_a_drill_that_runs_stays(temporary: Path):
    with workplace() as first, workplace() as second:
        assert sorted(temporary.iterdir()) == sorted([first, second])
        assert list(first.iterdir())


@pytest.mark.parametrize("name", ["offramp-drill-report", "offramp-drill-x.txt", "mine"])
def test_what_no_drill_has_made_stays(temporary: Path, name: str):
    """Such as a folder for reports that bears the name, or one whose drill is just beginning."""
    mine = temporary / name
    if mine.suffix:
        mine.touch()
    else:
        mine.mkdir()
        (mine / "drill-report.json").touch()

    with workplace():
        pass

    assert list(temporary.iterdir()) == [mine]
    assert mine.is_file() or list(mine.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_is_not_followed(temporary: Path, tmp_path_factory: pytest.TempPathFactory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "drill.lock").touch()
    (temporary / "offramp-drill-link").symlink_to(elsewhere)

    with workplace():
        pass

    assert (elsewhere / "drill.lock").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such owner there")
def test_folder_of_another_user_stays(temporary: Path, monkeypatch: pytest.MonkeyPatch):
    killed()
    left = list(temporary.iterdir())
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)

    with workplace() as folder:
        assert sorted(temporary.iterdir()) == sorted([folder, *left])
