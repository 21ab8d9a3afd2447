"""Two vendors are asked a golden set, and a report comes out."""

import asyncio
import json
import sys
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from offramp.errors import ConfigurationError, PolicyDenied, ProviderError, ProviderErrorKind
from offramp_conformance.parity import (
    ParityPlan,
    ParityReport,
    Question,
    compare,
    questions_at_most,
    read_report,
    report_schema,
)
from offramp_conformance.parity.comparison import batches
from offramp_conformance.parity.expense import expenses
from offramp_conformance.parity.graders.specs import Exact, Function, Judge
from offramp_conformance.parity.report import derived_report_schema
from offramp_conformance.parity.results import AnswerResult
from support.parity import always, answer, by_chance, case, golden, refusal, vendor

FIXED = ParityPlan(stop="fixed")
SALT = b"0" * 32


async def test_a_vendor_against_itself_is_non_inferior_before_all_is_asked():
    report = await compare(golden(400), old=always(), new=always())

    assert report.verdict.kind == "non_inferior"
    assert len(report.cases) < 400
    assert report.noise is not None
    assert report.noise.disagreement == 0
    assert report.estimates[0].difference == 0


async def test_a_worse_vendor_is_inferior_soon():
    report = await compare(golden(400), old=by_chance(0.95, 1), new=by_chance(0.6, 2))

    assert report.verdict.kind == "inferior"
    assert len(report.cases) < 200


async def test_a_fixed_plan_has_one_look_at_all():
    report = await compare(golden(60), old=always(), new=always("no"), plan=FIXED)

    assert len(report.cases) == 60
    assert {look.cases for look in report.looks} == {60}


async def test_the_old_vendor_is_asked_all_its_repeats_before_the_new_one_is():
    order: list[tuple[str, int]] = []

    def noted(question: Question) -> Any:
        order.append((question.role, question.number))
        return answer("yes")

    await compare(golden(30), old=vendor(noted), new=vendor(noted), plan=replace(FIXED, repeats_old=3))

    assert order == [("old", 1)] * 30 + [("old", 2)] * 30 + [("old", 3)] * 30 + [("new", 1)] * 30


async def test_no_more_is_asked_than_was_told():
    plan = replace(FIXED, repeats_old=2, repeats_new=2)
    old, new = always(), always()
    judge = always('{"reason": "", "better": "neither"}')
    golden_set = golden(25, graders=(Exact("yes"), Judge("good")))

    await compare(golden_set, old=old, new=new, judge=judge, plan=plan)

    assert len(old.asked) + len(new.asked) + len(judge.asked) == questions_at_most(golden_set, plan) == 25 * 8


async def test_no_more_questions_are_under_way_than_the_plan_allows():
    under_way, most = 0, 0

    async def asks(_: Question) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return answer("yes")

    await compare(golden(40), old=asks, new=asks, plan=replace(FIXED, parallel=3))

    assert most == 3


async def test_errors_are_counted_with_their_reason_and_end_nothing():
    def sometimes(question: Question) -> Any:
        at = int(question.case_id[1:])
        if at == 7:
            return ProviderError("x", kind=ProviderErrorKind.OVERLOADED)
        return ZeroDivisionError("secret") if at == 8 else refusal() if at == 9 else answer("yes")

    report = await compare(golden(100), old=always(), new=vendor(sometimes), plan=FIXED)

    told = {(each.side, each.outcome, each.reason, each.count) for each in report.outcomes}
    assert told == {
        ("new", "not_tried", "ProviderError: overloaded", 1),
        ("new", "not_tried", "raised ZeroDivisionError", 1),
        ("new", "refused", "refusal", 1),
    }
    assert report.missing == pytest.approx(0.02)


async def test_a_vendor_that_is_denied_by_policy_shows_nothing():
    report = await compare(golden(60), old=always(), new=vendor(lambda _: PolicyDenied("floor")), plan=FIXED)

    assert report.verdict.kind == "inconclusive"
    assert report.missing == 1.0


async def test_a_setup_mistake_ends_it_as_such():
    with pytest.raises(ConfigurationError, match="no key"):
        await compare(golden(30), old=vendor(lambda _: ConfigurationError("no key")), new=always(), plan=FIXED)


async def test_a_judge_that_prefers_the_new_one_in_both_orders_counts_for_it():
    def judged(question: Question) -> Any:
        shown = json.loads(question.request.messages[1].text)
        better = "first" if shown["first"] == ["new"] else "second" if shown["second"] == ["new"] else "neither"
        return answer(json.dumps({"reason": "r", "better": better}))

    golden_set = golden(60, graders=(Judge("good"),))
    report = await compare(golden_set, old=always("old"), new=always("new"), judge=vendor(judged), plan=FIXED)

    (preference,) = [each for each in report.estimates if each.measure == "preference"]
    assert preference.difference == 1.0
    assert preference.old is None
    assert report.noise is not None
    assert report.noise.disagreement == 0  # the old one against itself is a tie
    assert report.verdict.kind == "non_inferior"


