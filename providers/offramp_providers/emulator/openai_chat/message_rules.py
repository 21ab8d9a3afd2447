"""Rules on messages: roles, what each may hold, and which call a result answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.shapes import Fault, one_of

from .part_shapes import MESSAGE_FIELDS, ROLES
from .sources import SCHEMA, SDK, UNREAD

_ROLE: Final = one_of(*ROLES)
_FOREIGN: Final = (
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "thinking",
    "thinking_blocks",
    "signature",
    "cache_control",
)
_FOREIGN_PARTS: Final = ("thinking", "redacted_thinking", "tool_use", "tool_result", "reasoning", "image", "document")


def _roles(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        yield from _ROLE(message.get("role"), f"messages[{index}].role")


def _foreign_state(ask: Ask) -> Iterator[Fault]:
    for path, node in _nodes(ask):
        for key in _FOREIGN:
            if key in node:
                yield Fault(f"{path}.{key}", "is not a known parameter")


def _foreign_parts(ask: Ask) -> Iterator[Fault]:
    for path, node in _nodes(ask):
        if node.get("type") in _FOREIGN_PARTS:
            yield Fault(f"{path}.type", f"{node['type']} is no type of part here")


def _shape(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        yield from MESSAGE_FIELDS[message["role"]](message, f"messages[{index}]")


def _tool_content(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        if message["role"] == "tool" and any(part.get("type") != "text" for part in parts_of(message)):
            yield Fault(f"messages[{index}].content", "a tool message holds text only")


def _assistant_content(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        kinds = {part.get("type") for part in parts_of(message)}
        if message["role"] == "assistant" and not kinds <= {"text", "refusal"}:
            yield Fault(f"messages[{index}].content", "an assistant message holds text and refusals only")


def _arguments(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        for position, call in enumerate(objects_of(message.get("tool_calls"))):
            arguments = object_of(call.get("function")).get("arguments", "")
            if not isinstance(arguments, str):
                yield Fault(f"messages[{index}].tool_calls[{position}].function.arguments", "must be a string of JSON")


def _results_answer_calls(ask: Ask) -> Iterator[Fault]:
    called: set[str] = set()
    for index, message in enumerate(ask.messages):
        if message["role"] != "tool":
            called = _call_ids(message)
        elif message["tool_call_id"] not in called:
            yield Fault(f"messages[{index}].tool_call_id", "answers no call of the assistant message before")


def _calls_are_answered(ask: Ask) -> Iterator[Fault]:
    open_ids: set[str] = set()
    for index, message in enumerate([*ask.messages, {"role": "end"}]):
        if message["role"] == "tool":
            open_ids.discard(message["tool_call_id"])
            continue
        if open_ids:
            yield Fault(f"messages[{index}]", f"no tool message answers {', '.join(sorted(open_ids))}")
        open_ids = _call_ids(message)


def _not_empty(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        held = ("content", "tool_calls", "function_call", "audio", "refusal")
        if message["role"] == "assistant" and all(message.get(key) is None for key in held):
            yield Fault(f"messages[{index}].content", "is required where there are no tool calls")


def _call_ids(message: JsonObject) -> set[str]:
    return {str(call["id"]) for call in objects_of(message.get("tool_calls"))}


def parts_of(message: JsonObject) -> list[JsonObject]:
    """The parts of a message; empty for a plain string."""
    return objects_of(message.get("content"))


def _nodes(ask: Ask) -> Iterator[tuple[str, JsonObject]]:
    for index, message in enumerate(ask.messages):
        yield f"messages[{index}]", message
        for key in ("content", "tool_calls"):
            members: Any = message.get(key)
            for position, member in enumerate(objects_of(members)):
                yield f"messages[{index}].{key}[{position}]", member


_UNKNOWN: Final = "unknown_parameter"

MESSAGE_RULES: Final = (
    Rule("roles", "Roles are developer, system, user, assistant, tool, function.", "S", SCHEMA, _roles),
    Rule(
        "foreign_state", "Reasoning is never returned; nothing is passed back.", "S", SDK, _foreign_state, code=_UNKNOWN
    ),
    Rule("foreign_parts", "Other vendors' blocks are no parts.", "S", SCHEMA, _foreign_parts),
    Rule("tool_content", "A tool message holds a string or text parts.", "S", SCHEMA, _tool_content),
    Rule("assistant_content", "An assistant message holds text or refusals.", "S", SCHEMA, _assistant_content),
    Rule("arguments_are_text", "Arguments are a string of JSON.", "S", SCHEMA, _arguments, code="invalid_type"),
    Rule("message_shapes", "Messages have their published shapes.", "S", SCHEMA, _shape),
    Rule("results_answer_calls", "A tool message answers the turn before.", "R", UNREAD, _results_answer_calls),
    Rule("calls_are_answered", "Every call has its answer.", "R", UNREAD, _calls_are_answered),
    Rule("assistant_not_empty", "An assistant message holds something.", "R", UNREAD, _not_empty),
)
