"""The deployment that a drill runs in: a folder like any user's, with emulated vendors behind made-up developers."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from offramp.policy import plain_declaration, plain_organisation, plain_terms
from offramp.types import value
from offramp_conformance.drill.settings import MISSION

FIRST_KEY: Final = "DRILL_KEY_A"
SECOND_KEY: Final = "DRILL_KEY_B"
FIRST_MODEL: Final = "acme-large-1"
SECOND_MODEL: Final = "bolt-large-1"

_CONFIG: Final = """\
schema = 1
state = "sqlite:state.db"
policy = ["organisation.toml", "acme.toml", "bolt.toml"]
allow_unreviewed = true     # the terms of two developers that do not exist, written for this drill

[ledger]
url = "sqlite:ledger.db"

[endpoints.a]
vendor = "anthropic"        # how to talk; whom to is the next lines' matter
developer = "acme"
host = "acme"
model = "{first_model}"
base_url = "{first}"
key.env = "{first_key}"

[endpoints.b]
vendor = "openai"
developer = "bolt"
host = "bolt"
model = "{second_model}"
base_url = "{second}{second_path}"
key.env = "{second_key}"

[missions.{mission}]
declaration = "declaration.toml"
route = ["a", "b"]
requires = ["tools.parallel", "structured_output"]
max_loss = "behavioural"
timeout_s = 60
"""


@value
class Deployment:
    """Where a drill's configuration is, and what of it the drill has to know."""

    config: Path
    mission: str

    @property
    def folder(self) -> Path:
        """The folder of the configuration; workers write their lines there too."""
        return self.config.parent


def write_emulated(folder: Path, *, first: str, second: str) -> Deployment:
    """Write the whole folder.

    Args:
        folder: an empty one.
        first: origin of the emulated vendor that will be lost.
        second: origin of the one that takes over.
    """
    today = datetime.now(UTC).date()
    files = {
        "offramp.toml": _CONFIG.format(
            mission=MISSION,
            first=first,
            second=second,
            second_path="/v1",
            first_key=FIRST_KEY,
            second_key=SECOND_KEY,
            first_model=FIRST_MODEL,
            second_model=SECOND_MODEL,
        ),
        "declaration.toml": plain_declaration(MISSION, on=today, owner="drill", approver="drill"),
        "organisation.toml": plain_organisation(
            [MISSION], endpoints=["endpoint:a", "endpoint:b"], on=today, allow_unreviewed=True, by="drill"
        ),
        "acme.toml": plain_terms("acme", on=today),
        "bolt.toml": plain_terms("bolt", on=today),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Deployment(folder / "offramp.toml", MISSION)
