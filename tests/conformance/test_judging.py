"""Levels, baselines and verdicts."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from offramp.contracts.capability import Requirement
from offramp.contracts.needs import Demand, Needs
from offramp.errors import ConfigurationError
from offramp_conformance.checks import catalogue
from offramp_conformance.conform.baseline import Gap, load_baseline, with_gaps
from offramp_conformance.conform.levels import Selection, objectives_of, select
from offramp_conformance.conform.observed import supports
from offramp_conformance.conform.verdict import judge, suite_version
from offramp_conformance.suite.lapses import lapses_among
from offramp_conformance.suite.observations import held
from offramp_conformance.suite.results import CheckResult, standing_of

from .conftest import made, seeing

TODAY = date(2026, 11, 26)


def result(name: str = "text.x", state: str = "proven", **fields: object) -> CheckResult:
    given = {"why": "", "level": "MUST", "axis": "behaviour", "standing": "owed", **fields}
    return CheckResult(name, state=state, **given)  # type: ignore[arg-type]  # as the tests below give them


def judged(*results: CheckResult, left_out: tuple[str, ...] = (), gaps: dict[str, Gap] | None = None) -> object:
    excused, stale = with_gaps(results, gaps or {}, today=TODAY)
    return judge(Selection("core", (), left_out=left_out), excused, stale, key="k", today=TODAY)


WIRE = result("text.w", axis="wire")


@pytest.mark.parametrize(
    ("results", "wire", "behaviour"),
    [
        ((WIRE, result()), "passed", "passed"),
        ((WIRE, result(state="refuted")), "passed", "failed"),
        ((result("text.w", "refuted", axis="wire"), result()), "failed", "passed"),
        ((WIRE, result(state="not_tried")), "passed", "inconclusive"),
        ((WIRE, result(state="inconclusive"), result("text.y", "refuted")), "passed", "failed"),
        ((WIRE,), "passed", "inconclusive"),
        ((WIRE, result(), result("text.y", "refuted", level="SHOULD")), "passed", "passed"),
        ((WIRE, result(), result("text.y", "refuted", standing="unclaimed")), "passed", "passed"),
        ((WIRE, result(), result("text.y", "refuted", standing="disclaimed")), "passed", "passed"),
        ((WIRE, result(), result("text.y", "refuted", standing="required")), "passed", "failed"),
    ],
)
def test_one_refuted_check_that_counts_fails_its_axis_alone(
    results: tuple[CheckResult, ...], wire: str, behaviour: str
):
    verdict = judge(Selection("core", ()), results, (), key="k", today=TODAY)

    assert (verdict.wire, verdict.behaviour) == (wire, behaviour)
    assert verdict.certifiable is (wire == behaviour == "passed")


def test_what_does_not_apply_counts_for_nothing():
    other = result("tools.y", "not_tried", applies=False, standing="claimed", verifies="tools")

    assert judge(Selection("core", ()), (WIRE, result(), other), (), key="k", today=TODAY).certifiable


def test_what_the_contract_uses_must_have_been_seen():
    required = {"standing": "required", "verifies": "tools"}
    unseen = result("tools.y", "not_tried", applies=False, **required)
    seen = result("tools.z", **required)

    left_open = judge(Selection("core", ()), (WIRE, result(), unseen), (), key="k", today=TODAY)
    shown = judge(Selection("core", ()), (WIRE, result(), unseen, seen), (), key="k", today=TODAY)

    assert left_open.behaviour == "inconclusive"
    assert "nothing was seen of tools" in left_open.why_not
    assert shown.certifiable


def test_a_run_of_fewer_checks_certifies_nothing():
    verdict = judge(Selection("core", (), left_out=("text.y",)), (WIRE, result()), (), key="k", today=TODAY)

    assert verdict.passed
    assert not verdict.certifiable
    assert "left out" in verdict.why_not[0]


def lapsing(often: int, of: int, **fields: object) -> CheckResult:
    return result("text.y", lapses=lapses_among([True] * often + [False] * (of - often), 0.02), **fields)


@pytest.mark.parametrize(
    ("lapses", "told"),
    [
        (lapsing(5, 24), "1 checks are broken more often than is tolerated: text.y"),
        (lapsing(1, 4), "1 checks are broken now and then, and too few tries tell how often: text.y"),
        (lapsing(1, 60), None),
        (lapsing(5, 24, level="SHOULD"), None),
        (lapsing(5, 24, standing="unclaimed", verifies="seed"), None),
    ],
)
def test_what_is_broken_more_often_than_is_tolerated_passes_and_cannot_be_certified(
    lapses: CheckResult, told: str | None
):
    verdict = judge(Selection("core", ()), (WIRE, result(), lapses), (), key="k", today=TODAY)

    assert verdict.passed
    assert verdict.why_not == (() if told is None else (told,))


def test_how_strictly_checks_judge_is_part_of_the_suite_s_version():
    first, *others = catalogue()

    assert suite_version([first, *others]) != suite_version([replace(first, tolerated=0.3), *others])


def test_a_known_gap_is_excused_until_its_last_day():
    gap = Gap(check="text.x", reason="ticket 12", expires=TODAY)
    refuted = (WIRE, result(state="refuted"))

    excused, stale = with_gaps(refuted, {"text.x": gap}, today=TODAY)
    late, expired = with_gaps(refuted, {"text.x": gap}, today=date(2026, 11, 27))

    assert (excused[1].state, stale) == ("known_gap", ())
    assert "ticket 12" in excused[1].why
    assert late[1].state == "refuted"
    assert "expired" in expired[0].why


def test_an_entry_for_what_is_proven_is_stale():
    gap = Gap(check="text.x", reason="ticket 12", expires=TODAY)

    results, stale = with_gaps((WIRE, result()), {"text.x": gap}, today=TODAY)

    assert results[1].state == "proven"
    assert [each.check for each in stale] == ["text.x"]
    assert not judge(Selection("core", ()), results, stale, key="k", today=TODAY).certifiable


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('schema = 1\n[[gaps]]\ncheck = "text.nobody"\nreason = "r"\nexpires = 2027-01-01', "no check"),
        ('schema = 1\n[[gaps]]\ncheck = "text.x"\nexpires = 2027-01-01', "reason"),
        ('schema = 1\n[[gaps]]\ncheck = "text.x"\nreason = ""\nexpires = 2027-01-01', "reason"),
        ('schema = 1\n[[gaps]]\ncheck = "text.x"\nreason = "r"\nexpire = 2027-01-01', "expire"),
        (
            'schema = 1\n[[gaps]]\ncheck = "text.x"\nreason = "r"\nexpires = 2027-01-01\n' * 1
            + '[[gaps]]\ncheck = "text.x"\nreason = "r"\nexpires = 2027-01-01',
            "twice",
        ),
    ],
)
def test_a_baseline_with_a_mistake_is_refused(tmp_path: Path, text: str, word: str):
    file = tmp_path / "baseline.toml"
    file.write_text(text)

    with pytest.raises(ConfigurationError, match=word) as raised:
        load_baseline(file, {"text.x"})

    assert "baseline.toml" in str(raised.value)


CHECKS = (
    made("text.a", seeing(held())),
    made("tools.b", seeing(held()), verifies="tools"),
    made("text.c", seeing(held()), level="SHOULD"),
    made("structured.d", seeing(held()), verifies="structured_output"),
    made("streaming.e", seeing(held()), verifies="streaming"),
)


@pytest.mark.parametrize(
    ("level", "required", "ids"),
    [
        ("core", set[Requirement](), "ae"),
        ("contract", set[Requirement](), "ace"),
        ("contract", {"tools"}, "abce"),
        ("full", set[Requirement](), "abcde"),
    ],
)
def test_a_level_asks_what_the_contract_uses(level: str, required: set[Requirement], ids: str):
    selection = select(CHECKS, level, frozenset(required))  # type: ignore[arg-type]  # parametrised

    assert "".join(each.id[-1] for each in selection.checks) == ids
    assert selection.left_out == ()


def test_what_is_left_out_is_named():
    selection = select(CHECKS, "full", frozenset(), only=("text", "tools.b"), without=("text.c",))

    assert [each.id for each in selection.checks] == ["text.a", "tools.b"]
    assert selection.left_out == ("text.c", "structured.d", "streaming.e")
    with pytest.raises(ConfigurationError, match="nobody"):
        select(CHECKS, "full", frozenset(), only=("nobody",))


def test_why_a_result_matters():
    check = made("tools.b", seeing(held()), verifies="tools")

    assert standing_of(made("text.a", seeing(held())), None, frozenset()) == "owed"
    assert standing_of(check, "rejected", frozenset({"tools"})) == "required"
    assert standing_of(check, "native", frozenset()) == "claimed"
    assert standing_of(check, None, frozenset()) == "unclaimed"
    assert standing_of(check, "ignored", frozenset()) == "disclaimed"


def test_profile_and_endpoint_are_told_apart_both_ways():
    failing = result(state="refuted", verifies="seed", claim="native", standing="claimed")
    working = result(state="proven", verifies="seed", standing="unclaimed")

    assert failing.surprise == "claimed_but_failing"
    assert working.surprise == "unclaimed_but_working"
    assert replace(working, state="not_tried").surprise is None


def test_what_was_seen_of_a_capability_is_refuted_by_one_must_and_proven_by_all():
    def seen(name: str, requirement: Requirement, state: str, **fields: object) -> CheckResult:
        return result(name, state, verifies=requirement, **fields)

    found = supports(
        [
            seen("tools.a", "tools", "proven"),
            seen("tools.b", "tools", "proven"),
            seen("parameters.c", "seed", "refuted", found="ignored"),
            seen("parameters.d", "logprobs", "refuted", found="rejected"),
            seen("streaming.e", "streaming", "proven"),
            seen("streaming.f", "streaming", "inconclusive"),
            seen("roles.g", "system", "refuted", level="SHOULD"),
            seen("structured.h", "structured_output", "known_gap"),
        ]
    )

    assert {name: support for name, (support, _) in found.items()} == {
        "tools": "native",
        "seed": "ignored",
        "logprobs": "rejected",
        "structured_output": "unsupported",
    }


def test_every_check_says_what_it_proves_and_where_to_look():
    for check in catalogue():
        assert check.proves.endswith(".")
        assert check.look_at.endswith(".")


def test_what_a_mission_states_of_speed_is_held_against_what_is_measured():
    demand = Demand(needs=Needs(first_output_s=2.5, stop_sequences=2))

    assert objectives_of(demand) == {"first_output_s": 2.5}
