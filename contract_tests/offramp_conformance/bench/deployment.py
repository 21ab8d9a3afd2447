"""The folder of a benchmark: policy, state, log and ledger as any user has them."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from offramp.policy.plain import plain_declaration, plain_organisation
from offramp_conformance.bench.answers import KEY, Wire

_CONFIG: Final = """\
schema = 1
state = "sqlite:state.db"
policy = ["organisation.toml"]

[ledger]
url = "sqlite:ledger.db"

[endpoints.measured]
vendor = "{vendor}"
model = "{model}"
base_url = "{base_url}"
key.env = "OFFRAMP_BENCH_KEY"

[missions.bench]
declaration = "bench.toml"
route = ["measured"]
"""


def write(folder: Path, wire: Wire, server: str) -> Path:
    """Write it, and give the path of its `offramp.toml`."""
    today = datetime.now(UTC).date()
    folder.mkdir(parents=True, exist_ok=True)
    config = _CONFIG.format(vendor=wire.vendor, model=wire.model, base_url=server + wire.base_path)
    files = {
        "offramp.toml": config,
        "bench.toml": plain_declaration("bench", on=today),
        "organisation.toml": plain_organisation(
            ["bench"], endpoints=["endpoint:measured"], on=today, allow_unreviewed=True
        ),
    }
    os.environ["OFFRAMP_BENCH_KEY"] = KEY
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder / "offramp.toml"
