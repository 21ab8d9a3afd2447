"""`offramp record`: an application with its vendor's own SDK runs as before, and what it asked is written down."""

import asyncio
import json
import stat
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.cli.app import run
from offramp.contracts.state import OrderDraft
from offramp.state import open_store
from offramp.types import Selector
from offramp_conformance.liars.apt import AptVendor
from offramp_conformance.liars.places import PLACES
from offramp_conformance.liars.trial import config_of
from offramp_conformance.record.redaction import Redactor
from offramp_providers.emulator import Emulator, serve
from support.deployment import write_deployment

PLACE = PLACES["anthropic_messages"]

APP = """
import anthropic

client = anthropic.Anthropic(api_key="not-the-real-one", max_retries=0)
say = "Reply with exactly the following text and nothing else: "
schema = {"type": "object", "properties": {"place": {"type": "string"}}}
look = {"name": "look", "description": "Looks.", "input_schema": schema}
call = 'Call the tool look with exactly these arguments: {"place": "ann.lee@example.org"}'
asked = {"model": "MODEL", "max_tokens": 500}


def ask(text, **more):
    return client.messages.create(messages=[{"role": "user", "content": text}], **asked, **more)


print(ask(say + "write to ann.lee@example.org").content[0].text)
print(ask(call, tools=[look]).stop_reason)
streamed = {"messages": [{"role": "user", "content": say + "streamed"}], "stop_sequences": ["X"], **asked}
with client.messages.stream(**streamed) as stream:
    print(stream.get_final_text())
try:
    client.messages.create(messages=[{"role": "user", "content": "Hi"}], model="another", max_tokens=5)
except anthropic.APIStatusError as error:
    print(error.status_code, "another model")
try:
    client.models.list()
except anthropic.APIStatusError as error:
    print(error.status_code, "models")
"""


@pytest.fixture
async def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Emulator]:
    monkeypatch.chdir(tmp_path)
    config = config_of(PLACE)
    async with serve(config, AptVendor(config, PLACE)) as emulator:
        (tmp_path / "key").write_text(PLACE.key)
        where = f'key.file = "key"\nbase_url = "{emulator.url}"'
        file = write_deployment(tmp_path, a=where, b=where)
        file.write_text(file.read_text().replace("claude-sonnet-5-5", PLACE.model))
        (tmp_path / "app.py").write_text(APP.replace("MODEL", PLACE.model))
        yield emulator


async def record(*arguments: str) -> int:
    return await asyncio.to_thread(run, ("record", "--endpoint", "a", *arguments))


async def test_an_application_runs_as_before_and_its_contract_is_written(
    vendor: Emulator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    code = await record("--", sys.executable, "app.py")

    printed = capfd.readouterr()
    assert code == 0
    assert printed.out.splitlines() == [
        "write to ann.lee@example.org",
        "tool_use",
        "streamed",
        "403 another model",
        "404 models",
    ]
    assert "GET /v1/models" in printed.err
    contract = tomllib.loads((tmp_path / "recorded" / "contract.toml").read_text())
    assert contract["requires"] == ["stop", "streaming", "tools"]
    needs = contract["missions"]["triage"]["needs"]
    assert (needs["output_tokens"], needs["tool_count"], needs["stop_sequences"]) == (500, 1, 1)
    assert needs["tool_names"] == ["look"]


async def test_the_golden_set_is_redacted_and_for_its_owner_alone(vendor: Emulator, tmp_path: Path):
    await record("--redact", "str[a-z]+ed", "--", sys.executable, "app.py")

    file = tmp_path / "recorded" / "golden.jsonl"
    text = file.read_text()
    head, *cases = [json.loads(line) for line in text.splitlines()]
    assert head == {"schema": "offramp-golden-set/1", "name": "triage"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "ann.lee" not in text
    assert "streamed" not in text
    kinds = [case["graders"][0]["kind"] for case in cases]
    assert sorted(kinds) == ["judge", "judge", "tool_calls"]
    (call,) = next(case["graders"][0]["calls"] for case in cases if case["graders"][0]["kind"] == "tool_calls")
    assert call == {"name": "look", "arguments": {"place": "[address-1]"}}


async def test_only_the_endpoints_own_model_and_key_reach_the_vendor(vendor: Emulator):
    await record("--", sys.executable, "app.py")

    summary: Any = vendor.counters.summary()
    assert summary["requests_begun"] == 3
    assert set(summary["answered"]) == {"200"}


async def test_an_order_stops_a_recording_too(vendor: Emulator, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    store = open_store("sqlite:state.db", base=tmp_path)
    store.commit(OrderDraft(selector=Selector.parse("developer:acme"), state="prohibited", reason="r", by="ann"))
    store.close()

    code = await record("--", sys.executable, "app.py")

    printed = capfd.readouterr()
    assert code != 0
    assert vendor.counters.summary()["bytes_received"] == 0
    assert "developer:acme" in printed.err[-700:]  # as its vendor would have told it


async def test_where_nothing_can_be_written_the_application_is_not_run(vendor: Emulator, tmp_path: Path):
    (tmp_path / "taken").touch()

    code = await record("--folder", "taken", "--", sys.executable, "-c", "open('ran', 'w')")

    assert code == 2
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--",), "no application"),
        (("--", "/nowhere/at/all"), "cannot be started"),
        (("--redact", "(", "--", sys.executable, "app.py"), "a pattern is none"),
        (("--mission", "nothing", "--", sys.executable, "app.py"), "no mission"),
    ],
)
async def test_a_mistake_is_one_line(
    vendor: Emulator, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], word: str
):
    code = await record(*arguments)

    printed = capfd.readouterr()
    assert code == 2
    assert word in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (
            "write to a.b@example.org or c@example.org, a.b@example.org",
            "write to [address-1] or [address-2], [address-1]",
        ),
        ("call +49 30 1234567", "call [number-1]"),
        ("pay DE89 3704 0044 0532 0130 00 now", "pay [account-1] now"),
        ("at 10.0.0.17", "at [network-1]"),
        ("sk-ant-REDACTED", "[secret-1]"),
        ("7 boats, 12 trucks, 2026", "7 boats, 12 trucks, 2026"),
    ],
)
def test_what_tells_who_is_meant_has_a_stand_in(text: str, redacted: str):
    assert Redactor().text(text) == redacted


@given(st.text())
def test_redaction_is_stable_and_changes_nothing_twice(text: str):
    redactor = Redactor()

    once = redactor.text(text)

    assert redactor.text(text) == once
    assert Redactor().text(once) == once or "[" in text


def test_names_and_kinds_are_left_as_they_are():
    tree = {"type": "text", "name": "a@example.org", "parts": [{"text": "a@example.org", "call_id": "1234567890"}]}

    assert Redactor().tree(tree) == {
        "type": "text",
        "name": "a@example.org",
        "parts": [{"text": "[address-1]", "call_id": "1234567890"}],
    }
