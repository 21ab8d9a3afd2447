"""Run a command as `offramp` does, in a folder of its own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp.cli.app import run
from offramp.types import JsonObject


class Ran:
    """What a command has printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> JsonObject:
        found: Any = json.loads(self.out)
        return found


@pytest.fixture
def offramp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Ran:
        code = run(arguments)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """As little of a configuration as orders need."""
    file = tmp_path / "offramp.toml"
    file.write_text('schema = 1\nstate = "sqlite:state.db"\naudit = "log"\noperators = "trusted.toml"\n')
    return file
