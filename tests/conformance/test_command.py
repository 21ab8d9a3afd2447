"""`offramp conform` as its user calls it, against an emulated vendor on a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
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
from offramp_conformance.suite.observations import Observation, broken, held
from offramp_conformance.suite.subject import Subject
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.deployment import write_deployment

from .conftest import made, seeing


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