async def test_a_judge_of_the_first_place_prefers_nobody():
    judge = always('{"reason": "r", "better": "first"}')
    report = await compare(
        golden(60, graders=(Judge("good"),)), old=always("old"), new=always("new"), judge=judge, plan=FIXED
    )

    assert {case.preference.winner for case in report.cases if case.preference} == {"tie"}
    assert {case.preference.consistent for case in report.cases if case.preference} == {False}


async def test_a_golden_set_with_a_judge_needs_one():
    with pytest.raises(ConfigurationError, match="its graders name a judge"):
        await compare(golden(30, graders=(Judge("good"),)), old=always(), new=always())


async def test_a_function_that_cannot_be_had_is_told_before_anything_is_asked():
    old = always()

    with pytest.raises(ConfigurationError, match="not marked"):
        await compare(golden(30, graders=(Function("os:system"),)), old=old, new=always())
    assert old.asked == []


async def test_a_grader_that_raises_leaves_the_case_missing(monkeypatch: pytest.MonkeyPatch):
    from types import ModuleType

    from offramp_conformance.parity import grader

    module: Any = ModuleType("own")
    module.odd = grader(lambda response: {}[response.text])  # type: ignore[misc]
    monkeypatch.setitem(sys.modules, "own", module)

    report = await compare(golden(30, graders=(Function("own:odd"),)), old=always(), new=always(), plan=FIXED)

    assert report.missing == 1.0
    assert report.cases[0].new[0].reason == "ungraded: own:odd raised KeyError"


def test_batches_are_whole_clusters_and_each_case_is_in_one():
    golden_set = golden(300, cluster_size=4)
    found = list(batches(golden_set, ParityPlan()))
    clusters = [{case.cluster for case in batch} for batch in found]

    assert sorted(case.id for batch in found for case in batch) == sorted(case.id for case in golden_set.cases)
    assert sum(map(len, clusters)) == len(set().union(*clusters)) == 75
    assert len(clusters[0]) == 20
    assert list(batches(golden_set, ParityPlan())) == found != list(batches(golden_set, ParityPlan(seed=1)))


async def test_a_golden_set_that_may_grow_keeps_error_to_spend():
    plan = ParityPlan(horizon_cases=240, look_every_clusters=40)
    now = await compare(golden(60), old=always(), new=by_chance(0.96, 3), plan=plan)
    alone = await compare(golden(60), old=always(), new=by_chance(0.96, 3), plan=replace(plan, horizon_cases=None))

    assert now.looks[-1].fraction == pytest.approx(0.25)
    assert now.looks[-1].upper - now.looks[-1].lower > alone.looks[-1].upper - alone.looks[-1].lower
    with pytest.raises(ConfigurationError, match="horizon_cases = 100"):
        await compare(golden(200), old=always(), new=always(), plan=replace(plan, horizon_cases=100))


# The report.


async def reported(seed: int = 4) -> ParityReport:
    old, new = by_chance(0.9, seed), by_chance(0.85, seed + 1)
    return await compare(golden(90, cluster_size=2), old=old, new=new, plan=FIXED, salt=SALT)


async def test_the_report_fits_the_published_schema_and_comes_back_equal():
    report = await reported()
    written = json.loads(json.dumps(report.as_json(), allow_nan=False))

    Draft202012Validator(report_schema()).validate(written)
    assert read_report(written) == report


def test_the_published_schema_is_the_one_of_the_values():
    assert report_schema() == derived_report_schema()


async def test_the_same_answers_give_the_same_report():
    assert (await reported()).as_json() == (await reported()).as_json()


async def test_the_report_holds_no_text_of_question_or_answer():
    marked = golden(40, graders=(Exact("Jane"),))
    report = await compare(marked, old=always("Jane Roe"), new=always("John Doe"), plan=FIXED)
    written = json.dumps(report.as_json())

    assert not any(word in written for word in ("Jane", "Roe", "John", "Doe", "question"))
    assert report.cases[0].old[0].digest == report.cases[1].old[0].digest != report.cases[0].new[0].digest


async def test_the_report_says_who_answered_and_what_it_took():
    report = await compare(
        golden(40),
        old=vendor(lambda _: answer("yes", model="a-1")),
        new=vendor(lambda _: answer("yes", model="b-2")),
        plan=FIXED,
    )

    assert (report.old_models, report.new_models) == (("a-1",), ("b-2",))
    assert [each.quantity for each in report.expenses] == ["total_s", "output_tokens"]
    assert report.golden_set.sha256 == golden(40).sha256


def test_what_a_refusal_took_is_not_counted_among_answers():
    slow = AnswerResult("refused", reason="refusal", total_s=99.0)
    quick = AnswerResult("answered", score=1.0, total_s=1.0)

    (found,) = expenses([case(0, quick, quick), case(1, quick, slow)])

    assert (found.cases, found.new_p95) == (1, 1.0)


def test_the_package_is_light_until_something_is_computed():
    import subprocess

    script = (
        "import sys, offramp_conformance, offramp_conformance.parity;"
        "print(sorted({'numpy', 'scipy', 'statsmodels', 'jsonschema'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"
