"""How a block of a stream begins and goes on."""

from offramp.types import (
    ArgumentsDelta,
    CitationDelta,
    Event,
    JsonObject,
    OpaqueDelta,
    Part,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCall,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.bedrock_converse.encoding import NAME
from offramp_providers.dialects.encoding import NOTHING


def start_of(part: Part) -> JsonObject:
    """How a call begins; its input comes in pieces. No other block of ours says that it begins."""
    if not isinstance(part, ToolCall):
        return {}
    inner: JsonObject = {"toolUseId": part.call_id, "name": part.name}
    if part.executor == "vendor":
        inner["type"] = "server_tool_use"
    residue = part.wire.fields if part.wire is not None and part.wire.dialect == NAME else NOTHING
    return under(residue, {"toolUse": inner})


def delta_of(event: Event, index: int | None = None) -> JsonObject:
    """What a piece says, at its own index or another."""
    delta: JsonObject
    match event:
        case TextDelta() | RefusalDelta():
            delta = {"text": event.text}
        case ArgumentsDelta():
            delta = {"toolUse": {"input": event.text}}
        case ReasoningDelta():
            delta = {"reasoningContent": {"text": event.text}}
        case OpaqueDelta():
            delta = {"reasoningContent": {"signature": event.opaque.data}}
        case CitationDelta():
            delta = {"citation": event.citation.raw}
        case _:
            raise AssertionError(event.type)
    return {"delta": delta, "contentBlockIndex": event.index if index is None else index}


def whole_of(block: JsonObject, index: int) -> list[tuple[str, JsonObject]]:
    """The wire events of a block that was collected: their names and what they say."""
    match block:
        case {"toolResult": {"content": content, **start}}:
            pieces = [("contentBlockStart", {"start": {"toolResult": start}}), _said({"toolResult": content})]
        case {"image": {"source": source, **start}}:
            pieces = [("contentBlockStart", {"start": {"image": start}}), _said({"image": {"source": source}})]
        case {"reasoningContent": hidden}:
            pieces = [_said({"reasoningContent": hidden})]
        case _:
            return []
    return [(name, {**data, "contentBlockIndex": index}) for name, data in pieces]


def _said(delta: JsonObject) -> tuple[str, JsonObject]:
    return "contentBlockDelta", {"delta": delta}
