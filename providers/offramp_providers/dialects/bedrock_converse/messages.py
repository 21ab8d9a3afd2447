"""Messages, each way: the system prompt apart, and results in the user's turn."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from offramp.types import JsonObject, Message, Origin, Part, Role, ToolResult, Unknown, Wire
from offramp_providers.dialects.bedrock_converse.encoding import NAME, Encoding, form_of, residual
from offramp_providers.dialects.bedrock_converse.parts import Place, decode_blocks, encode_blocks
from offramp_providers.dialects.bedrock_converse.turns import Turn, repair
from offramp_providers.dialects.part_kinds import is_result
from offramp_providers.dialects.plain_talk import plain_talk
from offramp_providers.dialects.shapes import is_list, is_object
from offramp_providers.dialects.turns import Owner, lose_unsaid

_IN_PLACE: Final = "role=system"
_NEW_TURN: Final = "turn=new"
_RAW: Final = "message=raw"
"""Form marks: a system message among the others; a message beside another of its role; a message that is none."""


def decode_system(found: Any) -> Message | None:
    """The system prompt as a leading message; None where it has another shape."""
    if not is_list(found):
        return None
    parts = decode_blocks(found, "system")
    return Message("system", parts, wire=None if parts else residual({}, "content=empty"))


def decode_messages(found: Sequence[Any], issuer: Origin) -> list[Message]:
    """The conversation. Assistant messages are taken as the issuer's."""
    messages: list[Message] = []
    previous: object = None
    for raw in found:
        role: Any = raw.get("role") if is_object(raw) else None
        if role not in ("user", "assistant", "system"):
            whole = Unknown(dialect=NAME, vendor_type=None, raw=raw)
            messages.append(Message("user", (whole,), wire=residual({}, _RAW)))
            previous = None
            continue
        messages += _decode_message(raw, role, issuer, again=role == previous)
        previous = role
    return messages


def _decode_message(raw: JsonObject, role: Role, issuer: Origin, *, again: bool) -> list[Message]:
    left = {key: each for key, each in raw.items() if key != "role"}
    form = [_NEW_TURN] if again else []
    parts: tuple[Part, ...] = ()
    if is_list(left.get("content")):
        parts = decode_blocks(left.pop("content"), "assistant" if role == "assistant" else "user")
        form += [] if parts else ["content=empty"]
    else:
        form.append("content=residue" if "content" in left else "content=absent")
    match role:
        case "assistant":
            return [Message("assistant", parts, origin=issuer, wire=residual(left, *form))]
        case "system":
            return [Message("system", parts, wire=residual(left, *form, _IN_PLACE))]
        case _:
            return _split(parts, residual(left, *form))


def _split(parts: tuple[Part, ...], wire: Wire | None) -> list[Message]:
    """A user message as our `tool` and `user` messages, in order. Unmarked, they are joined again."""
    if not any(map(is_result, parts)):
        return [Message("user", parts, wire=wire)]
    runs = [(are_results, tuple(run)) for are_results, run in groupby(parts, is_result)]
    return [
        Message("tool" if are_results else "user", run, wire=None if position else wire)
        for position, (are_results, run) in enumerate(runs)
    ]


def encode_messages(ctx: Encoding, messages: Sequence[Message]) -> tuple[list[Any] | None, list[Any]]:
    """The system prompt, and the messages on the wire."""
    head = 1 if messages and messages[0].role == "system" else 0
    talk = None if ctx.native else plain_talk(messages[head:], NAME, _said)
    if talk is None:
        return _encode_all(ctx, messages)
    return (_encode_all(ctx, messages[:head])[0] if head else None), talk


def _said(role: str, text: str) -> JsonObject:
    return {"role": role, "content": [{"text": text}]}


def _encode_all(ctx: Encoding, messages: Sequence[Message]) -> tuple[list[Any] | None, list[Any]]:
    leading: list[Message] = []
    turns: list[Turn] = []
    for position, message in enumerate(messages):
        lose_unsaid(ctx.log, message)
        if message.role not in ("system", "developer"):
            _add(ctx, turns, message, "assistant" if message.role == "assistant" else "user")
        elif not turns and _IN_PLACE not in form_of(message.wire):
            leading.append(message)
        elif _stays(ctx, messages, position):
            _add(ctx, turns, message, "system")
        else:
            ctx.log.lose("role.moved", message, "role")
            leading.append(message)
    system = _encode_system(ctx, leading)
    if not ctx.native:
        turns = repair(ctx, turns)
    for turn in turns:
        if turn.joined:
            turn.lose_merged(ctx.log)
    return system, [turn.encode() for turn in turns]


def _stays(ctx: Encoding, messages: Sequence[Message], position: int) -> bool:
    """Whether a system message may stand where it stands: after the user's, and last or before the assistant's."""
    if ctx.native or not ctx.allows("mid_conversation_system"):
        return ctx.allows("mid_conversation_system")
    before = messages[position - 1].role if position else None
    after = messages[position + 1].role if position + 1 < len(messages) else "assistant"
    return before in ("user", "tool") and after == "assistant"


def _add(ctx: Encoding, turns: list[Turn], message: Message, role: Place) -> None:
    form = form_of(message.wire)
    if _RAW in form and ctx.native:
        turns.append(Turn.raw(message))
        return
    turn = _encode_turn(ctx, message, role)
    if not turn.blocks and not ctx.native:
        ctx.log.lose("message.empty", message)
        ctx.log.lose_wire(message, message.wire)
        return
    if message.wire is not None:
        turn.residue, _ = ctx.own(message, message.wire, message.origin)
    last = turns[-1] if turns else None
    if last is None or last.role != role or (ctx.native and _NEW_TURN in form):
        turns.append(turn)
    else:
        last.join(turn)


def _encode_turn(ctx: Encoding, message: Message, role: Place) -> Turn:
    turn = Turn(role, form=form_of(message.wire))
    owner = Owner(message)
    for block, part in encode_blocks(ctx, message.parts, message.origin, role):
        if message.role == "tool" and not isinstance(part, ToolResult) and not ctx.native:
            ctx.log.lose("role.moved", part)
        turn.add(block, part, owner)
    return turn


def _encode_system(ctx: Encoding, leading: Sequence[Message]) -> list[Any] | None:
    if not leading:
        return None
    blocks: list[Any] = []
    for message in leading:
        ctx.log.lose_wire(message, message.wire)
        said = [block for block, _ in encode_blocks(ctx, message.parts, message.origin, "system")]
        if not said and not ctx.native:
            ctx.log.lose("message.empty", message)
        elif blocks:
            ctx.log.lose("message.merged", message)
        blocks += said
    return blocks if blocks or "content=empty" in form_of(leading[0].wire) else None
