"""What a caller hands in, as one `GenerateRequest`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, replace
from typing import Any, Final, Generic, TypeAlias, TypedDict, cast, get_origin

from pydantic import PydanticUserError, TypeAdapter
from typing_extensions import TypeVar  # pydantic requires it; `typing` has defaults from Python 3.13

from offramp._given import check_options, check_settings, messages_from
from offramp.errors import ConfigurationError
from offramp.sessions.tools import ToolFunction, tool_from_function
from offramp.types import (
    Cache,
    FunctionTool,
    GenerateRequest,
    JsonObject,
    Logprobs,
    Message,
    ReasoningSettings,
    SchemaOutput,
    Text,
    Tool,
    ToolChoice,
    VendorTool,
    value,
)

Input: TypeAlias = str | Message | Sequence[Message] | GenerateRequest
ToolInput: TypeAlias = Callable[..., Any] | ToolFunction | FunctionTool | VendorTool
OutputT = TypeVar("OutputT", default=None)
"""The type asked for by `output`; None where none is."""


class Settings(TypedDict, total=False):
    """Settings of a request, by the names of `GenerateRequest`. What is not given is left to the vendor."""

    tool_choice: ToolChoice
    parallel_tool_calls: bool
    reasoning: ReasoningSettings
    max_output_tokens: int
    temperature: float
    top_p: float
    top_k: int
    seed: int
    frequency_penalty: float
    presence_penalty: float
    stop: tuple[str, ...]
    logprobs: Logprobs
    candidates: int
    service_tier: str
    end_user: str
    metadata: dict[str, str]
    store: bool
    cache: Cache


class CallOptions(TypedDict, total=False):
    """What every call takes besides its input and output."""

    system: str | None
    """The system prompt, where the input does not begin with one."""
    tools: Sequence[ToolInput]
    """Python functions, or tools declared by hand. Only `run` and `resume` execute functions."""
    settings: Settings
    timeout_s: float | None
    """For the whole call, retries and fall-backs included, in seconds. Default: the mission's."""
    vendor_options: Mapping[str, JsonObject]
    """Further keys of the body, by dialect. They are audited; on another dialect each is a loss."""
    approvals: Sequence[str]
    """Signed approvals of this very call, as `client.approval` gives them. A mission that declares no approval neither
    looks at them nor uses them up."""
    subject: str | None
    """Whom the call is about: any stable text. It is kept as a keyed digest, and counted where the scale is limited."""
    max_turns: int
    """Exchanges in all, of `run` and `resume`. Default: 8."""


_OPTIONS: Final = frozenset(CallOptions.__annotations__)


@value
class Call(Generic[OutputT]):
    """All that a caller asked for, in one value."""

    request: GenerateRequest
    _: KW_ONLY
    functions: dict[str, ToolFunction]
    output: type[OutputT] | None
    timeout_s: float | None
    vendor_options: Mapping[str, JsonObject]
    max_turns: int
    approvals: tuple[str, ...] = ()
    subject: str | None = None


def call_from(given: Input, output: type[OutputT] | None, options: CallOptions) -> Call[OutputT]:
    """Check what the caller gave.

    Raises:
        ConfigurationError: an unknown option or setting, a function or type that has no JSON Schema.
    """
    if not options and output is None:
        return Call(
            given if isinstance(given, GenerateRequest) else GenerateRequest(_messages(given)),
            functions={},
            output=None,
            timeout_s=None,
            vendor_options={},
            max_turns=8,
        )
    unknown = options.keys() - _OPTIONS
    if unknown:
        known = ", ".join(sorted(_OPTIONS))
        raise ConfigurationError(f"unknown argument {sorted(unknown)[0]!r}", mend=f"use one of {known}")
    check_options(options)
    tools, functions = functions_of(options.get("tools", ()))
    request = request_from(
        given, system=options.get("system"), tools=tools, output=output, settings=options.get("settings")
    )
    return Call(
        request,
        functions=functions,
        output=output,
        timeout_s=options.get("timeout_s"),
        vendor_options=options.get("vendor_options", {}),
        max_turns=options.get("max_turns", 8),
        approvals=tuple(options.get("approvals", ())),
        subject=options.get("subject"),
    )


