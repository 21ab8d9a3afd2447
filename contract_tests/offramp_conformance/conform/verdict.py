"""What a run amounts to: three verdicts that are never averaged, what they are valid for, and until when."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import KW_ONLY, asdict
from datetime import date, timedelta
from importlib.metadata import version
from typing import Final, Literal, TypeAlias

from offramp.contracts.capability import Requirement
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.lapses import LapseStanding
from offramp.contracts.needs import Demand
from offramp.types import JsonObject, value
from offramp_conformance.conform.baseline import Stale
from offramp_conformance.conform.levels import Selection
from offramp_conformance.suite.check import Axis, Check
from offramp_conformance.suite.results import CheckResult

Standing: TypeAlias = Literal["passed", "failed", "inconclusive"]

VALID_DAYS: Final = 30
"""How long a verdict holds: vendors change what stands behind a name without a word."""


@value
class Verdict:
    """Of one endpoint."""

    _: KW_ONLY
    wire: Standing
    behaviour: Standing
    certifiable: bool
    why_not: tuple[str, ...] = ()
    """What keeps it from being certified."""
    key: str
    """SHA-256 of all that it is valid for: contract, endpoint, model and version of the suite."""
    expires: date

    @property
    def passed(self) -> bool:
        """Whether both verdicts that checks can give are positive."""
        return self.wire == "passed" and self.behaviour == "passed"


def judge(
    selection: Selection, results: Sequence[CheckResult], stale: Sequence[Stale], *, key: str, today: date
) -> Verdict:
    """The verdict on one endpoint."""
    wire, behaviour = axis_standing(results, "wire"), axis_standing(results, "behaviour")
    unseen = unseen_requirements(results)
    if unseen and behaviour == "passed":
        behaviour = "inconclusive"
    why_not = (*_obstacles(selection, results, stale, wire, behaviour), *(f"nothing was seen of {it}" for it in unseen))
    return Verdict(
        wire=wire,
        behaviour=behaviour,
        certifiable=not why_not,
        why_not=why_not,
        key=key,
        expires=today + timedelta(days=VALID_DAYS),
    )


def axis_standing(results: Sequence[CheckResult], axis: Axis) -> Standing:
    """One refuted check that counts fails it; one that could not be told leaves it open."""
    states = {each.state for each in results if each.counts and each.axis == axis}
    if "refuted" in states:
        return "failed"
    if not states or states & {"inconclusive", "not_tried"}:
        return "inconclusive"
    return "passed"


def unseen_requirements(results: Sequence[CheckResult]) -> tuple[Requirement, ...]:
    """What the mission's contract uses and no check could show here, either way."""
    seen = {each.verifies for each in results if each.state in ("proven", "refuted", "known_gap")}
    used: dict[Requirement, None] = {}
    for each in results:
        if each.standing == "required" and each.verifies is not None:
            used[each.verifies] = None
    return tuple(each for each in used if each not in seen)


def _obstacles(
    selection: Selection, results: Sequence[CheckResult], stale: Sequence[Stale], wire: Standing, behaviour: Standing
) -> list[str]:
    found = [
        f"{axis} {standing}" for axis, standing in (("wire", wire), ("behaviour", behaviour)) if standing != "passed"
    ]
    if selection.left_out:
        found.append(f"{len(selection.left_out)} of the level's checks were left out")
    found += _lapses(results)
    models = sorted({call.served for each in results for made in each.tries for call in made.calls if call.served})
    if len(models) > 1:
        found.append(
            f"{len(models)} models have answered, and nobody knows which one this is about: {', '.join(models)}"
        )
    gaps = sum(each.state == "known_gap" and each.counts for each in results)
    if gaps:
        found.append(f"{gaps} known gaps")
    if stale:
        found.append(f"{len(stale)} stale entries in the baseline")
    return found


def _lapses(results: Sequence[CheckResult]) -> list[str]:
    """Of checks that hold by their share, and yet are broken more often than is tolerated, or may be."""
    standings: dict[LapseStanding, str] = {
        "beyond": "are broken more often than is tolerated",
        "undecided": "are broken now and then, and too few tries tell how often",
    }
    found: list[str] = []
    for standing, what in standings.items():
        ids = [each.id for each in results if each.counts and each.lapse_standing == standing]
        if ids:
            found.append(f"{len(ids)} checks {what}: {', '.join(ids)}")
    return found


def verdict_key(endpoint: Endpoint, demand: Demand, catalogue: Sequence[Check]) -> str:
    """What a verdict is valid for, as one digest."""
    return digest_of(
        {
            "contract": _contract(demand),
            "endpoint": {
                **{name: held for name, held in asdict(endpoint.identity).items() if name != "endpoint"},
                "base_url": endpoint.base_url,
                "dialect": endpoint.profile.dialect,
                "options": {name: repr(held) for name, held in sorted(endpoint.options.items())},
            },
            "suite": suite_version(catalogue),
        }
    )


def suite_version(catalogue: Sequence[Check]) -> JsonObject:
    """The version of the suite: Offramp's, and what its checks are."""
    listed = [
        [each.id, each.level, each.axis, each.proves, each.trust, each.share, each.tolerated] for each in catalogue
    ]
    return {"offramp": version("offramp"), "checks": len(listed), "catalogue_sha256": digest_of({"checks": listed})}


def digest_of(content: JsonObject) -> str:
    """SHA-256 of JSON with sorted keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _contract(demand: Demand) -> JsonObject:
    needs = {name: str(getattr(demand.needs, name)) for name in demand.needs.given}
    return {"requires": sorted(demand.requires), "needs": needs, "schema": demand.schema}
