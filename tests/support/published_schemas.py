"""The vendors' published schemas, as tests ask for them: where they are not, the test skips."""

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "cassettes"


def published(vendor: str) -> dict[str, Any]:
    """A vendor's schema: `components`, the names of its `roots`, and in `_meta` where it was read."""
    path = Path(os.environ.get("OFFRAMP_CASSETTES") or _BESIDE).parent / "specs" / f"{vendor}.json"
    if not path.is_file():
        pytest.skip("the vendors' published schemas are not at ../shared/specs")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
