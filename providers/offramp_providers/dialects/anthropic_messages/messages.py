"""Messages, each way: the system prompt apart, and the results of one turn in the user message that follows it."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from offramp.types import JsonObject, Message, Origin, Part, Role, Text, ToolResult, Unknown, Wire
from offramp_providers.dialects.anthropic_messages.encoding import DROPPED, NAME, Encoding, form_of, residual, with_form
from offramp_providers.dialects.anthropic_messages.parts import Place, decode_parts, encode_part
from offramp_providers.dialects.anthropic_messages.turns import Turn, is_plain_text, repair
from offramp_providers.dialects.part_kinds import is_result
from offramp_providers.dialects.plain_talk import plain_talk
from offramp_providers.dialects.shapes import is_list, is_object
from offramp_providers.dialects.turns import Owner, lose_unsaid

_STRING: Final = Wire(dialect=NAME, form=("content=string",))
_IN_PLACE: Final = "role=system"
_NEW_TURN: Final = "turn=new"
_RAW: Final = "message=raw"
"""Form marks: text instead of blocks; a system message among the others; a message beside another of its role; a
message that is none."""


def decode_system(content: Any) -> Message | None:
    """The top-level system prompt as a leading message; None where it is neither text nor blocks."""
    if isinstance(content, str):
        return Message("system", (Text(content),), wire=_STRING)
    if is_list(content):
        parts = decode_parts(content)
        return Message("system", parts, wire=None if parts else residual({}, "content=empty"))
    return None


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
        first, *others = _decode_message(raw, role, issuer)
        if role == previous:
            first = Message(first.role, first.parts, origin=first.origin, wire=with_form(first.wire, _NEW_TURN))
        messages.append(first)
        messages.extend(others)
        previous = role
    return messages


def _decode_message(raw: JsonObject, role: Role, issuer: Origin) -> list[Message]:
    left = {} if len(raw) == 2 else {key: each for key, each in raw.items() if key not in ("role", "content")}
    content: Any = raw.get("content")
    wire = None
    parts: tuple[Part, ...] = ()
    if isinstance(content, str):
        parts = (Text(content),)
        wire = residual(left, "content=string") if left else _STRING
    elif is_list(content):
        parts = decode_parts(content)
        wire = residual(left) if parts else residual(left, "content=empty")
    elif "content" in raw:
        wire = residual({**left, "content": content}, "content=residue")
    else:
        wire = residual(left, "content=absent")
    match role:
        case "assistant":
            return [Message("assistant", parts, origin=issuer, wire=wire)]
        case "system":
            return [Message("system", parts, wire=with_form(wire, _IN_PLACE))]
        case _:
            return _split(parts, wire)


def _split(parts: tuple[Part, ...], wire: Wire | None) -> list[Message]:
    """A user message as our `tool` and `user` messages, in order. Unmarked, they are joined again."""
    if not any(isinstance(part, ToolResult) for part in parts):
        return [Message("user", parts, wire=wire)]
    runs = [(are_results, tuple(run)) for are_results, run in groupby(parts, is_result)]
    return [
        Message("tool" if are_results else "user", run, wire=None if position else wire)
        for position, (are_results, run) in enumerate(runs)
    ]


def encode_messages(ctx: Encoding, messages: Sequence[Message]) -> tuple[str | list[Any] | None, list[Any]]:
    """The system prompt, and the messages on the wire."""
    head = 1 if messages and messages[0].role == "system" else 0
    talk = None if ctx.authored else plain_talk(messages[head:], NAME, _said)
    if talk is None:
        return _encode_all(ctx, messages)
    return _encode_all(ctx, messages[:head])[0] if head else None, talk


def _said(role: str, text: str) -> JsonObject:
    return {"role": role, "content": [{"type": "text", "text": text}]}


def _encode_all(ctx: Encoding, messages: Sequence[Message]) -> tuple[str | list[Any] | None, list[Any]]:
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
    if not ctx.authored:
        turns = repair(ctx, turns)
    for turn in turns:
        if turn.joined:
            turn.lose_merged(ctx.log)
    return system, [turn.encode() for turn in turns]


def _stays(ctx: Encoding, messages: Sequence[Message], position: int) -> bool:
    """Whether a system message may stand where it stands: after the user's, and last or before the assistant's."""
    if _IN_PLACE in form_of(messages[position].wire) and "mid_conversation_system" not in ctx.options:
        return True
    if ctx.authored or not ctx.allows("mid_conversation_system"):
        return ctx.allows("mid_conversation_system")
    before = messages[position - 1].role if position else None
    after = messages[position + 1].role if position + 1 < len(messages) else "assistant"
    return before in ("user", "tool") and after == "assistant"


def _add(ctx: Encoding, turns: list[Turn], message: Message, role: Place) -> None:
    form = form_of(message.wire)
    if _RAW in form and ctx.authored:
        turns.append(Turn.raw(message))
        return
    turn = _encode_turn(ctx, message, role)
    if not turn.blocks and not (ctx.authored or form):
        ctx.log.lose("message.empty", message)
        ctx.log.lose_wire(message, message.wire)
        return
    if message.wire is not None:
        turn.residue = ctx.residue(message, message.wire, message.origin)
    last = turns[-1] if turns else None
    if last is None or last.role != role or _NEW_TURN in form:
        turns.append(turn)
        return
    last.join(turn)


def _encode_turn(ctx: Encoding, message: Message, role: Place) -> Turn:
    turn = Turn(role, form=form_of(message.wire))
    origin, owner = message.origin, Owner(message)
    for part in message.parts:
        block = encode_part(ctx, part, origin, role)
        if block is not DROPPED:
            if message.role == "tool" and not isinstance(part, ToolResult) and not ctx.authored:
                ctx.log.lose("role.moved", part)
            turn.add(block, part, owner)
    return turn


def _encode_system(ctx: Encoding, leading: Sequence[Message]) -> str | list[Any] | None:
    if not leading:
        return None
    blocks: list[Any] = []
    for message in leading:
        ctx.log.lose_wire(message, message.wire)
        said = [encode_part(ctx, part, message.origin, "system") for part in message.parts]
        said = [block for block in said if block is not DROPPED]
        if not said and not form_of(message.wire):
            ctx.log.lose("message.empty", message)
        elif blocks:
            ctx.log.lose("message.merged", message)
        blocks += said
    form = form_of(leading[0].wire)
    if "content=string" in form and len(blocks) == 1 and is_plain_text(blocks[0]):
        text: str = blocks[0]["text"]
        return text
    return blocks if blocks or "content=empty" in form else None
