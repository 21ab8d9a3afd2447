"""How a verification of the decision log is told, and which keys it is made with."""

import base64
import binascii
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from rich.text import Text

from offramp.audit import VerifyResult
from offramp.cli._output import console
from offramp.contracts.document_facts import DocumentFacts
from offramp.errors import ConfigurationError
from offramp.policy import facts_of, load_any
from offramp.types import JsonObject

_VERDICTS: Final = {
    "broken": "BROKEN",
    "unwitnessed": "nothing wrong was found, but NOT everything is witnessed: it may have been written anew",
    "ok": "ok, and witnessed",
}


def public_key(word: str) -> bytes:
    """The public key that was given as a word: in base64, or a file that holds it. Raises ConfigurationError."""
    try:
        file = Path(word)
        key = base64.b64decode(file.read_text("ascii").strip() if file.is_file() else word, validate=True)
    except (OSError, UnicodeError, binascii.Error):
        key = b""
    if len(key) != 32:
        raise ConfigurationError(
            "this is no public key", where="--key", mend="give what `offramp keys new` has printed as public_key"
        )
    return key


def documents_at(paths: Iterable[Path]) -> list[DocumentFacts]:
    """What is to be known of policy files. Of a folder, all that can be read as one. Raises ConfigurationError."""
    found: list[DocumentFacts] = []
    for path in paths:
        if not path.is_dir():
            found.append(facts_of(load_any(path)))
            continue
        for file in sorted(path.glob("*.toml")):
            with suppress(ConfigurationError):  # what is passed over is told as unknown where a send rests on it
                found.append(facts_of(load_any(file)))
    return found


def show_verdict(found: VerifyResult, *, keys: int) -> None:
    """For people."""
    out = console()
    for problem in found.problems:
        out.print(Text(str(problem), style="red"))
    for name in found.open_ended:
        out.print(f"{name}: has no closing line; its process runs or was killed, or its end was cut off")
    for unknown in found.unknown:
        out.print(Text(str(unknown), style="yellow"))
    out.print(f"{found.records} records in {found.files} files: {_VERDICTS[found.verdict]}")
    coverage = found.coverage
    signed = f"{coverage.signed} under a signed one" if keys else "signatures not verified, for want of --key"
    out.print(f"under a checkpoint: {coverage.checkpointed} ({signed}); under a witnessed one: {coverage.witnessed}")
    if coverage.unsigned_notes:
        out.print(f"{coverage.unsigned_notes} checkpoints are unsigned: whoever writes the folder could have made them")
    if found.unjudged:
        out.print(f"{found.unjudged} permitted sends rest on policy files that the log does not tell of: give --policy")


def verdict_json(found: VerifyResult) -> JsonObject:
    """For programs; `verify-report.schema.json` in the audit package describes it."""
    coverage = found.coverage
    return {
        "verdict": found.verdict,
        "ok": found.verdict == "ok",
        "sound": found.sound,
        "files": found.files,
        "records": found.records,
        "checkpointed": coverage.checkpointed,
        "signed": coverage.signed,
        "witnessed": coverage.witnessed,
        "unwitnessed": found.unwitnessed,
        "unsigned_checkpoints": coverage.unsigned_notes,
        "problems": [
            {"kind": problem.kind, "file": problem.file, "line": problem.line, "what": problem.what}
            for problem in found.problems
        ],
        "unknown": [
            {"file": one.file, "line": one.line, "call_id": one.call_id, "endpoint": one.endpoint, "sent": one.sent}
            for one in found.unknown
        ],
        "open_ended": list(found.open_ended),
        "unjudged": found.unjudged,
    }
