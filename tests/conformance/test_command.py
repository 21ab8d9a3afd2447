"""`offramp conform` as its user calls it, against an emulated vendor on a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from offramp.cli.app import run
from offramp.config import endpoint_of, load_config
from offramp.ed25519 import make_key_pair
from offramp_conformance.checks import catalogue
from offramp_conformance.conform.folder import held as held_folder
from offramp_conformance.suite.observations import Observation, broken, held
from offramp_conformance.suite.subject import Subject
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.deployment import write_deployment

from .conftest import killed_after, made, seeing


class Ran:
    """What the command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Call = Callable[..., Any]


@pytest.fixture
def conform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.chdir(tmp_path)

    async def call(*arguments: str) -> Ran:
        code = await asyncio.to_thread(run, ("conform", *arguments))
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture
async def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Emulator]:
    """Endpoints `a` and `b` are both it."""
    monkeypatch.setenv("A_KEY", "k-a")
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(serve(EmulatorConfig("anthropic_messages", key="k-a", pace_s=0)))
        where = f'key.env = "A_KEY"\nbase_url = "{emulator.url}"'
        write_deployment(tmp_path, a=where, b=where, b_vendor="anthropic", b_model="a-model-without-a-price")
        yield emulator


def report(folder: Path) -> Any:
    return json.loads((folder / "conform-report" / "conform-report.json").read_text())


async def test_a_run_prints_its_verdict_and_writes_what_it_rests_on(conform: Call, vendor: Emulator, tmp_path: Path):
    ran = await conform("a", "--only", "text.answers")

    assert ran.code == 1  # a part of the level proves nothing of behaviour
    assert "left out" in ran.out
    (endpoint,) = report(tmp_path)["endpoints"]
    (result,) = endpoint["results"]
    assert (result["check"], result["state"], len(result["tries"])) == ("text.answers", "proven", 3)
    assert endpoint["verdict"]["wire"] == "passed"
    assert endpoint["verdict"]["behaviour"] == "inconclusive"
    assert endpoint["calls"] == 3
    assert all(len(call["response_sha256"]) == 64 for each in result["tries"] for call in each["calls"])


async def test_the_report_quotes_what_was_found_wanting_alone(conform: Call, vendor: Emulator, tmp_path: Path):
    await conform("a", "--only", "text.answers")
    proven = "".join(path.read_text() for path in (tmp_path / "conform-report").iterdir())
    await conform("a", "--only", "errors.unknown_model.not_impersonated")
    (result,) = report(tmp_path)["endpoints"][0]["results"]

    assert "Reply with exactly" not in proven
    assert "Turn 1" not in proven
    assert "Reply with exactly" in result["tries"][0]["calls"][0]["sent"]
    assert "Turn 1" in result["tries"][0]["calls"][0]["received"]


async def test_two_endpoints_are_held_side_by_side(conform: Call, vendor: Emulator, tmp_path: Path):
    ran = await conform("a", "--against", "b", "--only", "text.answers", "--json")

    content = json.loads(ran.out)
    assert [each["endpoint"] for each in content["endpoints"]] == ["a", "b"]
    assert content["endpoints"][0]["verdict"]["key"] != content["endpoints"][1]["verdict"]["key"]
    assert content == report(tmp_path)


async def test_what_was_refuted_is_believed_no_longer(conform: Call, vendor: Emulator, tmp_path: Path):
    vendor.behaviour.mood = "cut"
    await conform("a", "--only", "streaming")
    config = tmp_path / "offramp.toml"
    config.write_text(
        config.read_text().replace("[endpoints.b]", 'observed = "conform-report/observed-a.json"\n[endpoints.b]')
    )

    endpoint = endpoint_of(load_config(config), "a")

    claim = endpoint.capability("streaming")
    assert claim is not None
    assert claim.support == "unsupported"
    assert claim.evidence.level == "observed"
    assert claim.evidence.check_id == "streaming.answers"


