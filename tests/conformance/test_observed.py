"""What was seen, over what is said: refuted stays refuted, proven lifts until it expires and never over a denial.

What works and fails now and then keeps its claim, and the router tells how often.
"""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp._observed import with_observed
from offramp.contracts.capability import Capability, Limits, Requirement
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.evidence import Evidence
from offramp.contracts.lapses import Lapses, LapseStanding
from offramp.contracts.needs import Demand
from offramp.contracts.scripted import scripted_endpoint
from offramp.errors import ConfigurationError
from offramp.negotiation import negotiate
from offramp_conformance.conform.observed import lapses_seen
from offramp_conformance.suite.lapses import lapses_among
from offramp_conformance.suite.results import CheckResult

CHECKED, EXPIRES, LATE = date(2026, 11, 26), date(2026, 12, 26), date(2026, 12, 27)


BEYOND = lapses_among([True, False, True, True, False], 0.02)
WITHIN = lapses_among([True, *[False] * 40], 0.02)
UNDECIDED = lapses_among([False] * 9 + [True], 0.02)


def claiming(support: Any) -> Endpoint:
    given = Capability(support=support, evidence=Evidence(level="declared", checked=CHECKED)) if support else None
    endpoint = scripted_endpoint("a", developer="acme", host="acme", model="m-1")
    return replace(endpoint, claims={"seed": given} if given else {})


def observed_in(folder: Path, **fields: Any) -> Path:
    """A file of what was seen of the endpoint above."""
    endpoint = claiming(None)
    content = {
        "schema": "offramp-observed/2",
        "developer": "acme",
        "host": "acme",
        "model": "m-1",
        "base_url": endpoint.base_url,
        "dialect": endpoint.profile.dialect,
        "key": "k",
        "checked": str(CHECKED),
        "expires": str(EXPIRES),
        "report_sha256": "ab" * 32,
        "capabilities": {},
        **fields,
    }
    file = folder / "observed-a.json"
    file.write_text(json.dumps(content))
    return file


def seed(support: str) -> dict[str, object]:
    return {"seed": {"support": support, "check_id": "parameters.seed"}}


def profiled(**capabilities: Capability) -> Endpoint:
    """The endpoint, of which this is said elsewhere."""
    endpoint = claiming(None)
    said: Any = capabilities
    return replace(endpoint, profile=replace(endpoint.profile, capabilities=said))


def believed_of(endpoint: Endpoint, file: Path, today: date | None = CHECKED) -> Capability:
    claim = with_observed(endpoint, file, today=today).capability("seed")
    assert claim is not None
    return claim


def lapsing(lapses: Lapses | None) -> Any:
    assert lapses is not None
    return {"seed": {"check_id": "parameters.seed", **lapses.as_json()}}


@pytest.mark.parametrize(
    ("claimed", "seen", "today", "believed"),
    [
        (None, "unsupported", CHECKED, ("unsupported", "observed")),
        ("native", "unsupported", CHECKED, ("unsupported", "observed")),
        ("native", "unsupported", LATE, ("unsupported", "observed")),
        (None, "native", CHECKED, ("native", "observed")),
        (None, "native", EXPIRES, ("native", "observed")),
        (None, "native", LATE, ("native", "declared")),
        (None, "emulated", CHECKED, ("emulated", "observed")),
        (None, "emulated", LATE, ("native", "declared")),
        ("rejected", "native", CHECKED, ("rejected", "declared")),
    ],
)
def test_a_sight_and_a_claim(tmp_path: Path, claimed: Any, seen: str, today: date, believed: tuple[str, str]):
    claim = believed_of(claiming(claimed), observed_in(tmp_path, capabilities=seed(seen)), today)

    assert (claim.support, claim.evidence.level) == believed