def request_from(
    given: Input,
    *,
    system: str | None,
    tools: Sequence[Tool],
    output: type[Any] | None,
    settings: Settings | None,
) -> GenerateRequest:
    """One request from all that the caller gave.

    Raises:
        ConfigurationError: an unknown setting, a type without a JSON Schema, two tools of one name, two system prompts.
    """
    request = given if isinstance(given, GenerateRequest) else GenerateRequest(_messages(given))
    if system is not None:
        request = replace(request, messages=_with_system(request.messages, system))
    if tools:
        request = replace(request, tools=_distinct((*request.tools, *tools)))
    if output is not None:
        request = replace(request, output=schema_output(output))
    if settings:
        check_settings(settings)
        request = replace(request, **cast("dict[str, Any]", settings))
    return request


def _messages(given: str | Message | Sequence[Message]) -> tuple[Message, ...]:
    return (Message("user", (Text(given),)),) if isinstance(given, str) else messages_from(given)


def _with_system(messages: tuple[Message, ...], system: str) -> tuple[Message, ...]:
    if messages and messages[0].role == "system":
        raise ConfigurationError(
            "there are two system prompts",
            where="system",
            mend="give it as an argument or as the first message, not both",
        )
    return (Message("system", (Text(system),)), *messages)


def functions_of(tools: Sequence[ToolInput]) -> tuple[tuple[Tool, ...], dict[str, ToolFunction]]:
    """What to offer to the model, and what can be run here, by name."""
    offered: list[Tool] = []
    runnable: dict[str, ToolFunction] = {}
    for each in tools:
        if isinstance(each, FunctionTool | VendorTool):
            offered.append(each)
            continue
        function = each if isinstance(each, ToolFunction) else tool_from_function(each)
        offered.append(function.tool)
        runnable[function.tool.name] = function
    return _distinct(tuple(offered)), runnable


def _distinct(tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
    names = [tool.name for tool in tools if isinstance(tool, FunctionTool)]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"two tools are named {name!r}", where="tools", mend="rename one of them")
    return tools


def schema_output(wanted: type[Any]) -> SchemaOutput:
    """The schema to ask for, of a pydantic class or of any type that pydantic knows."""
    try:
        schema: JsonObject = adapter_of(wanted).json_schema()
    except PydanticUserError as error:
        raise ConfigurationError(
            f"{name_of(wanted)} has no JSON Schema", where="output", mend="use a pydantic class or a typed dataclass"
        ) from error
    closed, strict = close_objects(schema)
    return SchemaOutput(closed, name=name_of(wanted), strict=True if strict else None)


def name_of(wanted: type[Any]) -> str:
    """A type's name as vendors take it."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", getattr(wanted, "__name__", None) or str(get_origin(wanted) or wanted))[:64]


def close_objects(schema: JsonObject) -> tuple[JsonObject, bool]:
    """The schema with no undeclared keys allowed, and whether it can be strict: every object of it is closed."""
    strict = True

    def closed(node: Any) -> Any:
        nonlocal strict
        if isinstance(node, list):
            return [closed(each) for each in cast("list[object]", node)]
        if not isinstance(node, dict):
            return node
        copy = {key: closed(each) for key, each in cast("JsonObject", node).items()}
        if copy.get("type") == "object" and isinstance(copy.get("properties"), dict):
            copy.setdefault("additionalProperties", False)
        strict = strict and copy.get("additionalProperties", False) is False
        return copy

    return closed(schema), strict


_ADAPTERS: dict[int, tuple[type[Any], TypeAdapter[Any]]] = {}


def adapter_of(wanted: type[OutputT]) -> TypeAdapter[OutputT]:
    """Validators are costly to make: one for each type, kept with the type so that its id stays its own."""
    known = _ADAPTERS.get(id(wanted))
    if known is None:
        known = _ADAPTERS[id(wanted)] = (wanted, TypeAdapter(wanted))
    return known[1]
