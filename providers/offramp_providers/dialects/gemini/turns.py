"""Turns on the wire, and the order that the vendor demands of what was not written for it."""

from typing import Any, Final

from offramp.types import JsonMapping, JsonObject, Message, Part, ToolCall, ToolResult
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.gemini.encoding import Encoding
from offramp_providers.dialects.gemini.tool_parts import sent_id
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.shapes import is_object
from offramp_providers.dialects.turns import BEGIN, CONTINUE, NO_RESULT

_STAND_IN: Final = "skip_thought_signature_validator"
"""The vendor's stand-in for a signature that a call never had (docs.apiyi.com thought-signature FAQ of 2026-10, read
2026-11-23)."""


class Turn:
    """One content on the wire while it is put together."""

    __slots__ = ("blocks", "form", "nodes", "residue", "role", "source")

    def __init__(self, role: str, *, source: str, form: tuple[str, ...] = ()) -> None:
        self.role = role
        self.source = source
        """The canonical role of what was added last."""
        self.form = form
        self.blocks: list[Any] = []
        self.nodes: list[Part] = []
        """The canonical part of each block."""
        self.residue: JsonMapping = {}

    @classmethod
    def raw(cls, message: Message) -> "Turn":
        """What a sender wrote in place of a content."""
        turn = cls("raw", source="raw")
        turn.nodes = list(message.parts)
        turn.blocks = [getattr(part, "raw", None) for part in message.parts]
        return turn

    @classmethod
    def of_user(cls, blocks: list[Any], nodes: list[Part], *, source: str = "user") -> "Turn":
        """A user's turn of these blocks."""
        turn = cls("user", source=source)
        turn.blocks, turn.nodes = blocks, nodes
        return turn

    def takes(self, other: "Turn", *, authored: bool) -> bool:
        """Whether the next turn belongs into this one: the model's go together, and so do the results of a turn."""
        if authored or self.role != other.role:
            return False
        return self.role == "model" or (self.source, other.source) == ("tool", "tool")

    def join(self, other: "Turn") -> None:
        """Take in the next message."""
        self.blocks += other.blocks
        self.nodes += other.nodes
        self.residue = {**self.residue, **other.residue}
        self.source = other.source

    def encode(self) -> Any:
        """The content."""
        if self.role == "raw":
            return self.blocks[0]
        content: JsonObject = {"role": self.role, "parts": self.blocks}
        if self.form:
            if "role=absent" in self.form:
                del content["role"]
            elif "role=function" in self.form:
                content["role"] = "function"
            if not self.blocks and ("parts=absent" in self.form or "parts=residue" in self.form):
                del content["parts"]
        return under(self.residue, content)


def repair(ctx: Encoding, turns: list[Turn]) -> list[Turn]:
    """The turns as the vendor demands them: a result right after every call, and the user last."""
    repaired: list[Turn] = []
    calls: dict[str, Part] = {}
    for turn in turns:
        if turn.role == "model":
            if calls:
                _append(ctx, repaired, _answers(ctx, calls))
            calls = {node.call_id: node for node in turn.nodes if is_call(node)}
            _append(ctx, repaired, turn)
        elif not calls and not any(type(node) is ToolResult for node in turn.nodes):
            _append(ctx, repaired, turn)
        else:
            for settled in _settle(ctx, turn, calls):
                _append(ctx, repaired, settled)
            calls = {}
    if calls:
        _append(ctx, repaired, _answers(ctx, calls))
    repaired = _with_ends(ctx, repaired)
    if ctx.allows("signed_calls"):
        _sign(ctx, repaired)
    return repaired


def _append(ctx: Encoding, turns: list[Turn], turn: Turn) -> None:
    if not turn.blocks:
        return
    if turns and turns[-1].role == turn.role == "model":
        ctx.log.lose("message.merged", turn.nodes[0])
        turns[-1].join(turn)
    else:
        turns.append(turn)


def _settle(ctx: Encoding, turn: Turn, calls: dict[str, Part]) -> list[Turn]:
    """The results of the calls in their order, and all else in a turn behind them; what is missing is injected."""
    found: dict[str, tuple[Any, Part]] = {}
    others: list[tuple[Any, Part]] = []
    for block, node in zip(turn.blocks, turn.nodes, strict=True):
        if not isinstance(node, ToolResult):
            others.append((block, node))
        elif node.call_id not in calls or node.call_id in found:
            ctx.log.lose("tool_result.orphan", node)
        else:
            if others:
                ctx.log.lose("part_order", node)
            found[node.call_id] = (block, node)
    _name_order(ctx, list(found), list(calls), found)
    missing = _answers(ctx, {call_id: node for call_id, node in calls.items() if call_id not in found})
    by_id = found | {
        node.call_id: (block, node)
        for block, node in zip(missing.blocks, missing.nodes, strict=True)
        if isinstance(node, ToolCall)
    }
    results = [by_id[call_id] for call_id in calls]
    settled = Turn.of_user([block for block, _ in results], [node for _, node in results], source="tool")
    rest = Turn.of_user([block for block, _ in others], [node for _, node in others])
    (settled if results else rest).residue = turn.residue
    return [settled, rest]


def _name_order(ctx: Encoding, found: list[str], calls: list[str], nodes: dict[str, tuple[Any, Part]]) -> None:
    """Name each result that comes to stand in another place among the results."""
    ordered = [call_id for call_id in calls if call_id in nodes]
    for before, after in zip(found, ordered, strict=True):
        if before != after:
            ctx.log.lose("part_order", nodes[before][1])


def _answers(ctx: Encoding, calls: dict[str, Part]) -> Turn:
    """Results for calls that have none."""
    turn = Turn("user", source="tool")
    for call_id, node in calls.items():
        ctx.log.lose("tool_result.injected", node)
        name, identified = ctx.calls[call_id]
        inner: JsonObject = {"name": name, "response": {"error": NO_RESULT}}
        if identified:
            inner["id"] = sent_id(call_id)
        turn.blocks.append({"functionResponse": inner})
        turn.nodes.append(node)
    return turn


def _with_ends(ctx: Encoding, turns: list[Turn]) -> list[Turn]:
    """The user's turn before a call, and last where the vendor does not continue the model's."""
    if not turns:
        return turns
    if turns[0].role == "model" and any(map(is_call, turns[0].nodes)):
        ctx.log.lose("text.injected", turns[0].nodes[0])
        turns.insert(0, Turn.of_user([{"text": BEGIN}], [turns[0].nodes[0]]))
    if turns[-1].role == "model" and not ctx.allows("prefill"):
        ctx.log.lose("text.injected", turns[-1].nodes[-1])
        turns.append(Turn.of_user([{"text": CONTINUE}], [turns[-1].nodes[-1]]))
    return turns


def _sign(ctx: Encoding, turns: list[Turn]) -> None:
    """Give the first call of each step of the current turn a signature, where it has none."""
    for turn in reversed(turns):
        if turn.role == "user" and turn.source != "tool":
            return
        if turn.role != "model":
            continue
        first = next((n for n, block in enumerate(turn.blocks) if is_object(block) and "functionCall" in block), None)
        if first is not None and "thoughtSignature" not in turn.blocks[first]:
            ctx.log.lose("signature.injected", turn.nodes[first])
            turn.blocks[first] = {**turn.blocks[first], "thoughtSignature": _STAND_IN}
