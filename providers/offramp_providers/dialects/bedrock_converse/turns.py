"""Turns on the wire, and the order that the vendor demands of what was not written for it."""

from typing import Any, Final

from offramp.types import JsonObject, Media, Part, ToolCall
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.bedrock_converse.encoding import Encoding
from offramp_providers.dialects.bedrock_converse.tool_parts import sent_id
from offramp_providers.dialects.part_kinds import is_call, is_result
from offramp_providers.dialects.turns import BEGIN, CONTINUE, NO_RESULT, BlockTurn, Owner

_SEE: Final = "(See the document.)"
"""What is injected beside a document. A loss by name."""


class Turn(BlockTurn):
    """One message on the wire while it is put together."""

    __slots__ = ()

    @classmethod
    def said(cls, text: str, node: Part) -> "Turn":
        """A user's turn of a text that was put in because of this part."""
        turn = cls("user")
        turn.add({"text": text}, node, None)
        return turn

    def encode(self) -> Any:
        """The message."""
        if self.role == "raw":
            return self.blocks[0]
        message: JsonObject = {"role": self.role, "content": self.blocks}
        if not self.blocks and ("content=absent" in self.form or "content" in self.residue):
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
            calls = {node.call_id: node for node in turn.nodes if is_call(node)}
        _append(repaired, turn)
    if calls:
        _append(repaired, _answers(ctx, calls))
    for turn in repaired:
        _say_beside_documents(ctx, turn)
    return _with_ends(ctx, repaired)


def _append(turns: list[Turn], turn: Turn) -> None:
    """Add a turn; where an emptied one has left two of a role side by side, they are joined."""
    if not turn.blocks:
        return
    if turns and turns[-1].role == turn.role and turn.role != "raw":
        turns[-1].join(turn)
    else:
        turns.append(turn)


def _settle(ctx: Encoding, turn: Turn, calls: dict[str, Part]) -> None:
    """Put the results of the calls before all else; name those without a call, and those that are missing."""
    if not calls and not any(map(is_result, turn.nodes)):
        return
    open_calls = dict(calls)
    results, others, orphaned = Turn("user"), Turn("user"), list[Owner | None]()
    settled: Turn | None = None
    for block, node, owner in zip(turn.blocks, turn.nodes, turn.owners, strict=True):
        if not is_result(node):
            settled = others
        elif "cachePoint" in block:
            settled = settled if settled is results else None
        elif open_calls.pop(node.call_id, None) is None:
            ctx.log.lose("tool_result.orphan", node)
            orphaned.append(owner)
            settled = None
        else:
            if others.blocks:
                ctx.log.lose("part_order", node)
            settled = results
        if settled is not None:
            settled.add(block, node, owner)
    results.join(_answers(ctx, open_calls))
    results.join(others)
    turn.replace_content(results)
    turn.lose_emptied(ctx.log, orphaned)


def _answers(ctx: Encoding, calls: dict[str, Part]) -> Turn:
    """Results for calls that have none."""
    turn = Turn("user")
    for node in calls.values():
        if isinstance(node, ToolCall):
            ctx.log.lose("tool_result.injected", node)
            inner: JsonObject = {"toolUseId": sent_id(ctx, node), "content": [{"text": NO_RESULT}]}
            if ctx.allows("tool_result_status"):
                inner["status"] = "error"
            turn.add({"toolResult": inner}, node, None)
    return turn


def _say_beside_documents(ctx: Encoding, turn: Turn) -> None:
    """A document needs a text beside it (botocore bedrock-runtime of 2026-08-07, read 2026-11-26)."""
    document = next((node for node in turn.nodes if isinstance(node, Media) and node.kind == "document"), None)
    if document is not None and not any("text" in block for block in turn.blocks):
        ctx.log.lose("text.injected", document)
        turn.add({"text": _SEE}, document, None)


def _with_ends(ctx: Encoding, turns: list[Turn]) -> list[Turn]:
    """The user's turn first, and last where the model does not continue the assistant's."""
    if not turns:
        return turns
    if turns[0].role != "user":
        ctx.log.lose("text.injected", turns[0].nodes[0])
        turns.insert(0, Turn.said(BEGIN, turns[0].nodes[0]))
    if turns[-1].role == "assistant" and not ctx.allows("prefill"):
        ctx.log.lose("text.injected", turns[-1].nodes[-1])
        turns.append(Turn.said(CONTINUE, turns[-1].nodes[-1]))
    return turns