async def test_a_sight_is_taken_for_no_other_endpoint(conform: Call, vendor: Emulator, tmp_path: Path):
    await conform("a", "--only", "text")
    config = tmp_path / "offramp.toml"
    config.write_text(
        config.read_text().replace("[missions.", 'observed = "conform-report/observed-a.json"\n[missions.', 1)
    )

    ran = await conform("b", "--only", "text")

    assert ran.code == 2
    assert "another endpoint" in ran.err
    assert "developer" in ran.err


def endpoint_states(folder: Path) -> dict[str, str]:
    return {each["check"]: each["state"] for each in report(folder)["endpoints"][0]["results"]}


def calls_of_text() -> int:
    """At three tries each, where a check does not say how often."""
    return sum((each.tries or 3) * each.calls for each in catalogue() if each.area == "text")


async def test_the_estimate_comes_first_and_limits_hold(conform: Call, vendor: Emulator, tmp_path: Path):
    ran = await conform("a", "--only", "text", "--max-calls", "4", "--parallel", "1")

    assert f"about {calls_of_text()} calls where nothing breaks, at most " in ran.err
    assert "ends at 4 (--max-calls)" in ran.err
    assert int(vendor.counters.summary()["requests_begun"]) == 4
    states = {each["check"]: each["state"] for each in report(tmp_path)["endpoints"][0]["results"]}
    assert "not_tried" in states.values()


async def test_a_run_ends_where_it_was_said_to_end_though_a_check_asks_more_than_it_says(
    conform: Call, vendor: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def insatiable(subject: Subject) -> Observation:
        for _ in range(9):
            await subject.ask("Hello.")
        return held()

    monkeypatch.setattr("offramp_conformance.conform.running.catalogue", lambda: (made("text.x", insatiable),))

    ran = await conform("a", "--tries", "1")

    assert "at most 3;" in ran.err
    assert int(vendor.counters.summary()["requests_begun"]) == 3


async def test_a_cost_that_nobody_knows_is_told_as_unknown(conform: Call, vendor: Emulator, tmp_path: Path):
    await conform("b", "--only", "text.answers")

    (endpoint,) = report(tmp_path)["endpoints"]
    assert endpoint["cost_usd"] is None
    assert endpoint["unpriced_calls"] == 3


async def test_a_ceiling_in_dollars_without_a_price_is_refused(conform: Call, vendor: Emulator):
    first, against, judged = [
        await conform(*who, "--max-cost", "2.50") for who in (("b",), ("a", "--against", "b"), ("a", "--judge", "b"))
    ]

    assert [each.code for each in (first, against, judged)] == [2, 2, 2]
    assert all("endpoints.b: a ceiling in dollars" in each.err for each in (first, against, judged))
    assert int(vendor.counters.summary()["requests_begun"]) == 0


async def test_a_price_that_is_stated_is_counted(conform: Call, vendor: Emulator, tmp_path: Path):
    config = tmp_path / "offramp.toml"
    offer = (
        '[[endpoints.a.offers]]\nevidence = { level = "declared", checked = 2026-11-26 }\n'
        'price = { input_usd = "3", output_usd = "15" }\n'
    )
    config.write_text(config.read_text().replace("[endpoints.b]", f"{offer}[endpoints.b]"))

    ran = await conform("a", "--only", "text", "--max-cost", "$2.50")

    assert "about $" in ran.err
    assert "no call begins beyond $2.50 (--max-cost)" in ran.err
    assert float(report(tmp_path)["endpoints"][0]["cost_usd"]) > 0


async def test_a_finished_run_is_resumed_without_a_call(conform: Call, vendor: Emulator, tmp_path: Path):
    await conform("a", "--only", "text.answers")
    before = vendor.counters.summary()["requests_begun"]
    first = report(tmp_path)["endpoints"][0]

    await conform("a", "--only", "text.answers", "--resume")

    assert vendor.counters.summary()["requests_begun"] == before
    assert report(tmp_path)["endpoints"][0] == first


async def test_a_stale_baseline_fails_the_run(conform: Call, vendor: Emulator, tmp_path: Path):
    gap = 'schema = 1\n[[gaps]]\ncheck = "text.answers"\nreason = "ticket 12"\nexpires = 2099-01-01\n'
    (tmp_path / "gaps.toml").write_text(gap)

    ran = await conform("a", "--only", "text.answers", "--baseline", "gaps.toml")

    assert ran.code == 1
    assert "stale gap" in ran.out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("nobody",), "no endpoint 'nobody'"),
        (("a", "--mission", "nothing"), "no mission 'nothing'"),
        (("a", "--level", "deep"), "no level 'deep'"),
        (("a", "--only", "txt"), "'txt'"),
        (("a", "--max-cost", "much"), "no amount"),
        (("a", "--max-cost", "-1"), "above 0"),
        (("a", "--resume"), "no run to resume"),
        (("a", "--baseline", "nowhere.toml"), "nowhere.toml"),
        (("a", "--config", "nowhere.toml"), "nowhere.toml"),
        (("a", "--against", "nobody"), "no endpoint 'nobody'"),
    ],
)
async def test_a_mistake_is_one_line_that_says_how_to_mend_it(
    conform: Call, vendor: Emulator, arguments: tuple[str, ...], word: str
):
    ran = await conform(*arguments)

    assert ran.code == 2
    assert word in ran.err
    assert [line for line in ran.err.splitlines() if "about" not in line] == [ran.err.splitlines()[-1]]
    assert int(vendor.counters.summary()["requests_begun"]) == 0


