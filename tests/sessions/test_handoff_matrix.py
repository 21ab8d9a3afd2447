"""Histories of several vendors, handed off in every direction, against strict validators that share no code with us.

Every answer begins as the vendor's own wire and is decoded; the history is planned and encoded for each vendor; what
comes out is accepted, and a vendor's own answers return to it as it wrote them.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp import json_form
from offramp.contracts.dialect import Dialect, EncodedRequest, Target
from offramp.contracts.ledger import CallKey, ToolRecord
from offramp.sessions import HandoffPlan, plan_handoff
from offramp.types import (
    DataSource,
    FunctionTool,
    GenerateRequest,
    JsonObject,
    Media,
    Message,
    Origin,
    Part,
    Severity,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_providers.emulator.rules import ValidatorState
from support.handoff_speakers import ISSUER, SPEAKERS

NOW = datetime(2026, 11, 23, tzinfo=UTC)
STATE = ValidatorState(issuer=ISSUER, also_recalled=True)
DIALECTS = {name: SPOKEN[name].dialect for name in SPEAKERS}
ORIGINS = {
    name: Origin(developer=name, host=name, dialect=name, model=one.model, account="ours")
    for name, one in SPEAKERS.items()
}
TOOLS = (FunctionTool("look", description="Look.", schema={"type": "object", "properties": {}}),)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def target(vendor: str) -> Target:
    return Target(origin=ORIGINS[vendor], default_max_output_tokens=4096)


def refused(vendor: str, encoded: EncodedRequest) -> Any:
    check: Any = SPOKEN[vendor].refuses
    model = {"model": SPEAKERS[vendor].model} if SPEAKERS[vendor].model_in_body else {}
    body = json.loads(json.dumps({**model, **encoded.body}))
    return check(body, {**SPOKEN[vendor].headers, **encoded.headers}, STATE)


def test_every_dialect_takes_part():
    assert SPEAKERS.keys() == SPOKEN.keys()


def decoded(vendor: str, body: JsonObject) -> Message:
    dialect: Dialect = DIALECTS[vendor]
    return dialect.decode_response(body, {}, ORIGINS[vendor]).message


WORDS = st.text("abc é\n", min_size=1, max_size=8).filter(str.strip)
ARGUMENTS = st.dictionaries(WORDS, st.integers() | st.text(max_size=4) | st.lists(st.none(), max_size=2), max_size=2)
RESULT_PARTS: st.SearchStrategy[tuple[Part, ...]] = st.lists(
    WORDS.map(Text)
    | st.builds(Media, st.builds(DataSource, st.just(PIXEL)), kind=st.just("image"), media_type=st.just("image/png")),
    max_size=2,
).map(tuple)


@st.composite
def answers(draw: st.DrawFn, turn: int) -> tuple[Message, JsonObject]:
    """A vendor's answer, decoded, beside its wire. Ids repeat from turn to turn, as some vendors' do."""
    vendor = draw(st.sampled_from(list(SPEAKERS)))
    speaker = SPEAKERS[vendor]
    form = draw(st.sampled_from(speaker.id_forms))
    nameless = speaker.may_leave_ids_out and draw(st.booleans())
    first = turn * 10 if speaker.ids_once else draw(st.sampled_from([0, turn * 10]))
    calls = [
        ("" if nameless else form.format(first + number), draw(ARGUMENTS)) for number in range(draw(st.integers(0, 3)))
    ]
    text = draw(WORDS | st.just("")) if calls else draw(WORDS)
    body = speaker.answer(text, calls, draw(st.none() | WORDS))
    return decoded(vendor, body), body


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Message], list[ToolRecord], dict[int, JsonObject]]:
    """A conversation over all vendors, what its ledger knows of tools, and each kept answer's own wire."""
    history: list[Message] = []
    tools: list[ToolRecord] = []
    wires: dict[int, JsonObject] = {}
    for turn in range(draw(st.integers(1, 4))):
        history.append(user(draw(WORDS)))
        message, body = draw(answers(turn))
        if draw(st.integers(0, 4)) == 0:
            message = json_form.from_python(Message, {**json_form.to_python(message), "status": "interrupted"})
            history.append(message)
            continue
        history.append(message)
        wires[len(history) - 1] = body
        _answer_calls(draw, history, tools)
    history.append(user("and now?"))
    return history, tools, wires


