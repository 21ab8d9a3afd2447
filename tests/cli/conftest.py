"""Run a command as `offramp` does, in a folder of its own."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from offramp.cli.app import run
from offramp.cli.schema import schema_of
from offramp.types import JsonObject

FORMATS = FormatChecker(["date"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(found: object) -> bool:
    """With its time zone; null where the schema allows it."""
    return not isinstance(found, str) or datetime.fromisoformat(found).tzinfo is not None


class Ran:
    """What a command has printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> JsonObject:
        """What was printed for programs, as its published schema has it."""
        found: Any = json.loads(self.out)
        if "$schema" in found:
            Draft202012Validator.check_schema(found)
        else:
            Draft202012Validator(published(found["schema"]), format_checker=FORMATS).validate(found)
        return found


def published(kind: str | int) -> JsonObject:
    """By what the document says of itself; the reports of decisions bear a number alone."""
    return schema_of("policy-decisions" if kind == 1 else str(kind).removeprefix("offramp-").removesuffix("/1"))


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
