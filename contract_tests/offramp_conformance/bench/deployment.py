"""The folder of a benchmark: policy, state, log and ledger as any user has them."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from offramp.policy.plain import plain_declaration, plain_organisation
from offramp_conformance.bench.answers import KEY, Wire

_CONFIG: Final = """\
schema = 1
state = "sqlite:state.db"
policy = ["organisation.toml", "terms.toml"]

[ledger]
url = "sqlite:ledger.db"

[endpoints.measured]
vendor = "{vendor}"
dialect = "{dialect}"
model = "{model}"
base_url = "{base_url}"
region = "us-east-1"
channel = "self-host"
developer = "measured"
host = "measured"
key.env = "OFFRAMP_BENCH_KEY"

[missions.bench]
declaration = "bench.toml"
route = ["measured"]
"""

_TERMS: Final = """\
schema = 1
layer = "vendor"
kind = "usage-policy"
name = "Terms of the benchmark's server"
version = "1"
authority = "whoever runs the benchmark"
applies_to = ["developer:measured"]
effective = {today}
retrieved = {today}
review_by = {later}
valid_until = {later}
status = "illustrative-unreviewed"
silence = "deny"

[[sources]]
document = "None: the server answers everybody the same"
url = "http://localhost"
effective = {today}
retrieved = {today}
sha256 = "unrecorded"

[[clauses]]
id = "general-use"
effect = "permit"
uses = ["gen.draft", "gen.summarise", "gen.translate", "gen.code", "gen.search"]
document = "None"
section = "general use"
text = "Plain office work."
"""


def write(folder: Path, wire: Wire, server: str) -> Path:
    """Write it, and give the path of its `offramp.toml`."""
    today = datetime.now(UTC).date()
    folder.mkdir(parents=True, exist_ok=True)
    base_url = server + wire.base_path
    config = _CONFIG.format(vendor=wire.vendor, dialect=wire.dialect, model=wire.model, base_url=base_url)
    files = {
        "offramp.toml": config,
        "terms.toml": _TERMS.format(today=today, later=today + timedelta(days=90)),
        "bench.toml": plain_declaration("bench", on=today),
        "organisation.toml": plain_organisation(
            ["bench"], endpoints=["endpoint:measured"], on=today, allow_unreviewed=True
        ),
    }
    os.environ["OFFRAMP_BENCH_KEY"] = KEY
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder / "offramp.toml"
