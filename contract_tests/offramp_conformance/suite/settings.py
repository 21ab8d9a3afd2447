"""Settings of a request, as keywords of `Subject.ask`."""

from typing import TypedDict

from offramp.types import Cache, Logprobs, Output, ReasoningSettings, Tool, ToolChoice


class Settings(TypedDict, total=False):
    """Fields of `GenerateRequest`."""

    tools: tuple[Tool, ...]
    tool_choice: ToolChoice | None
    parallel_tool_calls: bool | None
    output: Output | None
    reasoning: ReasoningSettings | None
    max_output_tokens: int | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    seed: int | None
    frequency_penalty: float | None
    presence_penalty: float | None
    stop: tuple[str, ...] | None
    logprobs: Logprobs | None
    candidates: int | None
    end_user: str | None
    cache: Cache | None
