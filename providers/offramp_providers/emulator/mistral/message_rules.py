"""Rules on messages: roles, what each may hold, and which call a result answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.shapes import Fault, one_of, text

from .body_shapes import MESSAGE_FIELDS, ROLES
from .sources import CALLING, SCHEMA, SDK

_ROLE: Final = one_of(*ROLES)
_ID: Final = text(pattern=r"[a-zA-Z0-9]{9}")


def _roles(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        yield from _ROLE(message.get("role"), f"messages.{index}.role")


def _shape(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        yield from MESSAGE_FIELDS[message["role"]](message, f"messages.{index}")


def _ids(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        for place, call in enumerate(objects_of(message.get("tool_calls"))):
            yield from _ID(call.get("id"), f"messages.{index}.tool_calls.{place}.id")
        if message["role"] == "tool":
            yield from _ID(message.get("tool_call_id"), f"messages.{index}.tool_call_id")


def _results_answer_calls(ask: Ask) -> Iterator[Fault]:
    called: list[str] = []
    for index, message in enumerate(ask.messages):
        if message["role"] != "tool":
            called = _call_ids(message)
        elif message.get("tool_call_id") not in called:
            yield Fault(f"messages.{index}.tool_call_id", "answers no call of the assistant message before")


def _results_in_order(ask: Ask) -> Iterator[Fault]:
    waiting: list[str] = []
    for index, message in enumerate(ask.messages):
        if message["role"] != "tool":
            waiting = _call_ids(message)
        elif message["tool_call_id"] in waiting:
            waiting = waiting[waiting.index(message["tool_call_id"]) + 1 :]
        else:
            yield Fault(f"messages.{index}.tool_call_id", "stands after the result of a later call")


def _calls_are_answered(ask: Ask) -> Iterator[Fault]:
    waiting: set[str] = set()
    for index, message in enumerate([*ask.messages, {"role": "end"}]):
        if message["role"] == "tool":
            waiting.discard(text_of(message.get("tool_call_id")))
        elif waiting:
            yield Fault(f"messages.{index}", "Not the same number of function calls and responses")
        else:
            waiting = set(_call_ids(message))


def _last(ask: Ask) -> Iterator[Fault]:
    last: JsonObject = ask.messages[-1] if ask.messages else {"role": "none"}
    if last["role"] not in ("user", "tool") and not (last["role"] == "assistant" and last.get("prefix") is True):
        yield Fault("", f"Expected last role User or Tool (or Assistant with prefix True) but got {last['role']}")


def _prefix_last(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages[:-1]):
        if message["role"] == "assistant" and message.get("prefix") is True:
            yield Fault(f"messages.{index}.prefix", "only the last message can be a prefix")


def _call_ids(message: JsonObject) -> list[str]:
    return [text_of(call.get("id")) for call in objects_of(message.get("tool_calls"))]


MESSAGE_RULES: Final = (
    Rule("roles", "Roles are system, user, assistant and tool.", "S", SCHEMA, _roles, 422),
    Rule("message_shapes", "Messages have their published shapes.", "S", SCHEMA, _shape, 422),
    Rule("call_ids", "An id is nine letters and digits.", "D", CALLING, _ids, code="3280"),
    Rule("results_answer_calls", "A result answers a call of the turn before.", "S", SDK, _results_answer_calls),
    Rule("results_in_order", "Results stand in the order of their calls.", "D", CALLING, _results_in_order),
    Rule("calls_are_answered", "Every call has its result.", "S", SDK, _calls_are_answered, code="3230"),
    Rule("last_message", "The last message is a user's, a tool's or a prefix.", "S", SDK, _last, code="3230"),
    Rule("prefix_is_last", "Only the last message is a prefix.", "S", SDK, _prefix_last),
)
