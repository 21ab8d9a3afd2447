"""What was seen, over what is said: refuted stays refuted, proven lifts until it expires and never over a denial."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from offramp._observed import with_observed
from offramp.contracts.capability import Capability
from offramp.contracts.evidence import Evidence
from offramp.contracts.scripted import scripted_endpoint

CHECKED, EXPIRES, LATE = date(2026, 11, 26), date(2026, 12, 26), date(2026, 12, 27)


@pytest.mark.parametrize(
    ("claimed", "seen", "today", "believed"),
    [
        (None, "unsupported", CHECKED, ("unsupported", "observed")),
        ("native", "unsupported", CHECKED, ("unsupported", "observed")),
        ("native", "unsupported", LATE, ("unsupported", "observed")),
        (None, "native", CHECKED, ("native", "observed")),
        (None, "native", LATE, ("native", "declared")),
        ("rejected", "native", CHECKED, ("rejected", "declared")),
    ],
)
def test_a_sight_and_a_claim(tmp_path: Path, claimed: Any, seen: str, today: date, believed: tuple[str, str]):
    endpoint = scripted_endpoint("a", developer="acme", host="acme", model="m-1")
    given = Capability(support=claimed, evidence=Evidence(level="declared", checked=CHECKED)) if claimed else None
    endpoint = replace(endpoint, claims={"seed": given} if given else {})
    file = tmp_path / "observed-a.json"
    file.write_text(
        json.dumps(
            {
                "schema": "offramp-observed/1",
                "developer": "acme",
                "host": "acme",
                "model": "m-1",
                "base_url": endpoint.base_url,
                "dialect": endpoint.profile.dialect,
                "key": "k",
                "checked": str(CHECKED),
                "expires": str(EXPIRES),
                "report_sha256": "ab" * 32,
                "capabilities": {"seed": {"support": seen, "check_id": "parameters.seed"}},
            }
        )
    )

    claim = with_observed(endpoint, file, today=today).capability("seed")

    assert claim is not None
    assert (claim.support, claim.evidence.level) == believed
