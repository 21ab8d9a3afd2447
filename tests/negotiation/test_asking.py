"""The form of an answer, asked for in another way: what the model is told, where, and what is named of it."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from offramp.contracts.capability import Capability, Emulation
from offramp.contracts.evidence import Evidence
from offramp.contracts.needs import Demand
from offramp.contracts.scripted import scripted_endpoint
from offramp.errors import CapabilityError
from offramp.negotiation import negotiate
from offramp.negotiation.emulation import Emulated, emulate
from offramp.types import FunctionTool, GenerateRequest, JsonOutput, Message, SchemaOutput, Text, VendorTool, user

SEEN = Evidence(level="declared", checked=date(2026, 11, 2))
SCHEMA = {"type": "object", "properties": {"größe": {"type": "integer"}}}
PLAIN = SchemaOutput(SCHEMA)
SCHEMA_TOLD = (
    "Answer with one JSON value and nothing else: no other words, no code fence.",
    "It must fit this JSON Schema:",
    json.dumps(SCHEMA, ensure_ascii=False),
)


def asked(request: GenerateRequest, *by: Emulation) -> Emulated:
    """Of an endpoint that is held to no form."""
    plain = scripted_endpoint()
    claims = {
        **plain.profile.capabilities,
        "structured_output": Capability(support="unsupported", evidence=SEEN),
        "json_output": Capability(support="unsupported", evidence=SEEN),
    }
    place: Any = replace(plain, profile=replace(plain.profile, capabilities=claims))
    form = "json_output" if isinstance(request.output, JsonOutput) else "structured_output"
    found = emulate(request, negotiate(Demand(emulations=by), place, implied=[form]), place)
    assert found is not None
    return found


def test_a_prompt_tells_the_schema_line_by_line():
    found = asked(GenerateRequest((user("hi"),), output=PLAIN), "prompt")

    assert found.request.messages[0] == Message("system", (Text("\n".join(SCHEMA_TOLD)),))
    assert found.request.output is None


def test_a_prompt_tells_what_the_answer_is_for():
    described = replace(PLAIN, description="how large")

    found = asked(GenerateRequest((user("hi"),), output=described), "prompt")

    first, *rest = SCHEMA_TOLD
    assert found.request.messages[0].parts == (Text("\n".join([first, "how large", *rest])),)


def test_a_prompt_that_asks_for_some_json_has_no_schema_to_tell():
    found = asked(GenerateRequest((user("hi"),), output=JsonOutput()), "prompt")

    assert found.request.messages[0].parts == (
        Text("Answer with one JSON object and nothing else: no other words, no code fence."),
    )


@pytest.mark.parametrize(
    ("messages", "path", "place"),
    [
        ((user("hi"),), "messages[0]", (0, 0)),
        ((Message("system", (Text("Be brief."), Text("Be kind."))), user("hi")), "messages[0].parts[2]", (0, 2)),
        ((Message("developer", (Text("Be brief."),)), user("hi")), "messages[0]", (0, 0)),
        ((), "messages[0]", (0, 0)),
    ],
)
def test_it_is_told_at_the_end_of_the_system_prompt_and_named(
    messages: tuple[Message, ...], path: str, place: tuple[int, int]
):
    found = asked(GenerateRequest(messages, output=PLAIN), "prompt")

    message, part = place
    assert found.request.messages[message].parts[part] == Text("\n".join(SCHEMA_TOLD))
    assert [(loss.code, loss.path, loss.action) for loss in found.losses] == [
        ("structured_output.by_prompt", "output", "emulated"),
        ("prompt.injected", path, "injected"),
    ]


def test_a_tool_is_forced_where_its_arguments_can_be_the_answer():
    found = asked(GenerateRequest((user("hi"),), output=PLAIN), "forced_tool", "prompt")

    assert (found.by, found.request.output) == ("forced_tool", None)
    assert [tool.schema for tool in found.request.tools if isinstance(tool, FunctionTool)] == [SCHEMA]


@pytest.mark.parametrize(
    "request_",
    [
        GenerateRequest((user("hi"),), output=SchemaOutput({"type": "array"})),
        GenerateRequest((user("hi"),), output=PLAIN, tools=(VendorTool(dialect="d", vendor_type="search", raw={}),)),
    ],
    ids=["no object", "vendor tool"],
)
def test_where_no_tool_can_take_the_answer_the_prompt_asks_or_nothing_does(request_: GenerateRequest):
    assert asked(request_, "forced_tool", "prompt").by == "prompt"
    with pytest.raises(CapabilityError, match="by prompt only"):
        asked(request_, "forced_tool")