def _answer_calls(draw: st.DrawFn, history: list[Message], tools: list[ToolRecord]) -> None:
    """Some results were said, some only the ledger knows, some nobody knows."""
    said: list[ToolResult] = []
    index = len(history) - 1
    for position, part in enumerate(history[index].parts):
        if isinstance(part, ToolCall):
            status = draw(st.sampled_from(["ok", "error", "denied"]))
            result = ToolResult(part.call_id, draw(RESULT_PARTS), status=status)
            fate = draw(st.sampled_from(["said", "said", "known", "unknown"]))
            if fate == "said":
                said.append(result)
            known = result if fate == "known" else None
            tools.append(ToolRecord(CallKey(index, position), started=NOW, result=known))
    if said:
        history.append(Message("tool", tuple(draw(st.permutations(said)))))


def planned(history: list[Message], tools: list[ToolRecord], vendor: str) -> tuple[HandoffPlan, EncodedRequest]:
    encoded: list[EncodedRequest] = []

    def encode(request: GenerateRequest, where: Target) -> EncodedRequest:
        encoded.append(DIALECTS[vendor].encode_request(request, where))
        return encoded[-1]

    asked = GenerateRequest((), model=SPEAKERS[vendor].model, tools=TOOLS)
    plan = plan_handoff(history, target(vendor), tools=tools, when_unknown="interrupt", request=asked, encode=encode)
    return plan, encoded[0]


FEW = settings(max_examples=50, deadline=None, database=None, suppress_health_check=list(HealthCheck))
VENDORS = pytest.mark.parametrize("vendor", list(DIALECTS))


@VENDORS
def test_every_history_is_accepted_at_every_vendor(vendor: str):
    @FEW
    @given(histories())
    def check(drawn: Any):
        history, tools, _ = drawn

        plan, encoded = planned(history, tools, vendor)

        assert plan.ready
        assert refused(vendor, encoded) is None

    check()


@VENDORS
def test_a_vendors_own_answers_come_back_to_it_as_it_wrote_them(vendor: str):
    """A→B→A: byte for byte, whatever was said elsewhere meanwhile."""

    @FEW
    @given(histories())
    def check(drawn: Any):
        history, tools, wires = drawn
        for other in DIALECTS:
            planned(history, tools, other)

        _, encoded = planned(history, tools, vendor)

        sent = json.dumps(SPEAKERS[vendor].said(encoded.body), sort_keys=True)[1:-1]
        for index, body in wires.items():
            if history[index].origin is not None and history[index].origin.dialect == vendor:
                assert json.dumps(SPEAKERS[vendor].units(body), sort_keys=True)[1:-1] in sent

    check()


@VENDORS
def test_no_foreign_state_is_sent(vendor: str):
    @FEW
    @given(histories())
    def check(drawn: Any):
        history, tools, _ = drawn

        plan, encoded = planned(history, tools, vendor)

        sent = json.dumps(encoded.body)
        for index, message in enumerate(history):
            for part in message.parts:
                if part.opaque and (message.origin is None or message.origin.dialect != vendor):
                    assert all(json.dumps(one.data)[1:-1] not in sent for one in part.opaque)
                    assert any(loss.path.startswith(f"messages[{index}]") for loss in plan.losses)

    check()


@VENDORS
def test_nothing_but_media_is_lost_for_good_on_the_way(vendor: str):
    """Texts, results and their meaning cross over: a hand-off passes under the default `max_loss`."""

    @FEW
    @given(histories())
    def check(drawn: Any):
        history, tools, _ = drawn

        plan, _ = planned(history, tools, vendor)

        worst = [loss for loss in plan.losses if loss.severity is Severity.MATERIAL]
        assert worst == []

    check()


@VENDORS
def test_the_ledgers_copy_serves_as_well_as_the_original(vendor: str):
    @FEW
    @given(histories())
    def check(drawn: Any):
        history, tools, _ = drawn
        copied = [json_form.load(Message, json_form.dump(one)) for one in history]

        assert planned(copied, tools, vendor) == planned(history, tools, vendor)

    check()
