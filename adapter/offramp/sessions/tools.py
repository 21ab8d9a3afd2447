"""Tools from Python functions: what the model is told of one, and one run of it."""

import asyncio
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY
from typing import Any, Final, cast, get_type_hints

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticSerializationError, to_json

from offramp.errors import ConfigurationError
from offramp.sessions.docstring import described_parameters, first_paragraph
from offramp.types import FunctionTool, JsonObject, Media, Part, Text, ToolCall, ToolResult, ToolResultStatus, value

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ToolFailure(Exception):  # it says what happened, and it is no fault of the program
    """Raised by a tool to tell the model why it failed. The message goes to the model, and so to the vendor."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@value
class ToolFunction:
    """A Python function as a tool."""

    tool: FunctionTool
    """What the model is told."""
    call: Callable[..., Any]
    """The function itself."""
    _: KW_ONLY
    arguments: TypeAdapter[dict[str, Any]]
    """Checks JSON arguments against the signature, and gives them as keyword arguments."""


def tool_from_function(
    function: Callable[..., Any], *, name: str | None = None, description: str | None = None, strict: bool | None = None
) -> ToolFunction:
    """Make a tool of a function, plain or async. The types of its parameters become the schema.

    Args:
        function: every parameter has a type and can be given by name. Its docstring tells the model what it does.
        name: instead of the function's own.
        description: instead of the docstring's first paragraph.
        strict: whether the vendor must hold the arguments to the schema; None leaves it to the vendor.

    Raises:
        ConfigurationError: what the schema cannot say; it names the function and the parameter.
    """
    name = name or str(getattr(function, "__name__", type(function).__name__))
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} is no name for a tool", mend="use 1 to 64 of A-Z a-z 0-9 _ -, or give name="
        )
    signature = _signature(function, name)
    arguments = _adapter(signature, name)
    docstring = inspect.getdoc(function) or ""
    tool = FunctionTool(
        name,
        description=description or first_paragraph(docstring) or None,
        schema=_schema(arguments, described_parameters(docstring), name),
        strict=strict,
    )
    return ToolFunction(tool, function, arguments=arguments)


def _signature(function: Callable[..., Any], name: str) -> inspect.Signature:
    """The signature with its types resolved."""
    place = f"tool {name}"
    try:
        signature = inspect.signature(function)
        hints = get_type_hints(_documented(function), include_extras=True)
    except (ValueError, TypeError) as error:
        raise ConfigurationError("has no signature to read", where=place, mend="wrap it in a function") from error
    except NameError as error:
        mend = "import the type where the function is defined"
        raise ConfigurationError(f"the type {error.name!r} is not known", where=place, mend=mend) from error
    checked = [_checked(one, hints, place) for one in signature.parameters.values()]
    return inspect.Signature(checked)


def _documented(function: Callable[..., Any]) -> Callable[..., Any]:
    """Where the annotations stand: an object that can be called keeps them at its `__call__`."""
    return function if inspect.isroutine(function) else cast("Any", type(function)).__call__


def _checked(parameter: inspect.Parameter, hints: Mapping[str, Any], place: str) -> inspect.Parameter:
    where = f"{place}, parameter {parameter.name}"
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        raise ConfigurationError("a model cannot fill *args or **kwargs", where=where, mend="name each parameter")
    if parameter.kind is parameter.POSITIONAL_ONLY:
        raise ConfigurationError("a model gives arguments by name only", where=where, mend="remove the / after it")
    if parameter.name not in hints:
        raise ConfigurationError("has no type", where=where, mend="annotate it")
    return parameter.replace(annotation=hints[parameter.name], kind=parameter.KEYWORD_ONLY)


def _adapter(signature: inspect.Signature, name: str) -> TypeAdapter[dict[str, Any]]:
    """A validator of the arguments that does not run the function."""

    def arguments(**given: Any) -> dict[str, Any]:
        return given

    stand_in = cast("Any", arguments)
    stand_in.__signature__ = signature
    stand_in.__annotations__ = {one.name: one.annotation for one in signature.parameters.values()}
    try:
        return TypeAdapter(stand_in)
    except PydanticUserError as error:
        raise ConfigurationError(
            f"a parameter's type has no schema ({error.code})",
            where=f"tool {name}",
            mend="use types that JSON can hold",
        ) from error


class _Untitled(GenerateJsonSchema):
    """Leaves out titles that only repeat the names: the model pays for each word."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  # the signature is pydantic's
        return False


