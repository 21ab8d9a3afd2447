"""A folder as a user would have it: two endpoints of two made-up developers, one mission, policy, state and ledger."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from offramp.policy.plain import plain_declaration, plain_organisation, plain_terms

_CONFIG = """
schema = 1
state = "sqlite:state.db"
policy = ["org.toml", "acme.toml", "bolt.toml"]
{ledger}
[endpoints.a]
vendor = "{a_vendor}"
model = "{a_model}"
developer = "acme"
host = "acme"
{a}
[endpoints.b]
vendor = "{b_vendor}"
model = "{b_model}"
developer = "bolt"
host = "bolt"
{b}
[missions.triage]
declaration = "triage.toml"
route = ["a", "b"]
{mission}
"""

WRITTEN_ON: Final = datetime.now(UTC).date() - timedelta(days=1)
"""When its policy files begin to be in force: no midnight between two steps of a test makes that tomorrow."""


def write_deployment(
    folder: Path,
    *,
    a: str = "",
    b: str = "",
    mission: str = "",
    ledger: str = "",
    a_place: tuple[str, str] = ("anthropic", "claude-sonnet-5-5"),
    b_vendor: str = "openai",
    b_model: str = "gpt-5.6",
) -> Path:
    """Write it, and give the path of its `offramp.toml`. `a_place` is the vendor and the model of a."""
    files = {
        "offramp.toml": _CONFIG.format(
            a=a,
            b=b,
            mission=mission,
            ledger=ledger,
            a_vendor=a_place[0],
            a_model=a_place[1],
            b_vendor=b_vendor,
            b_model=b_model,
        ),
        "triage.toml": plain_declaration("triage", on=WRITTEN_ON),
        "org.toml": plain_organisation(
            ["triage"], endpoints=["developer:acme", "developer:bolt"], on=WRITTEN_ON, allow_unreviewed=True
        ),
        "acme.toml": plain_terms("acme", on=WRITTEN_ON),
        "bolt.toml": plain_terms("bolt", on=WRITTEN_ON),
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder / "offramp.toml"


def rewrite(file: Path, old: str, new: str) -> None:
    """Replace words of it in one step, as a deployment does."""
    text = file.read_text("utf-8")
    assert old in text
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(text.replace(old, new), "utf-8")
    draft.replace(file)


def logged(folder: Path) -> list[dict[str, Any]]:
    """What its decision log says, line by line."""
    files = sorted((folder / "audit").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
