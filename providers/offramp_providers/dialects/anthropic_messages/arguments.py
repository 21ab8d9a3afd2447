"""Arguments of a tool call: an object on this wire, exact text in the canonical model."""

import json
from typing import Any, NoReturn, cast

from pydantic_core import PydanticSerializationError, from_json, to_json

from offramp.types import JsonObject, Origin, ToolCall
from offramp_providers.dialects.anthropic_messages.encoding import Encoding


def dump_arguments(arguments: Any) -> str:
    """The object as compact JSON text."""
    try:
        return to_json(arguments).decode()
    except (PydanticSerializationError, ValueError):
        return json.dumps(arguments, separators=(",", ":"))


def _load(text: str) -> Any:
    """The JSON value in the text.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        # Half of a UTF-16 pair, which vendors send, is refused there; the standard parser takes it.
        return json.loads(text, parse_constant=_refuse)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def encode_arguments(ctx: Encoding, call: ToolCall, origin: Origin | None) -> JsonObject:
    """The arguments as the object that the dialect requires; what is no object is wrapped in one, by name."""
    text = call.arguments_json
    if not text:
        ctx.log.lose("arguments.injected", call, "arguments_json")
        return {}
    try:
        arguments: object = _load(text)
    except (ValueError, RecursionError):
        arguments = text
    if not isinstance(arguments, dict):
        ctx.log.lose("arguments.rewritten", call, "arguments_json")
        return {"arguments": arguments}
    # Its own issuer sees an object each way; elsewhere the model's own spelling is lost.
    if not ctx.owns(origin) and dump_arguments(arguments) != text:
        ctx.log.lose("arguments.respelled", call, "arguments_json")
    return cast("JsonObject", arguments)
