"""What a run has seen of each capability, as evidence that a configuration can rest on: `observed.json`."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final

from offramp.contracts.capability import Requirement, Support
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.lapses import Lapses, LapseStanding
from offramp.types import JsonObject
from offramp_conformance.conform.verdict import Verdict
from offramp_conformance.suite.results import CheckResult

SCHEMA_ID: Final = "offramp-observed/2"


def observed(
    endpoint: Endpoint, results: Sequence[CheckResult], verdict: Verdict, *, report_sha256: str, today: date
) -> JsonObject:
    """The document. It names the endpoint that it is about; a configuration takes it for no other."""
    who = endpoint.identity
    return {
        "schema": SCHEMA_ID,
        "developer": who.developer,
        "host": who.host,
        "model": who.model,
        "base_url": endpoint.base_url,
        "dialect": endpoint.profile.dialect,
        "key": verdict.key,
        "checked": today.isoformat(),
        "expires": verdict.expires.isoformat(),
        "report_sha256": report_sha256,
        "capabilities": {
            requirement: {"support": support, "check_id": check_id}
            for requirement, (support, check_id) in sorted(supports(results).items())
        },
        "lapses": {
            requirement: {"check_id": check_id, **lapses.as_json()}
            for requirement, (lapses, check_id) in sorted(lapses_seen(results).items())
        },
    }


def supports(results: Sequence[CheckResult]) -> dict[Requirement, tuple[Support, str]]:
    """What was seen of each capability, and by which check: refuted by one MUST, or proven by all of them."""
    by_requirement = defaultdict[Requirement, list[CheckResult]](list)
    for each in results:
        if each.verifies is not None and each.level == "MUST":
            by_requirement[each.verifies].append(each)
    found: dict[Requirement, tuple[Support, str]] = {}
    for requirement, seen in by_requirement.items():
        failed = next((each for each in seen if each.state in ("refuted", "known_gap")), None)
        if failed is not None:
            found[requirement] = (failed.found or "unsupported", failed.id)
        elif all(each.state == "proven" for each in seen):
            found[requirement] = ("native", seen[-1].id)
    return found


_BY_GRAVITY: Final[tuple[LapseStanding, ...]] = ("within", "undecided", "beyond")


def lapses_seen(results: Sequence[CheckResult]) -> dict[Requirement, tuple[Lapses, str]]:
    """The gravest lapses of each capability among its MUSTs that hold by their share, and by which check."""
    found: dict[Requirement, tuple[Lapses, str]] = {}
    for each in results:
        if each.verifies is None or each.level != "MUST" or each.lapses is None or each.lapse_standing is None:
            continue
        graver = found.get(each.verifies)
        if graver is None or _gravity(each.lapses) > _gravity(graver[0]):
            found[each.verifies] = (each.lapses, each.id)
    return found


def _gravity(lapses: Lapses) -> tuple[int, float]:
    return _BY_GRAVITY.index(lapses.standing), lapses.rate
