"""One recording: start the application with its vendor's address changed, wait for its end, and write what was seen."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY
from pathlib import Path
from typing import Final

from offramp.config import Config, load_config
from offramp.errors import ConfigurationError
from offramp.types import value
from offramp_conformance.record.contract import contract
from offramp_conformance.record.golden import golden_lines
from offramp_conformance.record.notes import Uses, uses_of
from offramp_conformance.record.redaction import Redactor
from offramp_conformance.record.server import Recorder, listening
from offramp_conformance.suite.opening import mission_for, opened

_VARIABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "anthropic_messages": ("ANTHROPIC_BASE_URL",),
    "openai_chat": ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    "openai_responses": ("OPENAI_BASE_URL",),
    "gemini": ("GOOGLE_GEMINI_BASE_URL",),
    "bedrock_converse": ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME",),
    "ollama_native": ("OLLAMA_HOST",),
}
"""Where the dialects' usual clients take the address from. Others are told by `--variable`."""
_ADDS_THE_VERSION: Final = frozenset({"gemini"})
"""Dialects whose usual clients add the version to the address, as google-genai 3.6.1 does (seen 2026-11-26)."""
_ALWAYS: Final = "OFFRAMP_RECORD_URL"


@value
class Recording:
    """What a recording is told."""

    config: Path
    endpoint: str
    command: tuple[str, ...]
    _: KW_ONLY
    mission: str | None = None
    folder: Path = Path("recorded")
    variables: tuple[str, ...] = ()
    """Further variables that the application takes its vendor's address from."""
    redact: tuple[str, ...] = ()
    """Further patterns that are taken out of the golden set."""


@value
class Recorded:
    """What came of it."""

    exit_code: int
    uses: Uses
    _: KW_ONLY
    cases: int
    stand_ins: int
    contract: Path
    golden: Path


def record(recording: Recording) -> Recorded:
    """Run the application to its end.

    Raises:
        ConfigurationError, StateError: something is missing, contradictory or unreadable.
    """
    config = load_config(recording.config)
    redactor = _redactor(recording.redact)
    mission = mission_for(config, recording.endpoint, recording.mission)
    recording.folder.mkdir(parents=True, exist_ok=True)  # before the application runs: what it says is said once
    code, recorder = asyncio.run(_watched(recording, config, mission))
    uses = uses_of(recorder.notes, recorder.kept_back)
    lines = golden_lines(recorder.notes, mission, redactor)
    made = recording.folder / "contract.toml", recording.folder / "golden.jsonl"
    _write_for_owner(made[0], contract(uses, mission))
    _write_for_owner(made[1], "\n".join(lines) + "\n")
    return Recorded(code, uses, cases=len(lines) - 1, stand_ins=redactor.replaced, contract=made[0], golden=made[1])


async def _watched(recording: Recording, config: Config, mission: str) -> tuple[int, Recorder]:
    async with opened(config, recording.endpoint, mission=mission) as bench:
        recorder = Recorder(bench)
        async with listening(recorder) as origin:
            dialect = bench.provider.endpoint.profile.dialect
            names = (*_VARIABLES.get(dialect, ()), *recording.variables, _ALWAYS)
            address = origin if dialect in _ADDS_THE_VERSION else f"{origin}{recorder.base_path}"
            return await _run(recording.command, dict.fromkeys(names, address)), recorder


async def _run(command: Sequence[str], changes: Mapping[str, str]) -> int:
    try:
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **changes})
    except OSError as error:
        raise ConfigurationError(
            f"{command[0]!r} cannot be started", where="record", mend="give the command after `--`, as in a shell"
        ) from error
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def _redactor(patterns: Sequence[str]) -> Redactor:
    import re

    try:
        return Redactor(patterns)
    except re.error as error:
        raise ConfigurationError(f"a pattern is none: {error}", where="--redact", mend="correct it") from error


def _write_for_owner(file: Path, text: str) -> None:
    """It holds what an application's users said."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened_file:
        opened_file.write(text)