async def test_a_signed_run_can_be_verified_offline(conform: Call, vendor: Emulator, tmp_path: Path):
    public = make_key_pair(tmp_path / "ann.key")

    await conform("a", "--only", "text.answers", "--key", "ann.key")
    found = run(("verify-report", "conform-report", "--public-key", public))
    await conform("a", "--only", "text.answers")

    assert found == 1  # a part of a level certifies nothing
    assert run(("verify-report", "conform-report", "--public-key", public)) == 2  # the later run is not signed


async def test_a_report_is_held_against_the_configuration_as_it_stands(
    conform: Call, vendor: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    public, config = make_key_pair(tmp_path / "ann.key"), tmp_path / "offramp.toml"
    asked = ("verify-report", "conform-report", "--public-key", public, "--config", "offramp.toml")
    await conform("a", "--only", "text.answers", "--key", "ann.key")
    told: list[str] = []
    written = config.read_text()

    for text in (
        written,
        written.replace('route = ["a", "b"]', 'route = ["a", "b"]\nrequires = ["tools"]'),
        written.replace("claude-sonnet-5-5", "claude-haiku-4-5"),
        written.replace("[endpoints.a]", "[endpoints.z]").replace('["a", "b"]', '["z", "b"]'),
    ):
        config.write_text(text)
        assert run(asked) == 1  # a part of a level certifies nothing
        told.append(capsys.readouterr().out)

    assert [("has changed since" in each, "has not what it is about" in each) for each in told] == [
        (False, False),
        (True, False),
        (True, False),
        (False, True),
    ]


async def test_what_it_writes_is_as_the_published_schema_says(conform: Call, vendor: Emulator, tmp_path: Path):
    schema = json.loads((files("offramp_conformance.conform") / "conform-report.schema.json").read_text("utf-8"))

    await conform("a", "--against", "b", "--only", "text", "--only", "policy", "--level", "full")

    jsonschema.validate(report(tmp_path), schema)
    assert "carry triage" in (tmp_path / "conform-report" / "conform-report.html").read_text()


async def test_what_breaks_now_and_then_is_told_on_the_terminal_and_in_the_report(
    conform: Call, vendor: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    schema = json.loads((files("offramp_conformance.conform") / "conform-report.schema.json").read_text("utf-8"))
    often = seeing(*(held(), broken("it was missed"), held()) * 20)
    checks = (made("text.x", often, trust="most", share=0.5), made("text.w", seeing(held()), axis="wire"))
    monkeypatch.setattr("offramp_conformance.conform.running.catalogue", lambda: checks)

    ran = await conform("a", "--tries", "3")

    assert ran.code == 0
    assert "about 6 calls where nothing breaks, at most 189;" in ran.err  # (60 + 3) tries, each put off twice
    assert "more often than the 2% that are" in ran.out
    told = report(tmp_path)
    jsonschema.validate(told, schema)
    (endpoint,) = told["endpoints"]
    lapses = endpoint["results"][0]["lapses"]
    assert (lapses["broken"], lapses["of"], lapses["standing"]) == (3, 8, "beyond")
    assert endpoint["lapses"] == {"beyond": 1}
    assert not endpoint["verdict"]["certifiable"]
    assert len(endpoint["results"][0]["tries"]) == 8


async def test_what_fails_now_and_then_is_matched_as_degraded_and_carries_the_mission(
    conform: Call, vendor: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    schema = json.loads((files("offramp.cli") / "schemas" / "match.schema.json").read_text("utf-8"))
    often = seeing(*(held(), broken("it was missed"), held()) * 20)
    checks = (made("tools.x", often, trust="most", share=0.5, verifies="tools"),)
    monkeypatch.setattr("offramp_conformance.conform.running.catalogue", lambda: checks)
    config = tmp_path / "offramp.toml"
    config.write_text(config.read_text().replace('route = ["a", "b"]', 'route = ["a", "b"]\nrequires = ["tools"]'))
    await conform("a")
    config.write_text(
        config.read_text().replace("[endpoints.b]", 'observed = "conform-report/observed-a.json"\n[endpoints.b]')
    )

    assert run(("match", "triage", "--endpoint", "a")) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert run(("match", "triage", "--json")) == 0
    matched = json.loads(capsys.readouterr().out)

    jsonschema.validate(matched, schema)
    (finding,) = matched["endpoints"][0]["findings"]
    digest = sha256((tmp_path / "conform-report" / "conform-report.json").read_bytes()).hexdigest()
    assert "fits, and fails now and then: tools." in printed
    assert "broken in 3 of 8 tries" in finding["why"]
    assert (finding["fit"], finding["level"], finding["check_id"]) == ("degraded", "observed", "tools.x")
    assert finding["digest"] == digest
    assert (finding["lapses"]["broken"], finding["lapses"]["of"], finding["lapses"]["standing"]) == (3, 8, "beyond")
    assert matched["fitting"] == ["a", "b"]


async def test_two_runs_into_one_folder_are_one_and_a_refusal(conform: Call, vendor: Emulator, tmp_path: Path):
    with held_folder(tmp_path / "conform-report"):
        refused = await conform("a", "--only", "text.answers")
    before = int(vendor.counters.summary()["requests_begun"])
    ran = await conform("a", "--only", "text.answers")

    assert (refused.code, before) == (2, 0)
    assert "another run is writing there" in refused.err
    assert endpoint_states(tmp_path) == {"text.answers": "proven"}
    assert ran.err.count("error") == 0


@pytest.mark.parametrize("place", ["file", "file/below", "taken"])
async def test_a_folder_that_cannot_be_written_is_told_before_a_call(
    conform: Call, vendor: Emulator, tmp_path: Path, place: str
):
    (tmp_path / "file").write_text("")
    (tmp_path / "taken" / "conform.lock").mkdir(parents=True)

    ran = await conform("a", "--only", "text.answers", "--report", place)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "check folder and mode" in ran.err.lower()
    assert int(vendor.counters.summary()["requests_begun"]) == 0


def redated(folder: Path, days: float) -> None:
    """As if the run had been begun so many days before."""
    journal = folder / "conform-report" / "journal-a.jsonl"
    first, rest = journal.read_text().split("\n", 1)
    head = json.loads(first)
    head["begun"] = (datetime.fromisoformat(head["begun"]) - timedelta(days=days)).isoformat()
    journal.write_text(json.dumps(head) + "\n" + rest)


async def test_a_resumed_run_proves_nothing_for_longer_than_what_it_has_seen(
    conform: Call, vendor: Emulator, tmp_path: Path
):
    await conform("a", "--only", "text.answers")
    redated(tmp_path, 29)

    await conform("a", "--only", "text.answers", "--resume")

    long_ago = datetime.now(UTC) - timedelta(days=29)
    told, seen = report(tmp_path), json.loads((tmp_path / "conform-report" / "observed-a.json").read_text())
    assert abs(datetime.fromisoformat(told["at"]) - long_ago) < timedelta(hours=1)
    assert told["endpoints"][0]["verdict"]["expires"] == seen["expires"]
    assert date.fromisoformat(seen["expires"]) - date.fromisoformat(seen["checked"]) == timedelta(days=30)
    assert seen["checked"] == told["at"][:10]


@pytest.mark.parametrize(("days", "word"), [(31, "too old to prove anything"), (-1, "lies in the future")])
async def test_a_run_of_another_time_is_not_gone_on_with(
    conform: Call, vendor: Emulator, tmp_path: Path, days: float, word: str
):
    await conform("a", "--only", "text.answers")
    redated(tmp_path, days)
    before = vendor.counters.summary()["requests_begun"]

    ran = await conform("a", "--only", "text.answers", "--resume")

    assert ran.code == 2
    assert word in ran.err
    assert vendor.counters.summary()["requests_begun"] == before


async def test_a_new_run_takes_nothing_over_from_an_earlier_one(conform: Call, vendor: Emulator, tmp_path: Path):
    await conform("a", "--against", "b", "--only", "text.answers")
    with killed_after(2):
        await conform("a", "--against", "b", "--only", "text.answers")

    left = {each.name for each in (tmp_path / "conform-report").glob("journal-*")}

    assert left == {"journal-a.jsonl"}


@pytest.mark.parametrize("changed", ["--call-timeout=7", "--refusal-trigger=NO", "--tries=2"])
async def test_a_run_that_would_ask_otherwise_is_not_resumed(
    conform: Call, vendor: Emulator, tmp_path: Path, changed: str
):
    await conform("a", "--only", "text.answers")

    ran = await conform("a", "--only", "text.answers", "--resume", changed)

    assert ran.code == 2
    assert "run without --resume" in ran.err.lower()


async def test_a_vendor_that_changes_its_model_in_the_middle_is_not_certified(
    conform: Call, vendor: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    served = iter(["claude-sonnet-5-5"] * 2 + ["claude-haiku-4-5"] * 9)

    def says(made: Any) -> str:
        return next(served)

    monkeypatch.setattr("offramp_conformance.suite.trying._served", says)

    ran = await conform("a", "--only", "text.answers")

    why_not = report(tmp_path)["endpoints"][0]["verdict"]["why_not"]
    assert any("2 models have answered" in each and "claude-haiku-4-5" in each for each in why_not)
    assert "2 models have answered" in " ".join(ran.out.split())


async def test_each_call_says_who_has_answered_but_where_it_was_tampered_with(
    conform: Call, vendor: Emulator, tmp_path: Path
):
    await conform("a", "--only", "text.answers", "--only", "errors.unknown_model.not_impersonated", "--tries", "1")

    told = report(tmp_path)["endpoints"][0]["results"]
    served = {each["check"]: {call["served"] for made in each["tries"] for call in made["calls"]} for each in told}
    assert served["text.answers"] == {"claude-sonnet-5-5"}
    assert served["errors.unknown_model.not_impersonated"] == {None}