@pytest.mark.parametrize(("expires", "level"), [(date.max, "observed"), (date(2026, 1, 1), "declared")])
def test_a_sight_expires_by_todays_date(tmp_path: Path, expires: date, level: str):
    file = observed_in(tmp_path, capabilities=seed("native"), expires=str(expires))

    assert believed_of(claiming(None), file, today=None).evidence.level == level


def test_a_sight_is_evidence_that_names_the_day_the_check_and_the_report(tmp_path: Path):
    claim = believed_of(claiming(None), observed_in(tmp_path, capabilities=seed("native")))

    assert claim.evidence == Evidence(level="observed", checked=CHECKED, check_id="parameters.seed", digest="ab" * 32)


@pytest.mark.parametrize(("seen", "kept"), [("native", True), ("emulated", False)])
def test_what_is_known_of_the_limits_stays_where_it_is_proven_as_it_is(tmp_path: Path, seen: str, kept: bool):
    known = Capability(
        support="native",
        evidence=Evidence(level="declared", checked=CHECKED),
        note="as an integer",
        limits=Limits(count=1),
    )

    claim = believed_of(profiled(seed=known), observed_in(tmp_path, capabilities=seed(seen)))

    assert (claim.note, claim.limits) == ((known.note, known.limits) if kept else (None, None))


def test_what_nobody_has_said_is_believed_without_a_note(tmp_path: Path):
    claim = believed_of(profiled(), observed_in(tmp_path, capabilities=seed("native")))

    assert (claim.support, claim.note, claim.limits) == ("native", None, None)


@pytest.mark.parametrize("name", ["developer", "host", "model", "base_url", "dialect"])
def test_a_sight_of_another_endpoint_is_refused(tmp_path: Path, name: str):
    file = observed_in(tmp_path, **{name: "another"})

    with pytest.raises(ConfigurationError, match=f"another endpoint: its {name} is not that of a") as caught:
        with_observed(claiming(None), file)

    assert caught.value.where == str(file)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"schema": "offramp-observed/9"}, "schema"),
        ({"checked": "yesterday"}, "checked"),
        ({"capabilities": {"seed": {"support": "perhaps", "check_id": "c"}}}, r"capabilities\.seed\.support"),
        ({"capabilities": {"seed": {"support": "native", "check_id": "c", "by": "me"}}}, r"capabilities\.seed\.by"),
        ({"by": "me"}, "by"),
    ],
)
def test_a_damaged_sight_is_refused_with_the_place(tmp_path: Path, wrong: dict[str, object], place: str):
    file = observed_in(tmp_path, **wrong)

    with pytest.raises(ConfigurationError, match=f"not what a conformance run has seen: {place}[.] Run") as caught:
        with_observed(claiming(None), file)

    assert caught.value.where == str(file)


@pytest.mark.parametrize("today", [CHECKED, LATE])
@pytest.mark.parametrize(("lapses", "fit"), [(BEYOND, "degraded"), (UNDECIDED, "degraded"), (WITHIN, "satisfied")])
def test_what_fails_now_and_then_keeps_its_claim_and_the_router_tells_how_often(
    tmp_path: Path, lapses: Lapses, fit: str, today: date
):
    endpoint = with_observed(claiming("native"), observed_in(tmp_path, lapses=lapsing(lapses)), today=today)

    found = negotiate(Demand(requires=frozenset({"seed"})), endpoint)

    claim, (finding,) = endpoint.capability("seed"), found.findings
    assert claim is not None
    assert (claim.support, claim.evidence.level) == ("native", "declared")
    assert (finding.fit, finding.lapses, found.fits) == (fit, lapses, True)
    assert str(lapses) in finding.why
    assert "parameters.seed" in finding.why
    assert finding.evidence is not None
    assert (finding.evidence.level, finding.evidence.check_id) == (
        ("observed", "parameters.seed") if fit == "degraded" else ("declared", None)
    )


