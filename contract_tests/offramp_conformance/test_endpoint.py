"""Every check as a pytest item."""

from collections.abc import Callable

import pytest

from offramp_conformance.items import ItemRun
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.outcomes import outcome_of, told


def test_endpoint(offramp_check: Check, offramp_run: ItemRun, record_property: Callable[[str, object], None]) -> None:
    """Prove one check."""
    result = offramp_run.result(offramp_check)
    for name in ("state", "standing", "level", "axis"):
        record_property(name, getattr(result, name))
    if result.lapses is not None:
        for name, figure in result.lapses.as_json().items():
            record_property(f"lapses.{name}", figure)
    text = told(result.state, proves=offramp_check.proves, why=result.why, look_at=offramp_check.look_at)
    match outcome_of(result.state, counts=result.counts):
        case "passed":
            return
        case "failed":
            pytest.fail(text, pytrace=False)
        case "expected":
            pytest.xfail(text)
        case "skipped":
            pytest.skip(text)
