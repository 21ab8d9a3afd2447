"""Rules on messages: roles, what each may hold, and which call a result answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.shapes import Fault, one_of

from .body_shapes import MESSAGES
from .sources import ERRORS, OPENAPI, UNREAD

_ROLE: Final = one_of(*MESSAGES)
_MOST_IMAGES: Final = 20


def _roles(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        yield from _ROLE(message.get("role"), f"messages[{index}].role")


def _result_id(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        if message["role"] == "tool" and not message.get("tool_call_id"):
            yield Fault(f"messages[{index}]", "tool call id must be provided with tool message")


def _call_type(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        for call in objects_of(message.get("tool_calls")):
            if call.get("type") != "function":
                yield Fault(f"messages[{index}].tool_calls", "tool call must be of type function")


def _shape(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        yield from MESSAGES[message["role"]](message, f"messages[{index}]")


def _not_empty(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        said = _says(message.get("content")) or message.get("tool_calls") or message.get("tool_plan")
        if not said and message["role"] != "tool":
            yield Fault(f"messages[{index}]", "message must not be empty in a turn")


def _says(content: Any) -> bool:
    if isinstance(content, str):
        return content != ""
    return any(block.get("type") != "text" or block.get("text") != "" for block in objects_of(content))


def _unique_ids(ask: Ask) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, message in enumerate(ask.messages):
        for call in objects_of(message.get("tool_calls")):
            name = text_of(call.get("id"))
            if name in seen:
                yield Fault(f"messages[{index}].tool_calls", f"cannot have duplicate tool ids '{name}'")
            seen.add(name)


def _results_follow(ask: Ask) -> Iterator[Fault]:
    called: set[str] = set()
    for index, message in enumerate(ask.messages):
        called |= {text_of(call.get("id")) for call in objects_of(message.get("tool_calls"))}
        if message["role"] == "tool" and message["tool_call_id"] not in called:
            yield Fault(f"messages[{index}]", "tool call id not found in previous tool calls")


def _image_count(ask: Ask) -> Iterator[Fault]:
    blocks = [block for message in ask.messages for block in objects_of(message.get("content"))]
    if sum(block.get("type") == "image_url" for block in blocks) > _MOST_IMAGES:
        yield Fault("messages", f"at most {_MOST_IMAGES} images")


def _last_turn(ask: Ask) -> Iterator[Fault]:
    last: JsonObject = ask.messages[-1] if ask.messages else {}
    if last.get("role") == "assistant":
        yield Fault("messages", "the last message must be of the user's or of a tool")


MESSAGE_RULES: Final = (
    Rule("roles", "Roles are system, user, assistant, tool.", "S", OPENAPI, _roles),
    Rule("result_id", "A tool message names its call.", "D", ERRORS, _result_id),
    Rule("call_type", "A call is of type function.", "D", ERRORS, _call_type),
    Rule("message_shapes", "Messages have their published shapes.", "S", OPENAPI, _shape),
    Rule("not_empty", "No message is empty.", "D", ERRORS, _not_empty),
    Rule("unique_ids", "Each call has an id of its own.", "D", ERRORS, _unique_ids),
    Rule("results_follow_calls", "A result follows its call.", "D", ERRORS, _results_follow),
    Rule("image_count", "At most 20 images.", "S", OPENAPI, _image_count),
    Rule("last_turn", "The assistant does not speak last.", "R", UNREAD, _last_turn),
)
