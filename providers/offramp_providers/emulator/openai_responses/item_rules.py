"""Rules on the items: roles, which call an output answers, and whose reasoning is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.shapes import Fault

from .sources import SCHEMA, THIRD, UNREAD

_ROLES: Final = ("user", "assistant", "system", "developer")


def items_of(body: JsonObject) -> list[JsonObject]:
    """The items; a string is one message of the user's."""
    found: Any = body.get("input")
    return [{"role": "user", "content": found}] if isinstance(found, str) else objects_of(found)


def kind_of(item: JsonObject) -> str:
    """The type of an item; a message may leave it out."""
    return text_of(item.get("type")) or "message"


def _roles(ask: Ask) -> Iterator[Fault]:
    for index, item in enumerate(items_of(ask.body)):
        if kind_of(item) == "message" and item.get("role") not in _ROLES:
            yield Fault(f"input[{index}].role", f"must be one of: {', '.join(_ROLES)}")


def _outputs_answer(ask: Ask) -> Iterator[Fault]:
    """By `call_id`; the id of an item is something else."""
    called: set[str] = set()
    if ask.body.get("previous_response_id") or ask.body.get("conversation"):
        return
    for index, item in enumerate(items_of(ask.body)):
        if kind_of(item) == "function_call":
            called.add(text_of(item.get("call_id")))
        elif kind_of(item) == "function_call_output" and text_of(item.get("call_id")) not in called:
            yield Fault(f"input[{index}].call_id", f"no call of the id {item.get('call_id')} is there")


def _calls_answered(ask: Ask) -> Iterator[Fault]:
    answered = {one.get("call_id") for one in items_of(ask.body) if kind_of(one) == "function_call_output"}
    for index, item in enumerate(items_of(ask.body)):
        if kind_of(item) == "function_call" and item.get("call_id") not in answered:
            yield Fault(f"input[{index}]", f"no output is there for the call {item.get('call_id')}")


def _reasoning_leads(ask: Ask) -> Iterator[Fault]:
    """Reasoning goes back with what it led to."""
    items = items_of(ask.body)
    for index, item in enumerate(items):
        following = items[index + 1] if index + 1 < len(items) else {}
        led = kind_of(following) not in ("message", "function_call_output") or following.get("role") == "assistant"
        if kind_of(item) == "reasoning" and not (following and led):
            yield Fault(f"input[{index}]", "a reasoning item needs the item that followed it")


def _own_state(ask: Ask) -> Iterator[Fault]:
    for index, item in enumerate(items_of(ask.body)):
        sealed = text_of(item.get("encrypted_content"))
        if kind_of(item) != "reasoning" or not sealed or ask.state.issuer is None:
            continue
        if not ask.state.issuer.has_signed("reasoning", text_of(item.get("id")), sealed):
            yield Fault(f"input[{index}].encrypted_content", "could not be verified")


ITEM_RULES: Final = (
    Rule("roles", "Roles are user, assistant, system, developer.", "S", SCHEMA, _roles),
    Rule("outputs_answer", "An output names a call before it.", "R", UNREAD, _outputs_answer),
    Rule("calls_answered", "Every call has its output.", "R", UNREAD, _calls_answered),
    Rule("reasoning_leads", "Reasoning has the item it led to.", "T", THIRD, _reasoning_leads),
    Rule("own_state", "Reasoning is its own.", "T", THIRD, _own_state, code="invalid_encrypted_content"),
)
