"""Turns on the wire, and the order that the vendor demands of what was not written for it."""

from typing import Any, Final

from offramp.types import JsonMapping, JsonObject, Media, Message, Part, ToolCall, ToolResult
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.bedrock_converse.encoding import Encoding
from offramp_providers.dialects.bedrock_converse.tool_parts import sent_id

_NO_RESULT: Final = "No result of this call was recorded."
_BEGIN: Final = "(The conversation begins.)"
_CONTINUE: Final = "Continue."
_SEE: Final = "(See the document.)"
"""What is injected where the vendor demands content. Each is a loss by name."""


class Owner:
    """A canonical message at one place of the conversation, where the same value may stand twice."""

    __slots__ = ("message",)

    def __init__(self, message: Message) -> None:
        self.message = message


class Turn:
    """One message on the wire while it is put together."""

    __slots__ = ("blocks", "form", "joined", "nodes", "owners", "residue", "role")

    def __init__(self, role: str, *, form: tuple[str, ...] = ()) -> None:
        self.role = role
        self.form = form
        self.joined = False
        """Whether it holds blocks of several messages."""
        self.blocks: list[Any] = []
        self.nodes: list[Part] = []
        """The canonical part of each block."""
        self.owners: list[Owner | None] = []
        """Whence each block comes; None where it was put in."""
        self.residue: JsonMapping = {}

    @classmethod
    def raw(cls, message: Message) -> "Turn":
        """What a sender wrote in place of a message."""
        turn = cls("raw")
        owner = Owner(message)
        for part in message.parts:
            turn.add(getattr(part, "raw", None), part, owner)
        return turn

    @classmethod
    def said(cls, text: str, node: Part) -> "Turn":
        """A user's turn of a text that was put in because of this part."""
        turn = cls("user")
        turn.add({"text": text}, node, None)
        return turn

    def add(self, block: Any, node: Part, owner: Owner | None) -> None:
        """Add a block, and where it comes from."""
        self.blocks.append(block)
        self.nodes.append(node)
        self.owners.append(owner)

    def join(self, other: "Turn") -> None:
        """Take in the next message of the same role."""
        self.blocks += other.blocks
        self.nodes += other.nodes
        self.owners += other.owners
        self.residue = {**self.residue, **other.residue}
        self.joined = True
        self.form = ()

    def lose_merged(self, ctx: Encoding) -> None:
        """Name each message that cannot be told from the one before it. Results stand in messages of their own."""
        before: Owner | None = None
        was_result = False
        for node, owner in zip(self.nodes, self.owners, strict=True):
            is_result = _is_result(node)
            if owner is not None and before is not None and owner is not before and is_result == was_result:
                ctx.log.lose("message.merged", owner.message)
            before, was_result = owner, is_result

    def encode(self) -> Any:
        """The message."""
        if self.role == "raw":
            return self.blocks[0]
        message: JsonObject = {"role": self.role, "content": self.blocks}
        if not self.blocks and ("content=absent" in self.form or "content" in self.residue):
            del message["content"]
        return under(self.residue, message)


def _is_result(node: Part) -> bool:
    return isinstance(node, ToolResult) and node.executor == "client"


def _is_call(node: Part) -> bool:
    return isinstance(node, ToolCall) and node.executor == "client"


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
            calls = {node.call_id: node for node in turn.nodes if isinstance(node, ToolCall) and _is_call(node)}
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
    if not calls and not any(map(_is_result, turn.nodes)):
        return
    open_calls = dict(calls)
    results, others, orphaned = Turn("user"), Turn("user"), list[Owner | None]()
    settled: Turn | None = None
    for block, node, owner in zip(turn.blocks, turn.nodes, turn.owners, strict=True):
        if not isinstance(node, ToolResult) or not _is_result(node):
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
    turn.blocks, turn.nodes, turn.owners = results.blocks, results.nodes, results.owners
    _lose_emptied(ctx, orphaned, turn)


def _lose_emptied(ctx: Encoding, orphaned: list[Owner | None], turn: Turn) -> None:
    """Name each message of which nothing is left."""
    left = set(turn.owners)
    for owner in dict.fromkeys(orphaned):
        if owner is not None and owner not in left:
            ctx.log.lose("message.empty", owner.message)


def _answers(ctx: Encoding, calls: dict[str, Part]) -> Turn:
    """Results for calls that have none."""
    turn = Turn("user")
    for node in calls.values():
        if isinstance(node, ToolCall):
            ctx.log.lose("tool_result.injected", node)
            inner: JsonObject = {"toolUseId": sent_id(ctx, node), "content": [{"text": _NO_RESULT}]}
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
        turns.insert(0, Turn.said(_BEGIN, turns[0].nodes[0]))
    if turns[-1].role == "assistant" and not ctx.allows("prefill"):
        ctx.log.lose("text.injected", turns[-1].nodes[-1])
        turns.append(Turn.said(_CONTINUE, turns[-1].nodes[-1]))
    return turns
