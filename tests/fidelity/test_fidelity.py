"""The figures of fidelity tell a broken codec as such, and leave nothing out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from offramp import ConfigurationError
from offramp.contracts.dialect import EncodedRequest, EncodedResponse
from offramp.types import JsonObject, Loss, Severity, WireEvent
from offramp_conformance.accounting.crossing import DIALECTS
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_conformance.accounting.recordings import apis
from offramp_conformance.fidelity.command import main
from offramp_conformance.fidelity.covered import codec_of
from offramp_conformance.fidelity.differences import cause_of
from offramp_conformance.fidelity.pairs import crossings
from offramp_conformance.fidelity.report import report
from offramp_conformance.fidelity.same_dialect import passages
from support.cassettes import recordings

OLLAMA = SPOKEN["ollama_native"]
HONEST = OLLAMA.dialect
MESSAGE = {"role": "assistant", "content": "a private answer"}
LINES = [
    {"model": "m", "created_at": "1", "message": MESSAGE, "done": False},
    {"model": "m", "created_at": "2", "message": {**MESSAGE, "content": ""}, "done": True, "done_reason": "stop"},
]
BODY = {"model": "m", "stream": False, "messages": [{"role": "user", "content": "a private question"}]}
ASKED: JsonObject = {
    "id": "asked",
    "vendor": "ollama",
    "request": {
        "host": "h",
        "path": "/api/chat",
        "headers": {},
        "body": {**BODY, "options": {"temperature": 0.5}},
    },
    "response": {"status": 200, "headers": {}, "json": {"model": "m", "message": MESSAGE, "done": True}},
}
STREAMED: JsonObject = {
    "id": "streamed",
    "vendor": "ollama",
    "request": {"host": "h", "path": "/api/chat", "headers": {}, "body": {**BODY, "stream": True}},
    "response": {
        "status": 200,
        "headers": {"content-type": "application/x-ndjson"},
        "text": "".join(f"{json.dumps(line)}\n" for line in LINES),
    },
}
REFUSED: JsonObject = {
    "id": "refused",
    "vendor": "ollama",
    "request": None,
    "response": {"status": 404, "headers": {}, "json": {"error": "model 'm' not found"}},
}


def told(recorded: JsonObject, **lies: Any) -> dict[str, str | None]:
    """Cause by piece."""
    return {each.piece: each.cause for each in passages(OLLAMA, recorded, replace(HONEST, **lies))}


@pytest.fixture
def own_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OFFRAMP_CASSETTES", str(tmp_path))
    rows = [json.dumps(each) for each in (ASKED, STREAMED, REFUSED)]
    (tmp_path / "ollama.chat.jsonl").write_text("\n".join(rows), "utf-8")
    (tmp_path / "ollama.generate.jsonl").write_text(rows[0], "utf-8")
    (tmp_path / "novel.thing.jsonl").write_text(rows[0], "utf-8")
    return tmp_path


# Lies of a codec, each told.


def without_temperature(request: Any, target: Any) -> EncodedRequest:
    encoded = HONEST.encode_request(request, target)
    return replace(encoded, body={**encoded.body, "options": {}})


def with_a_loss(request: Any, target: Any) -> EncodedRequest:
    loss = Loss(code="status", path="x", action="dropped", severity=Severity.COSMETIC, why="w")
    return replace(HONEST.encode_request(request, target), losses=(loss,))


def elsewhere(request: Any, target: Any) -> EncodedRequest:
    return replace(HONEST.encode_request(request, target), path="/api/generate")


def stumbling(*_: Any) -> Any:
    raise KeyError("a private question")


class Doubling:
    """Says everything twice."""

    losses = ()

    def __init__(self) -> None:
        self._honest = HONEST.stream_encoder()

    def encode(self, batch: Any) -> tuple[WireEvent, ...]:
        return self._honest.encode(batch) * 2

    def finish(self) -> tuple[WireEvent, ...]:
        return ()


def test_an_honest_codec_is_exact_in_every_piece() -> None:
    assert told(ASKED) == {"request": None, "answer": None}
    assert told(STREAMED) == {"request": None, "stream": None}
    assert told(REFUSED) == {"error": None}


@pytest.mark.parametrize(
    ("lie", "cause"),
    [
        (without_temperature, "options.temperature is missing"),
        (with_a_loss, "named as lost: status"),
        (elsewhere, "path is another"),
        (stumbling, "KeyError was raised"),
    ],
)
def test_a_lie_about_a_request_is_told_with_its_cause(lie: Any, cause: str) -> None:
    assert told(ASKED, encode_request=lie) == {"request": cause, "answer": None}


def test_a_lie_about_an_answer_or_an_error_is_told() -> None:
    def changed(response: Any) -> EncodedResponse:
        return EncodedResponse(body={**HONEST.encode_response(response).body, "done": 1, "odd": 2}, status=500)

    assert told(ASKED, encode_response=changed)["answer"] == "done is another; odd is new"
    assert told(REFUSED, encode_error=lambda _: EncodedResponse(body={}, status=500)) == {
        "error": "body.error is missing; status is another"
    }


def test_a_lie_about_a_stream_is_told_and_its_events_are_counted() -> None:
    doubled = next(
        each for each in passages(OLLAMA, STREAMED, replace(HONEST, stream_encoder=Doubling)) if each.piece == "stream"
    )

    assert (doubled.exact, doubled.units, doubled.cause) == (0, 2, "event 0: 2 events in place of one")


def test_what_is_lost_in_silence_on_the_way_to_another_dialect_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    openai = SPOKEN["openai_chat"]
    asked = {**ASKED, "request": {**ASKED["request"], "path": "/v1/chat/completions"}}
    asked["request"]["body"] = {"model": "m", "messages": BODY["messages"], "temperature": 0.5}
    asked["response"] = {"status": 500, "headers": {}}

    honest = [each.fate for each in crossings(openai, asked, "ollama_native")]
    monkeypatch.setitem(DIALECTS, "ollama_native", replace(HONEST, encode_request=without_temperature))
    (lied,) = crossings(openai, asked, "ollama_native")

    assert honest == ["equal"]
    assert (lied.fate, len(lied.silent)) == ("silent", 1)
    assert "temperature" in lied.silent[0]


def test_a_cause_holds_no_content() -> None:
    before = {"a": "private", "b": [1, {"c": "private"}], "d": "private", "e": 1, "f": [1]}
    after = {"a": "other", "b": [True, {"c": "other"}], "e": 1.5, "f": []}

    assert cause_of(before, after) == "a is another; b[0] is another; b[1].c is another and 3 more"
    assert cause_of(before, json.loads(json.dumps(before))) is None


# The report.


def test_each_api_is_covered_or_named_with_the_reason(own_recordings: Path) -> None:
    found = report(crossing=False)

    assert [(row.api, row.vendor, row.interactions, row.exact) for row in found.same] == [
        ("ollama.chat", "ollama", 3, 3)
    ]
    assert found.same[0].pieces == {"request": (2, 2), "answer": (1, 1), "stream": (2, 2), "error": (1, 1)}
    assert {each.api: each.interactions for each in found.uncovered} == {"novel.thing": 1, "ollama.generate": 1}
    assert all(each.why for each in found.uncovered)
    assert found.is_sound


def test_an_interaction_in_which_nothing_is_read_does_not_count_as_exact(own_recordings: Path) -> None:
    empty = {**REFUSED, "response": {"status": 200, "headers": {}}}
    (own_recordings / "ollama.chat.jsonl").write_text(json.dumps(empty), "utf-8")

    (row,) = report(crossing=False).same

    assert (row.interactions, row.exact, row.differences) == (1, 0, ["refused: nothing in it that the dialect reads"])


def test_every_ordered_pair_of_dialects_is_gone(own_recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert {row["wire"] for row in told["crossed"]} == set(SPOKEN) - {"ollama_native"}
    assert all(sum(row["fates"]["request"].values()) == 2 and row["silent"] == [] for row in told["crossed"])
    assert told["sound"] is True


def test_the_tables_tell_the_same(own_recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--same-only"]) == 0

    out = capsys.readouterr().out
    assert "3 of 3 interactions exact" in out
    assert "novel.thing" in out


def test_without_recordings_the_error_names_the_variable_and_there_is_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OFFRAMP_CASSETTES", str(tmp_path / "nowhere"))

    with pytest.raises(ConfigurationError, match="OFFRAMP_CASSETTES"):
        main([])

    assert capsys.readouterr().out == ""


def test_every_recorded_interaction_comes_back_exactly() -> None:
    recordings("ollama.chat")  # skips where there are none

    found = report(crossing=False)

    assert {row.vendor: row.differences for row in found.same if row.differences} == {}
    covered = {api for api in apis() if codec_of(api) is not None}
    assert {row.api for row in found.same} == covered
    assert {each.api for each in found.uncovered} == set(apis()) - covered
    assert {"openai.embeddings", "gemini.countTokens", "bedrock.count-tokens"} <= covered
    assert not any("nothing here speaks it" in each.why for each in found.uncovered)
