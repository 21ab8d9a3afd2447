"""Turns on the wire, and the order that the vendor demands of what was not written for it."""

from typing import Any

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.types import JsonObject, Part
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.anthropic_messages.encoding import Encoding
from offramp_providers.dialects.shapes import is_object
from offramp_providers.dialects.turns import BEGIN, CONTINUE, NO_RESULT, BlockTurn, Owner


def is_plain_text(block: Any) -> bool:
    """Whether the block is nothing but text, so that it could stand as a string."""
    return is_object(block) and len(block) == 2 and block.get("type") == "text"


class Turn(BlockTurn):
    """One message on the wire while it is put together."""

    __slots__ = ()

    @override
    def holds_result(self, position: int) -> bool:
        """Whether a result stands there, which may be one that nobody could read."""
        return bool(_type(self.blocks[position]) == "tool_result")

    def encode(self) -> Any:
        """The message."""
        if self.role == "raw":
            return self.blocks[0]
        message: JsonObject = {"role": self.role, "content": self.blocks}
        if self.form:
            if "content=string" in self.form and len(self.blocks) == 1 and is_plain_text(self.blocks[0]):
                message["content"] = self.blocks[0]["text"]
            elif not self.blocks and ("content=absent" in self.form or "content" in self.residue):
                del message["content"]
        return under(self.residue, message)


def repair(ctx: Encoding, turns: list[Turn]) -> list[Turn]:
    """The turns as the vendor demands them: a result right after every call, the user first and last."""
    repaired: list[Turn] = []
    calls: dict[str, Part] = {}
    for turn in turns:
        if turn.role == "user":
            _settle(ctx, turn, calls)
            calls = {}
        elif turn.role == "assistant":
            if calls:
                _append(repaired, _answers(ctx, calls))
            calls = _calls_of(turn)
        _append(repaired, turn)
    if calls:
        _append(repaired, _answers(ctx, calls))
    return _with_ends(ctx, repaired)


def _append(turns: list[Turn], turn: Turn) -> None:
    """Add a turn; where an emptied one has left two of a role side by side, they are joined."""
    if not turn.blocks:
        return
    if turns and turns[-1].role == turn.role and "turn=new" not in turn.form:
        turns[-1].join(turn)
    else:
        turns.append(turn)


def _calls_of(turn: Turn) -> dict[str, Part]:
    return {
        block["id"]: node for block, node in zip(turn.blocks, turn.nodes, strict=True) if _type(block) == "tool_use"
    }


def _type(block: Any) -> Any:
    return block.get("type") if is_object(block) else None


def _settle(ctx: Encoding, turn: Turn, calls: dict[str, Part]) -> None:
    """Put the results of the calls before all else; name those without a call, and those that are missing."""
    if not calls and "tool_result" not in [_type(block) for block in turn.blocks]:
        return
    open_calls = dict(calls)
    results, others, orphaned = Turn("user"), Turn("user"), list[Owner | None]()
    for block, node, owner in zip(turn.blocks, turn.nodes, turn.owners, strict=True):
        if _type(block) != "tool_result":
            others.add(block, node, owner)
        elif open_calls.pop(block["tool_use_id"], None) is None:
            ctx.log.lose("tool_result.orphan", node)
            orphaned.append(owner)
        else:
            if others.blocks:
                ctx.log.lose("part_order", node)
            results.add(block, node, owner)
    results.join(_answers(ctx, open_calls))
    results.join(others)
    turn.replace_content(results)
    turn.lose_emptied(ctx.log, orphaned)


def _answers(ctx: Encoding, calls: dict[str, Part]) -> Turn:
    """Results for calls that have none."""
    turn = Turn("user")
    for call_id, node in calls.items():
        ctx.log.lose("tool_result.injected", node)
        content = [{"type": "text", "text": NO_RESULT}]
        turn.add({"type": "tool_result", "tool_use_id": call_id, "content": content, "is_error": True}, node, None)
    return turn


def _with_ends(ctx: Encoding, turns: list[Turn]) -> list[Turn]:
    """The user's turn first, and last where the vendor does not continue the assistant's."""
    if not turns:
        return turns
    if turns[0].role != "user":
        ctx.log.lose("text.injected", turns[0].nodes[0])
        turns.insert(0, _said(BEGIN, turns[0].nodes[0]))
    if turns[-1].role == "assistant" and not ctx.allows("prefill"):
        ctx.log.lose("text.injected", turns[-1].nodes[-1])
        turns.append(_said(CONTINUE, turns[-1].nodes[-1]))
    return turns


def _said(text: str, node: Part) -> Turn:
    turn = Turn("user")
    turn.add({"type": "text", "text": text}, node, None)
    return turn
