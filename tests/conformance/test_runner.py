"""What tries add up to, how often an endpoint is asked, and what keeps it from being asked."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from offramp.contracts.clock import ManualClock
from offramp_conformance.suite.observations import Observation, absent, broken, expect, held, unclear
from offramp_conformance.suite.runner import Runner, RunSettings, Watch
from offramp_conformance.suite.spending import Limits
from offramp_conformance.suite.subject import Subject
from offramp_conformance.suite.tampering import broken_json, edited_body, edited_headers, other_model

from .conftest import Stand, made, seeing


async def asking(subject: Subject) -> Observation:
    answer = (await subject.ask("Hello.")).answer
    expect(answer.text, "there is no text")
    return held()


@pytest.mark.parametrize(
    ("observations", "state", "tries"),
    [
        ((held(),), "proven", 3),
        ((held(), broken("no")), "refuted", 2),
        ((absent("not here"),), "refuted", 1),
        ((unclear("?"),), "inconclusive", 3),
        ((unclear("?"), held()), "proven", 3),
        ((held(), unclear("?"), broken("no")), "refuted", 3),
    ],
)
async def test_one_try_to_the_contrary_refutes(
    stand: Stand, observations: tuple[Observation, ...], state: str, tries: int
):
    async with stand.bench() as bench:
        (result,) = await Runner(bench, RunSettings(tries=3)).run([made("text.x", seeing(*observations))])

    assert (result.state, len(result.tries)) == (state, tries)


async def test_a_model_is_held_to_a_share_of_its_clear_tries(stand: Stand):
    seen = seeing(broken("missed"), held(), unclear("?"), held(), held())
    checks = [made("text.x", seen, trust="most", share=0.7), made("text.y", seen, trust="most", share=0.8)]
    async with stand.bench() as bench:
        lenient, strict = await Runner(bench, RunSettings(tries=5, most_tries=5)).run(checks)

    assert (lenient.state, strict.state) == ("proven", "refuted")
    assert "3 of 4" in strict.why
    assert lenient.pass_at_k is None  # of five clear tries there are four


async def test_chances_are_told_of_as_many_tries_as_were_clear(stand: Stand):
    async with stand.bench() as bench:
        (result,) = await Runner(bench, RunSettings(tries=2, most_tries=2)).run(
            [made("text.x", seeing(broken("missed"), held()), trust="most", share=0.5)]
        )

    assert (result.pass_at_k, result.pass_hat_k) == (1.0, 0.0)


async def test_each_exchange_is_decided_logged_and_counted(stand: Stand):
    async with stand.bench() as bench:
        (result,) = await Runner(bench, RunSettings(tries=2)).run([made("text.x", asking)])
        calls = bench.meter.calls

    assert result.state == "proven"
    assert calls == stand.requests == 2
    assert all(call.status == 200 for each in result.tries for call in each.calls)
    log = "".join(path.read_text() for path in (stand.config.folder / "audit").glob("*.jsonl"))
    assert log.count('"kind":"decision"') == log.count('"kind":"outcome"') == 2


async def test_no_byte_leaves_where_policy_denies(stand: Stand):
    terms = stand.config.folder / "acme.toml"
    terms.write_text(terms.read_text().replace('effect = "permit"', 'effect = "forbid"'))
    async with stand.bench() as bench:
        (result,) = await Runner(bench, RunSettings()).run([made("text.x", asking)])

    assert result.state == "not_tried"
    assert stand.emulator.counters.summary()["bytes_received"] == 0


async def test_the_spending_limit_ends_a_run(stand: Stand):
    async with stand.bench(limits=Limits(max_calls=3)) as bench:
        results = await Runner(bench, RunSettings(tries=2, parallel=1)).run(
            [made("text.a", asking), made("text.b", asking), made("text.c", asking)]
        )

    assert stand.requests == 3
    assert [each.state for each in results] == ["proven", "proven", "not_tried"]
    assert "spending limit" in results[2].why


async def test_a_refused_key_ends_the_run_after_one_call(stand: Stand, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("A_KEY", "another")
    async with stand.bench() as bench:
        results = await Runner(bench, RunSettings(tries=3, parallel=1)).run(
            [made("text.a", asking), made("text.b", asking)]
        )

    assert stand.requests == 1
    assert [each.state for each in results] == ["not_tried", "not_tried"]
    assert "authentication" in results[1].why


async def test_an_overloaded_endpoint_is_given_time_and_never_stormed(stand: Stand):
    clock = ManualClock(datetime.now(UTC))

    async def overloaded(subject: Subject) -> Observation:
        return held() if (await subject.ask("[[rate:7]] Hello.")).answer else broken("no")

    async with stand.bench() as real:
        bench = replace(real, clock=clock)
        (result,) = await Runner(bench, RunSettings(tries=1)).run([made("text.x", overloaded)])

    assert result.state == "inconclusive"
    assert clock.slept == [7.0, 7.0]
    assert stand.requests == 3


async def test_what_an_endpoint_is_known_to_lack_is_not_asked_of_it(stand: Stand):
    async with stand.bench() as bench:
        assert bench.provider.endpoint.capability("seed") is not None
        (result,) = await Runner(bench, RunSettings()).run([made("parameters.x", asking, needs=("seed",))])

    assert (result.state, stand.requests) == ("not_tried", 0)
    assert "seed" in result.why


async def test_a_check_that_fails_by_itself_accuses_nobody(stand: Stand):
    async def confused(_: Subject) -> Observation:
        raise KeyError("choices")

    async with stand.bench() as bench:
        (result,) = await Runner(bench, RunSettings(tries=1)).run([made("text.x", confused)])

    assert result.state == "inconclusive"
    assert "KeyError" in result.why


async def test_an_endpoint_that_hangs_ends_in_a_finding(stand: Stand):
    async def hanging(subject: Subject) -> Observation:
        return held() if (await subject.ask("[[hang]] Hello.")).answer else broken("no")

    async with stand.bench(call_timeout_s=0.2) as bench:
        (result,) = await Runner(bench, RunSettings()).run([made("text.x", hanging)])

    assert result.state == "refuted"
    assert "hung" in result.why


async def test_what_measures_runs_alone(stand: Stand):
    running = set[str]()
    beside = list[set[str]]()

    async def run(subject: Subject) -> Observation:
        running.add(subject.check)
        await asyncio.sleep(0)
        if subject.check == "latency.x":
            beside.append(set(running))
        running.discard(subject.check)
        return held()

    checks = [made("latency.x", run, alone=True), made("text.a", run), made("text.b", run)]
    async with stand.bench() as bench:
        results = await Runner(bench, RunSettings(tries=1)).run(checks)

    assert beside == [{"latency.x"}]
    assert [each.id for each in results] == ["latency.x", "text.a", "text.b"]


async def test_tries_of_an_earlier_run_are_not_made_again(stand: Stand):
    async with stand.bench() as bench:
        seen = list[int]()
        watch = Watch(tried=lambda _, each: seen.append(each.number))
        (first,) = await Runner(bench, RunSettings(tries=3), watch).run([made("text.x", asking)])
        again = Watch(known=lambda _: first.tries[:2])
        (second,) = await Runner(bench, RunSettings(tries=3), again).run([made("text.x", asking)])

    assert seen == [0, 1, 2]
    assert stand.requests == 4
    assert len(second.tries) == 3


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (edited_headers(x_api_key="wrong"), "authentication"),
        (edited_headers(x_api_key=None), "authentication"),
        (edited_body(lambda body: body.pop("max_tokens")), "invalid_request"),
        (broken_json, "invalid_request"),
    ],
)
async def test_a_tampered_request_is_answered_as_the_vendor_answers_it(stand: Stand, tamper: object, kind: str):
    seen = list[str]()

    async def run(subject: Subject) -> Observation:
        error = (await subject.ask("Hello.", tamper=tamper)).error  # type: ignore[arg-type]  # parametrised
        seen.append(str(getattr(error, "kind", None)))
        return held()

    async with stand.bench() as bench:
        await Runner(bench, RunSettings(tries=1)).run([made("errors.x", run)])

    assert seen == [kind]


async def test_another_model_can_be_asked_for(stand: Stand):
    bodies = list[bytes]()

    async def run(subject: Subject) -> Observation:
        made = await subject.ask("Hello.", tamper=other_model(subject.endpoint.identity.model, "nobody-1"))
        bodies.append(made.wire.sent)
        return held()

    async with stand.bench() as bench:
        await Runner(bench, RunSettings(tries=1)).run([made("errors.x", run)])

    assert b'"nobody-1"' in bodies[0]
