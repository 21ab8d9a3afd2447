"""Contents, each way: the system prompt apart, and the results of one turn in a content of their own."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from offramp.types import JsonObject, Message, Origin, Part, Text, Unknown, Wire
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.call_ids import CallIds
from offramp_providers.dialects.gemini.encoding import DROPPED, NAME, Encoding, form_of, residual
from offramp_providers.dialects.gemini.parts import Place, decode_parts, encode_part, is_plain
from offramp_providers.dialects.gemini.turns import Turn, repair
from offramp_providers.dialects.part_kinds import is_result
from offramp_providers.dialects.plain_talk import plain_talk
from offramp_providers.dialects.shapes import is_list, is_object
from offramp_providers.dialects.turns import lose_unsaid

_RAW: Final = "message=raw"
"""Marks a content that is none, or of no role that the vendor has."""
_JOINED: Final = "content=joined"
"""Marks what stood in one content with the message before."""
_USERS: Final = ("user", "function")
"""Roles of what is said to the model; the second is the results' in older clients."""


def decode_system(found: Any) -> Message | None:
    """The system prompt as a leading message; None where it has another shape."""
    if not is_object(found) or not is_list(found.get("parts")):
        return None
    left = dict(found)
    parts = decode_parts(left.pop("parts"), CallIds("system"))
    form: list[str] = []
    role: Any = left.get("role")
    if role in ("user", "system"):
        del left["role"]
        form.append(f"role={role}")
    return Message("system", parts, wire=residual(left, form if parts else [*form, "parts=empty"]))


def decode_contents(found: Sequence[Any], issuer: Origin) -> list[Message]:
    """The conversation. The model's contents are taken as the issuer's."""
    messages: list[Message] = []
    ids = CallIds("0")
    for position, raw in enumerate(found):
        messages += _decode_content(raw, position, ids, issuer)
    return messages


def _decode_content(raw: Any, position: int, ids: CallIds, issuer: Origin) -> list[Message]:
    role: Any = raw.get("role", "user") if is_object(raw) else None
    if role != "model" and role not in _USERS:
        whole = Unknown(dialect=NAME, vendor_type=None, raw=raw)
        return [Message("user", (whole,), wire=residual({}, [_RAW]))]
    left: JsonObject = dict(raw)
    form = [] if "role" in left else ["role=absent"]
    left.pop("role", None)
    if role == "function":
        form.append("role=function")
    elif role == "model":
        ids.begin_turn(str(position))
    parts: tuple[Part, ...] = ()
    if is_list(left.get("parts")):
        parts = decode_parts(left.pop("parts"), ids)
        form += [] if parts else ["parts=empty"]
    else:
        form.append("parts=residue" if "parts" in left else "parts=absent")
    wire = residual(left, form)
    if role == "model":
        return [Message("assistant", parts, origin=issuer, wire=wire)]
    return _split(parts, wire)


def _split(parts: tuple[Part, ...], wire: Wire | None) -> list[Message]:
    """A user's content as our `tool` and `user` messages, in order."""
    if not any(map(is_result, parts)):
        return [Message("user", parts, wire=wire)]
    runs = [(are_results, tuple(run)) for are_results, run in groupby(parts, is_result)]
    joined = Wire(dialect=NAME, form=(_JOINED,))
    return [
        Message("tool" if are_results else "user", run, wire=joined if position else wire)
        for position, (are_results, run) in enumerate(runs)
    ]


def encode_messages(ctx: Encoding, messages: Sequence[Message]) -> tuple[JsonObject | None, list[Any]]:
    """The system prompt, and the contents on the wire."""
    head = 1 if messages and messages[0].role == "system" else 0
    talk = None if ctx.authored else plain_talk(messages[head:], NAME, _said)
    if talk is None:
        return _encode_all(ctx, messages)
    return (_encode_all(ctx, messages[:head])[0] if head else None), talk


def _said(role: str, text: str) -> JsonObject:
    return {"role": "user" if role == "user" else "model", "parts": [{"text": text}]}


def _encode_all(ctx: Encoding, messages: Sequence[Message]) -> tuple[JsonObject | None, list[Any]]:
    leading: list[Message] = []
    turns: list[Turn] = []
    for message in messages:
        lose_unsaid(ctx.log, message)
        if message.role in ("system", "developer"):
            if turns:
                ctx.log.lose("role.moved", message, "role")
            leading.append(message)
        else:
            _add(ctx, turns, message)
    system = _encode_system(ctx, leading)
    if not ctx.authored:
        turns = repair(ctx, turns)
    return system, [turn.encode() for turn in turns]


def _add(ctx: Encoding, turns: list[Turn], message: Message) -> None:
    form = form_of(message.wire)
    if _RAW in form and ctx.authored:
        turns.append(Turn.raw(message))
        return
    turn = _encode_turn(ctx, message, form)
    if not turn.blocks and not ctx.authored:
        ctx.log.lose("message.empty", message)
        ctx.log.lose_wire(message, message.wire)
        return
    if message.wire is not None:
        turn.residue = ctx.residue(message, message.wire, message.origin)
    last = turns[-1] if turns else None
    if last is not None and ((_JOINED in form and last.role == "user") or last.takes(turn, authored=ctx.authored)):
        if turn.role == "model":
            ctx.log.lose("message.merged", message)
        last.join(turn)
    else:
        turns.append(turn)
    if ctx.moved:
        turns.append(Turn.of_user([block for block, _ in ctx.moved], [node for _, node in ctx.moved]))
        ctx.moved = []


def _encode_turn(ctx: Encoding, message: Message, form: tuple[str, ...]) -> Turn:
    place: Place = "model" if message.role == "assistant" else "user"
    turn = Turn(place, source=message.role, form=form)
    for part in message.parts:
        if type(part) is Text and is_plain(part):
            # Most parts of most conversations.
            block: Any = {"text": part.text}
        else:
            block = encode_part(ctx, part, message.origin, place)
        if block is not DROPPED:
            turn.blocks.append(block)
            turn.nodes.append(part)
            if message.role == "tool" and not is_result(part):
                ctx.log.lose("role.moved", part)
    return turn


def _encode_system(ctx: Encoding, leading: Sequence[Message]) -> JsonObject | None:
    if not leading:
        return None
    blocks: list[Any] = []
    residue: JsonObject = {}
    for message in leading:
        residue.update(ctx.residue(message, message.wire))
        said = [encode_part(ctx, part, message.origin, "system") for part in message.parts]
        said = [block for block in said if block is not DROPPED]
        if not said and not ctx.authored:
            ctx.log.lose("message.empty", message)
        elif blocks:
            ctx.log.lose("message.merged", message)
        blocks += said
    form = form_of(leading[0].wire)
    if not blocks and "parts=empty" not in form:
        return None
    system: JsonObject = {"parts": blocks}
    for role in ("user", "system"):
        if f"role={role}" in form:
            system["role"] = role
    return under(residue, system)
