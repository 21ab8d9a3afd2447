"""The form of an answer where the vendor cannot hold itself to one: on the wire of strict vendors, and validated."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from offramp import (
    CapabilityError,
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    LossExceeded,
    OutputInvalid,
    SchemaOutput,
    ToolCall,
    system,
    user,
)
from offramp.types import Loss, Severity

UNSUPPORTED = '{ support = "unsupported", evidence = { level = "declared", checked = 2026-11-26 } }'
NATIVE = UNSUPPORTED.replace("unsupported", "native")
DIALECTS = ("anthropic_messages", "openai_chat")
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "minLength": 1}},
    "required": ["answer"],
    "additionalProperties": False,
}


class Triage(BaseModel):
    answer: str
    urgent: bool = False


Deploy = Callable[..., Any]


def codes(response: Any) -> dict[str, str]:
    return {loss.code: loss.action for loss in response.losses}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_class_is_asked_for_as_a_forced_tools_arguments(deploy: Deploy, dialect: str):
    place = await deploy(dialect, f"structured_output = {UNSUPPORTED}")

    response = await place.mission.generate("Flood at the depot", output=Triage)

    (body,) = place.sent
    assert isinstance(response.output, Triage)
    assert json.loads(response.text)["answer"] == response.output.answer
    assert response.outcome.kind == "completed"
    assert codes(response)["structured_output.by_tool"] == "emulated"
    assert "answer" in json.dumps(body["tool_choice"])
    assert len(body["tools"]) == 1
    assert {"response_format", "output_config"}.isdisjoint(body)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_stream_shows_the_arguments_as_text(deploy: Deploy, dialect: str):
    place = await deploy(dialect, f"structured_output = {UNSUPPORTED}")

    async with place.mission.stream("Flood at the depot", output=Triage) as stream:
        pieces = [piece async for piece in stream.text]

    assert "".join(pieces) == stream.response.text
    assert Triage.model_validate_json("".join(pieces)) == stream.response.output
    assert codes(stream.response)["structured_output.by_tool"] == "emulated"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_conversation_goes_on_after_an_emulated_answer(deploy: Deploy, dialect: str):
    place = await deploy(dialect, f"structured_output = {UNSUPPORTED}")
    case = place.mission.session("case-17")

    first = await case.run("Flood at the depot", output=Triage)
    second = await case.generate("And now?")

    assert not [part for message in case.messages for part in message.parts if isinstance(part, ToolCall)]
    assert isinstance(first.output, Triage)
    assert "Turn 2." in second.text
    assert first.text in json.dumps(place.sent[1], ensure_ascii=False).replace('\\"', '"')


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_by_prompt_the_schema_stands_in_the_system_prompt_and_is_recorded(deploy: Deploy, dialect: str):
    claims = f"structured_output = {UNSUPPORTED}\njson_output = {UNSUPPORTED}"
    place = await deploy(dialect, claims, mission='emulations = ["prompt"]')
    request = GenerateRequest((system("Be brief."), user("Flood [[json]]")), output=SchemaOutput(SCHEMA))

    response = await place.mission.generate(request)

    told = json.dumps(place.sent[0].get("system") or place.sent[0]["messages"][0])
    losses = {loss.code: (loss.action, loss.path, loss.severity.word) for loss in response.losses}
    assert json.loads(response.text).keys() == {"answer"}
    assert told.index("Be brief.") < told.index("It must fit this JSON Schema") < told.index("minLength")
    assert losses["structured_output.by_prompt"] == ("emulated", "output", "behavioural")
    assert losses["prompt.injected"] == ("injected", "messages[0].parts[1]", "behavioural")


async def test_by_prompt_a_vendors_json_mode_is_used_where_it_has_one(deploy: Deploy):
    place = await deploy(
        "openai_chat",
        f"structured_output = {UNSUPPORTED}\njson_output = {NATIVE}",
        mission='emulations = ["prompt"]',
    )

    await place.mission.generate(GenerateRequest((user("Flood"),), output=SchemaOutput(SCHEMA)))

    assert place.sent[0]["response_format"] == {"type": "json_object"}


async def test_json_is_emulated_where_the_vendor_has_no_such_mode(deploy: Deploy):
    place = await deploy("anthropic_messages", "")

    response = await place.mission.generate(GenerateRequest((user("Flood"),), output=JsonOutput()))

    assert isinstance(json.loads(response.text), dict)
    assert codes(response)["json_output.by_tool"] == "emulated"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_tools_of_the_request_leave_the_prompt_only(deploy: Deploy, dialect: str):
    place = await deploy(dialect, f"structured_output = {UNSUPPORTED}\njson_output = {UNSUPPORTED}")
    tool = FunctionTool("look", schema={"type": "object", "properties": {}})
    request = GenerateRequest((user("Flood [[json]]"),), tools=(tool,), output=SchemaOutput(SCHEMA))

    response = await place.mission.generate(request)

    assert codes(response)["structured_output.by_prompt"] == "emulated"
    assert "tool_choice" not in place.sent[0]


async def test_a_schema_that_no_tool_can_take_is_told_in_the_prompt(deploy: Deploy):
    place = await deploy("openai_chat", f"structured_output = {UNSUPPORTED}\njson_output = {UNSUPPORTED}")

    with pytest.raises(OutputInvalid):
        await place.mission.generate("List them [[json]]", output=list[str])

    assert "tools" not in place.sent[0]


@pytest.mark.parametrize(
    ("mission", "error"),
    [
        ("emulations = []", CapabilityError),
        ('emulations = ["validation"]', CapabilityError),
        ('max_loss = "cosmetic"', LossExceeded),
    ],
)
async def test_what_the_mission_does_not_allow_is_not_sent(deploy: Deploy, mission: str, error: type[Exception]):
    place = await deploy("openai_chat", f"structured_output = {UNSUPPORTED}", mission=mission)

    with pytest.raises(error):
        await place.mission.generate("Flood", output=Triage)

    assert place.emulator.counters.summary()["requests_begun"] == 0


async def test_where_only_the_prompt_would_do_and_is_forbidden_nothing_is_sent(deploy: Deploy):
    place = await deploy("openai_chat", f"structured_output = {UNSUPPORTED}", mission='emulations = ["forced_tool"]')

    with pytest.raises(CapabilityError, match='Add "prompt" to the mission'):
        await place.mission.generate("Flood", output=list[str])

    assert place.emulator.counters.summary()["requests_begun"] == 0


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_answer_that_does_not_fit_the_original_schema_is_an_error_that_holds_it(deploy: Deploy, dialect: str):
    claims = f"structured_output = {UNSUPPORTED}\njson_output = {UNSUPPORTED}"
    place = await deploy(dialect, claims, mission='emulations = ["prompt"]')
    short = {**SCHEMA, "properties": {"answer": {"type": "string", "maxLength": 1}}}

    with pytest.raises(OutputInvalid, match=r"\(answer: maxLength; outcome completed\)") as caught:
        await place.mission.generate(GenerateRequest((user("Flood [[json]]"),), output=SchemaOutput(short)))

    assert caught.value.response is not None


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_native_answer_is_held_to_the_original_schema_too(deploy: Deploy, dialect: str):
    place = await deploy(dialect, f"structured_output = {NATIVE}")
    never = {**SCHEMA, "properties": {"answer": {"type": "string", "not": {"type": "string"}}}}
    request = GenerateRequest((user("Flood"),), output=SchemaOutput(never))

    with pytest.raises(OutputInvalid, match="answer: not"):
        await place.mission.generate(request)


async def test_an_optional_field_is_nullable_on_the_wire(deploy: Deploy):
    place = await deploy("openai_chat", f"structured_output = {NATIVE}")

    response = await place.mission.generate("Flood", output=Triage)

    asked = place.sent[0]["response_format"]["json_schema"]
    assert (asked["strict"], asked["schema"]["required"]) == (True, ["answer", "urgent"])
    assert asked["schema"]["properties"]["urgent"] == {"title": "Urgent", "type": ["boolean", "null"]}
    assert codes(response)["schema.nullable"] == "rewritten"


NULLABLE = Loss(code="schema.nullable", path="output.schema", action="rewritten", severity=Severity.COSMETIC, why="so")


async def test_a_null_that_stands_for_an_optional_field_is_taken_out(deployment: Any, answer: Callable[..., Any]):
    deployment.a.losses = (NULLABLE,)
    deployment.a.script += [answer('{"answer": "x", "urgent": null}'), answer('{"answer": "x", "urgent": true}')]

    left_out, said = [await deployment.mission.generate("Flood", output=Triage) for _ in range(2)]

    assert (left_out.output, left_out.text) == (Triage(answer="x"), '{"answer": "x"}')
    assert codes(left_out)["output.nulls"] == "rewritten"
    assert (said.output, said.text) == (Triage(answer="x", urgent=True), '{"answer": "x", "urgent": true}')
    assert "output.nulls" not in codes(said)


async def test_a_null_that_nobody_asked_for_is_left_in(deployment: Any, answer: Callable[..., Any]):
    deployment.a.script.append(answer('{"answer": "x", "urgent": null}'))

    with pytest.raises(OutputInvalid):
        await deployment.mission.generate("Flood", output=Triage)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_refusal_stays_an_answer(deploy: Deploy, dialect: str):
    claims = f"structured_output = {UNSUPPORTED}\njson_output = {UNSUPPORTED}"
    place = await deploy(dialect, claims, mission='emulations = ["prompt"]')

    response = await place.mission.generate("Flood [[refuse]]", output=Triage)

    assert (response.outcome.kind, response.output) == ("refusal", None)
