"""Arguments of a tool call where the wire has an object, and the canonical model exact text."""

import json
from typing import Any, NoReturn, cast

from pydantic_core import PydanticSerializationError, from_json, to_json

from offramp.types import JsonObject, ToolCall
from offramp_providers.dialects.accounting import LossLog


def dump_compact(content: Any) -> str:
    """A JSON value as compact text."""
    try:
        return to_json(content).decode()
    except (PydanticSerializationError, ValueError):
        return json.dumps(content, separators=(",", ":"))


def load_json(text: str) -> Any:
    """The JSON value in the text.

    Raises:
        ValueError: it is no JSON, or nested too deeply.
    """
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        # Half of a UTF-16 pair, which vendors send, is refused there; the standard parser takes it.
        try:
            return json.loads(text, parse_constant=_refuse)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def load_object(log: LossLog, call: ToolCall, *, own: bool) -> JsonObject:
    """The arguments as the object that the wire requires; what is no object is wrapped in one, by name.

    Args:
        log: where losses go.
        call: whose arguments.
        own: the issuer itself, which sees an object each way; elsewhere the model's own spelling is lost.
    """
    text = call.arguments_json
    if not text:
        log.lose("arguments.injected", call, "arguments_json")
        return {}
    try:
        arguments: object = load_json(text)
    except ValueError:
        arguments = text
    if not isinstance(arguments, dict):
        log.lose("arguments.rewritten", call, "arguments_json")
        return {"arguments": arguments}
    if not own and dump_compact(arguments) != text:
        log.lose("arguments.respelled", call, "arguments_json")
    return cast("JsonObject", arguments)
