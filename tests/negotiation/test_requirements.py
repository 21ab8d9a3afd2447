"""What a request needs by what it carries."""

from dataclasses import fields, replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings

from offramp.contracts.capability import Requirement
from offramp.negotiation import requirements_of
from offramp.types import (
    Cache,
    DataSource,
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Logprobs,
    Media,
    Message,
    Reasoning,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningOff,
    ReasoningSettings,
    SchemaOutput,
    Text,
    TextOutput,
    ToolCall,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    ToolResult,
    VendorTool,
    assistant,
    system,
    user,
)
from support.strategies import values

PLAIN = GenerateRequest((user("hello"),))
TOOL = FunctionTool("units_near")


def image(kind: str = "image") -> Media:
    return Media(DataSource("aGk="), kind=kind)


def result(*parts: object, **facts: object) -> GenerateRequest:
    return GenerateRequest((Message("tool", (ToolResult("c1", parts, **facts),)),))


CARRIES = {
    "nothing": (PLAIN, set()),
    "stream": (replace(PLAIN, stream=True), {"streaming"}),
    "stream_false": (replace(PLAIN, stream=False), set()),
    "system": (GenerateRequest((system("s"), user("u"))), {"system"}),
    "developer": (GenerateRequest((Message("developer", (Text("d"),)), user("u"))), {"system"}),
    "two_leading": (GenerateRequest((system("s"), system("t"), user("u"))), {"system"}),
    "late_system": (GenerateRequest((user("u"), system("s"))), {"system.mid_conversation"}),
    "tools": (replace(PLAIN, tools=(TOOL,)), {"tools"}),
    "strict_tool": (replace(PLAIN, tools=(replace(TOOL, strict=True),)), {"tools", "tools.strict"}),
    "lax_tool": (replace(PLAIN, tools=(replace(TOOL, strict=False),)), {"tools"}),
    "cached_tool": (replace(PLAIN, tools=(replace(TOOL, cache=Cache()),)), {"tools", "caching"}),
    "vendor_tool": (replace(PLAIN, tools=(VendorTool(dialect="d", vendor_type="t", raw={}),)), set()),
    "parallel": (replace(PLAIN, tools=(TOOL,), parallel_tool_calls=True), {"tools", "tools.parallel"}),
    "one_at_a_time": (replace(PLAIN, tools=(TOOL,), parallel_tool_calls=False), {"tools"}),
    "choice_auto": (replace(PLAIN, tools=(TOOL,), tool_choice=ToolChoiceAuto()), {"tools"}),
    "choice_any": (replace(PLAIN, tools=(TOOL,), tool_choice=ToolChoiceAny()), {"tools", "tools.forced"}),
    "choice_named": (replace(PLAIN, tools=(TOOL,), tool_choice=ToolChoiceNamed("x")), {"tools", "tools.forced"}),
    "choice_none": (replace(PLAIN, tools=(TOOL,), tool_choice=ToolChoiceNone()), {"tools", "tools.none"}),
    "earlier_call": (GenerateRequest((assistant(ToolCall("c1", "f", "{}")),)), {"tools"}),
    "vendor_call": (GenerateRequest((assistant(ToolCall("c1", "f", "{}", executor="vendor")),)), set()),
    "earlier_result": (result(Text("ok")), {"tools"}),
    "failed_result": (result(Text("no"), status="error"), {"tools", "tools.results.errors"}),
    "pictured_result": (result(image()), {"tools", "tools.results.images"}),
    "schema": (replace(PLAIN, output=SchemaOutput({})), {"structured_output"}),
    "json": (replace(PLAIN, output=JsonOutput()), {"json_output"}),
    "text": (replace(PLAIN, output=TextOutput()), set()),
    "reasoning_off": (replace(PLAIN, reasoning=ReasoningSettings(mode=ReasoningOff())), set()),
    "reasoning": (replace(PLAIN, reasoning=ReasoningSettings(mode=ReasoningAdaptive())), {"reasoning"}),
    "budget": (
        replace(PLAIN, reasoning=ReasoningSettings(mode=ReasoningBudget(1024))),
        {"reasoning", "reasoning.budget"},
    ),
    "effort": (replace(PLAIN, reasoning=ReasoningSettings(effort="high")), {"reasoning", "reasoning.effort"}),
    "no_effort": (replace(PLAIN, reasoning=ReasoningSettings(effort="none")), set()),
    "earlier_reasoning": (GenerateRequest((assistant(Reasoning("hm")),)), set()),
    "image": (GenerateRequest((user(image()),)), {"input.images"}),
    "document": (GenerateRequest((user(image("document")),)), {"input.documents"}),
    "audio": (GenerateRequest((user(image("audio")),)), {"input.audio"}),
    "video": (GenerateRequest((user(image("video")),)), {"input.video"}),
    "forced_without_tools": (replace(PLAIN, tool_choice=ToolChoiceAny()), {"tools.forced"}),
    "drawn_by_model": (GenerateRequest((assistant(image()),)), set()),
    "prompt_cache": (replace(PLAIN, cache=Cache()), {"caching"}),
    "part_cache": (GenerateRequest((user(Text("x", cache=Cache())),)), {"caching"}),
    "temperature": (replace(PLAIN, temperature=0.0), {"temperature"}),
    "top_p": (replace(PLAIN, top_p=0.5), {"temperature"}),
    "top_k": (replace(PLAIN, top_k=1), {"top_k"}),
    "seed": (replace(PLAIN, seed=0), {"seed"}),
    "stop": (replace(PLAIN, stop=("END",)), {"stop"}),
    "no_stop": (replace(PLAIN, stop=()), set()),
    "logprobs": (replace(PLAIN, logprobs=Logprobs()), {"logprobs"}),
    "candidates": (replace(PLAIN, candidates=2), {"candidates"}),
    "one_candidate": (replace(PLAIN, candidates=1), set()),
    "frequency_penalty": (replace(PLAIN, frequency_penalty=0.1), {"penalties"}),
    "presence_penalty": (replace(PLAIN, presence_penalty=-0.1), {"penalties"}),
    "no_penalty": (replace(PLAIN, frequency_penalty=0.0, presence_penalty=0), set()),
}


@pytest.mark.parametrize("carried", CARRIES)
def test_request_needs_what_it_carries(carried: str):
    request, expected = CARRIES[carried]

    assert requirements_of(request) == expected


OF_ANSWERS = {
    "text", "citations", "output.images", "output.audio", "tools.streamed_arguments", "reasoning.round_trip",
    "system.developer", "determinism",
}  # fmt: skip


OF_FURTHER_CALLS = {"count_tokens", "embeddings", "models"}


def test_every_requirement_but_those_of_answers_and_of_further_calls_can_be_implied():
    implied = {need for _, needs in CARRIES.values() for need in needs}

    assert set(get_args(Requirement)) - implied == OF_ANSWERS | OF_FURTHER_CALLS


def test_every_setting_of_a_request_was_considered():
    considered = {name for request, _ in CARRIES.values() for name in _given(request)}
    no_need = {"model", "max_output_tokens", "service_tier", "end_user", "metadata", "store", "routing", "wire"}

    assert {each.name for each in fields(GenerateRequest)} == considered | no_need


def _given(request: GenerateRequest) -> set[str]:
    return {each.name for each in fields(request) if getattr(request, each.name) not in (None, ())} | {"messages"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(values(GenerateRequest))
def test_any_request_needs_only_words_of_the_vocabulary(request: GenerateRequest):
    assert requirements_of(request) <= set(get_args(Requirement))
