"""Rules on messages: order, roles, blocks, ids, signatures and cache breakpoints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.shapes import Fault, items, one_of, record, tagged, text_or

from . import families
from .block_shapes import BLOCKS
from .sources import SCHEMA, SDK, SKILL, UNREAD

_MOST_MESSAGES: Final = 100_000
_MOST_BREAKPOINTS: Final = 4
_ROLE: Final = one_of("user", "assistant", "system")


def _some(ask: Ask) -> Iterator[Fault]:
    if not 1 <= len(ask.messages) <= _MOST_MESSAGES:
        yield Fault("messages", f"must be 1 to {_MOST_MESSAGES} messages")


def _roles(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        yield from _ROLE(message.get("role"), f"messages.{index}.role")


def _shape(ask: Ask) -> Iterator[Fault]:
    blocks = tagged(BLOCKS, is_open="anthropic-beta" in ask.headers)
    fields = {"role": _ROLE, "content": text_or(items(blocks))}
    yield from items(record(fields, required=("role", "content")))(ask.body["messages"], "messages")


def _first_is_user(ask: Ask) -> Iterator[Fault]:
    if ask.messages[0]["role"] != "user":
        yield Fault("messages.0.role", "the first message must be from the user")


def _system_in_place(ask: Ask) -> Iterator[Fault]:
    messages = ask.messages
    for index, message in enumerate(messages):
        if message["role"] != "system":
            continue
        path = f"messages.{index}"
        if not families.allows_system_in_place(ask.model):
            yield Fault(f"{path}.role", "this model takes no system message among the messages")
        if any(block["type"] not in ("text", "tool_addition") for block in blocks_of(message)):
            yield Fault(f"{path}.content", "a system message holds text only")
        if not _may_precede_system(messages[index - 1]):
            yield Fault(f"{path}.role", "a system message must follow a user message")
        if index + 1 < len(messages) and messages[index + 1]["role"] != "assistant":
            yield Fault(f"{path}.role", "a system message must be last or be followed by the assistant")


def _may_precede_system(message: JsonObject) -> bool:
    if message["role"] == "user":
        return True
    blocks = blocks_of(message)
    return message["role"] == "assistant" and bool(blocks) and text_of(blocks[-1]["type"]).startswith("server_tool")


def _prefill(ask: Ask) -> Iterator[Fault]:
    last = ask.messages[-1]
    ends_in_server_tool = any(text_of(block["type"]).startswith("server_tool") for block in blocks_of(last))
    if last["role"] == "assistant" and families.refuses_prefill(ask.model) and not ends_in_server_tool:
        yield Fault("messages", "this model does not continue an assistant message: end with a user message")


def _text_not_empty(ask: Ask) -> Iterator[Fault]:
    for path, block in _blocks(ask):
        if block["type"] == "text" and not block["text"]:
            yield Fault(f"{path}.text", "must not be empty")


def _signatures(ask: Ask) -> Iterator[Fault]:
    issuer = ask.state.issuer
    for path, block in _blocks(ask):
        if issuer is None:
            return
        if block["type"] == "thinking" and not issuer.has_signed("thinking", block["thinking"], block["signature"]):
            yield Fault(f"{path}.signature", "is not a genuine signature of this thinking")
        if block["type"] == "redacted_thinking" and not issuer.has_signed("redacted", "", block["data"]):
            yield Fault(f"{path}.data", "is not genuine")


def _breakpoints(ask: Ask) -> Iterator[Fault]:
    owners = [ask.body, *objects_of(ask.body.get("tools")), *objects_of(ask.body.get("system"))]
    for _, block in _blocks(ask):
        owners += [block, *objects_of(block.get("content"))]
    if sum(object_of(owner.get("cache_control")) != {} for owner in owners) > _MOST_BREAKPOINTS:
        yield Fault("cache_control", f"at most {_MOST_BREAKPOINTS} breakpoints")


def _results_answer_calls(ask: Ask) -> Iterator[Fault]:
    called: set[str] = set()
    for index, message in enumerate(_merged(ask.messages)):
        blocks = blocks_of(message)
        for block in blocks:
            if block["type"] == "tool_result" and block["tool_use_id"] not in called:
                yield Fault(f"messages.{index}.content", f"{block['tool_use_id']} answers no call of the turn before")
        called = {block["id"] for block in blocks if block["type"] == "tool_use"}


def _calls_are_answered(ask: Ask) -> Iterator[Fault]:
    turns = _merged(ask.messages)
    for index, (message, following) in enumerate(zip(turns, [*turns[1:], {}], strict=True)):
        answers = {block["tool_use_id"] for block in blocks_of(following) if block["type"] == "tool_result"}
        for block in blocks_of(message):
            if block["type"] == "tool_use" and block["id"] not in answers:
                yield Fault(f"messages.{index}.content", f"{block['id']} has no result in the next message")


def _results_first(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        kinds = [block["type"] == "tool_result" for block in blocks_of(message)]
        if kinds != sorted(kinds, reverse=True):
            yield Fault(f"messages.{index}.content", "tool results come before everything else")


def _tools_declared(ask: Ask) -> Iterator[Fault]:
    if not ask.body.get("tools") and any(block["type"] in ("tool_use", "tool_result") for _, block in _blocks(ask)):
        yield Fault("tools", "must be declared while the history holds tool blocks")


_SIDES: Final = {
    "tool_use": "assistant",
    "thinking": "assistant",
    "redacted_thinking": "assistant",
    "tool_result": "user",
}


def _sides(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        for block in blocks_of(message):
            if _SIDES.get(block["type"], message["role"]) != message["role"]:
                yield Fault(f"messages.{index}.content", f"{block['type']} does not belong to {message['role']}")


def blocks_of(message: JsonObject) -> list[JsonObject]:
    """The blocks of a message; empty for a plain string."""
    return objects_of(message.get("content"))


def _blocks(ask: Ask) -> Iterator[tuple[str, JsonObject]]:
    for index, message in enumerate(ask.messages):
        for position, block in enumerate(blocks_of(message)):
            yield f"messages.{index}.content.{position}", block


def _merged(messages: list[JsonObject]) -> list[JsonObject]:
    """Join neighbours of one role, as the vendor does, and leave out system messages."""
    turns: list[JsonObject] = []
    for message in messages:
        content: Any = blocks_of(message)
        if turns and turns[-1]["role"] == message["role"]:
            turns[-1]["content"] += content
        elif message["role"] != "system":
            turns.append({"role": message["role"], "content": list(content)})
    return turns


MESSAGE_RULES: Final = (
    Rule("messages_given", "1 to 100,000 messages.", "S", SDK, _some),
    Rule("roles", "Roles are user, assistant and system.", "S", SKILL, _roles),
    Rule("message_shapes", "Messages and blocks have their published shapes.", "S", SCHEMA, _shape),
    Rule("first_is_user", "The first message is from the user.", "S", SDK, _first_is_user),
    Rule("system_in_place", "A later system message has its place, and its models.", "S", SKILL, _system_in_place),
    Rule("prefill", "From 4.6 on the last message is not the assistant's.", "S", SKILL, _prefill),
    Rule("thinking_signature", "A foreign or modified thinking block is 400.", "S", SKILL, _signatures),
    Rule("cache_breakpoints", "At most 4 cache breakpoints.", "S", SKILL, _breakpoints),
    Rule("text_not_empty", "Empty text blocks are rejected.", "R", UNREAD, _text_not_empty),
    Rule("results_answer_calls", "A result answers a call of the turn before.", "T", UNREAD, _results_answer_calls),
    Rule("calls_are_answered", "Every call has its result in the next message.", "T", UNREAD, _calls_are_answered),
    Rule("results_first", "Results come before any text.", "T", UNREAD, _results_first),
    Rule("tools_declared", "Tools stay declared while the history uses them.", "R", UNREAD, _tools_declared),
    Rule("block_sides", "Calls and thinking are the assistant's, results the user's.", "R", UNREAD, _sides),
)