def _schema(arguments: TypeAdapter[dict[str, Any]], described: Mapping[str, str], name: str) -> JsonObject:
    try:
        schema: JsonObject = arguments.json_schema(schema_generator=_Untitled)
    except PydanticUserError as error:
        raise ConfigurationError(
            f"a parameter's type has no schema ({error.code})",
            where=f"tool {name}",
            mend="use types that JSON can hold",
        ) from error
    properties = schema.setdefault("properties", {})
    for parameter, text in described.items():
        if parameter in properties:
            properties[parameter].setdefault("description", text)
    return schema


async def run_tool(function: ToolFunction, call: ToolCall) -> ToolResult:
    """Run the function once with the model's arguments. Whatever goes wrong is a result that the model can read.

    A plain function runs in a thread, an async one here. Cancellation passes through; a thread that was begun ends by
    itself. Of an exception the model learns the type only, unless it is a `ToolFailure`.
    """
    if inspect.iscoroutinefunction(function.call) or inspect.iscoroutinefunction(_documented(function.call)):
        return await _attempt_async(function, call)
    # The outcome is made in the thread: a StopIteration that left it would keep the caller waiting for good.
    return await asyncio.to_thread(_attempt, function, call)


async def _attempt_async(function: ToolFunction, call: ToolCall) -> ToolResult:
    try:
        result = _answer(call, await function.call(**_bound(function, call)))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a tool may raise anything, and the conversation goes on
        result = _failure(call, error)
    return result


def _attempt(function: ToolFunction, call: ToolCall) -> ToolResult:
    try:
        result = _answer(call, function.call(**_bound(function, call)))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a tool may raise anything, and the conversation goes on
        result = _failure(call, error)
    return result


class _ArgumentsInvalid(Exception):
    """The model's arguments do not fit; holds the text for the model."""


class _ResultInvalid(Exception):
    """What the function gave back cannot be written as JSON."""


def _bound(function: ToolFunction, call: ToolCall) -> dict[str, Any]:
    try:
        # Strict: "5" is no integer, as the schema says.
        return function.arguments.validate_json(call.arguments_json or "{}", strict=True)
    except ValidationError as error:
        raise _ArgumentsInvalid(_complaint(error)) from error


def _complaint(error: ValidationError) -> str:
    lines = [_line(one) for one in error.errors(include_url=False, include_context=False, include_input=False)]
    return "The arguments were not accepted, and the tool did not run. " + "; ".join(lines[:8])


def _line(error: Any) -> str:
    place = ".".join(str(step) for step in error["loc"]) or "arguments"
    # What an author's own validator says is for its author: it may name what the model must not know.
    text = "not accepted" if error["type"] in ("value_error", "assertion_error") else error["msg"]
    return f"{place}: {text}"


def _answer(call: ToolCall, output: Any) -> ToolResult:
    return ToolResult(call.call_id, _parts(output))


def _parts(output: Any) -> tuple[Part, ...]:
    if isinstance(output, str):
        return (Text(output),)
    if isinstance(output, Text | Media):
        return (output,)
    if isinstance(output, list | tuple) and _are_parts(cast("Sequence[Any]", output)):
        return tuple(cast("Sequence[Part]", output))
    try:
        return (Text(to_json(output).decode()),)
    except (PydanticSerializationError, ValueError) as error:
        raise _ResultInvalid from error


def _are_parts(output: Sequence[Any]) -> bool:
    return bool(output) and all(isinstance(one, Text | Media) for one in output)


def _failure(call: ToolCall, error: BaseException) -> ToolResult:
    match error:
        case ToolFailure():
            text = error.message
        case _ArgumentsInvalid():
            text = str(error)
        case _ResultInvalid():
            text = "The tool ran, but its result cannot be written as JSON."
        case _:
            text = f"The tool failed ({type(error).__name__})."
    return unanswered(call, status="error", text=text)


def unanswered(call: ToolCall, *, status: ToolResultStatus, text: str) -> ToolResult:
    """A result in words, for a call that has no other: denied, interrupted, failed, or to a tool that is not there."""
    return ToolResult(call.call_id, (Text(text),), status=status)