@pytest.mark.parametrize("claimed", ["ignored", "rejected", "unsupported"])
def test_lapses_lend_nothing_to_what_is_denied(tmp_path: Path, claimed: str):
    endpoint = with_observed(claiming(claimed), observed_in(tmp_path, lapses=lapsing(BEYOND)), today=CHECKED)

    found = negotiate(Demand(requires=frozenset({"seed"})), endpoint)

    assert not found.fits
    assert found.findings[0].lapses is None


def test_a_refuted_claim_is_not_trusted_whatever_else_lapses(tmp_path: Path):
    seen = {"seed": {"support": "ignored", "check_id": "parameters.other"}}
    file = observed_in(tmp_path, capabilities=seen, lapses=lapsing(WITHIN))

    assert not negotiate(
        Demand(requires=frozenset({"seed"})), with_observed(claiming("native"), file, today=CHECKED)
    ).fits


def test_a_file_of_the_first_version_has_no_lapses_and_is_read(tmp_path: Path):
    assert (
        with_observed(claiming("native"), observed_in(tmp_path, schema="offramp-observed/1"), today=CHECKED).lapses
        == {}
    )


@pytest.mark.parametrize(
    "wrong",
    [
        *({"broken": 0}, {"broken": 9}, {"of": 0}, {"tolerated": 1.01}, {"tolerated": -0.01}, {"standing": "?"}),
        *({"interval_95": figures} for figures in ([0.7, 0.9], [0.1], [0.1, 1.01], [-0.01, 0.9])),
    ],
)
def test_figures_that_do_not_go_together_are_refused(tmp_path: Path, wrong: dict[str, Any]):
    content = lapsing(BEYOND)
    content["seed"].update(wrong)

    with pytest.raises(ConfigurationError, match=r"lapses\.seed"):
        with_observed(claiming("native"), observed_in(tmp_path, lapses=content), today=CHECKED)


@pytest.mark.parametrize(
    "bounds", [{"broken": 5, "interval_95": [0.5, 1]}, {"interval_95": [0.6, 0.9]}, {"interval_95": [0.1, 0.6]}]
)
def test_figures_at_their_bounds_are_taken(tmp_path: Path, bounds: dict[str, Any]):
    content = lapsing(BEYOND)  # 3 of 5
    content["seed"].update(bounds)

    seen = with_observed(claiming("native"), observed_in(tmp_path, lapses=content), today=CHECKED).lapses

    ((lapses, _),) = seen.values()
    assert (lapses.broken, [lapses.low, lapses.high]) == (content["seed"]["broken"], content["seed"]["interval_95"])


FLAGS = st.lists(st.booleans(), min_size=1, max_size=60).map(lambda flags: lapses_among(flags, 0.02))
RESULTS = st.lists(
    st.builds(
        lambda number, requirement, state, level, lapses: CheckResult(
            f"text.{number}",
            state=state,
            why="",
            level=level,
            axis="behaviour",
            standing="claimed",
            verifies=requirement,
            lapses=lapses,
        ),
        st.integers(),
        st.sampled_from(("seed", "stop", None)),
        st.sampled_from(("proven", "proven", "refuted", "known_gap")),
        st.sampled_from(("MUST", "MUST", "SHOULD")),
        st.none() | FLAGS,
    ),
    max_size=8,
)
GRAVITY: tuple[LapseStanding, ...] = ("within", "undecided", "beyond")


@given(RESULTS)
def test_the_gravest_lapses_of_a_capability_reach_the_file_and_no_others(results: list[CheckResult]):
    told: dict[Requirement, list[Lapses]] = {}
    for each in results:
        if each.level == "MUST" and each.state == "proven" and each.verifies and each.lapses:
            told.setdefault(each.verifies, []).append(each.lapses)

    found = lapses_seen(results)

    assert found.keys() == told.keys()
    for requirement, (lapses, check_id) in found.items():
        assert any(each.id == check_id and each.lapses == lapses for each in results)
        for other in told[requirement]:
            assert (GRAVITY.index(lapses.standing), lapses.rate) >= (GRAVITY.index(other.standing), other.rate)
