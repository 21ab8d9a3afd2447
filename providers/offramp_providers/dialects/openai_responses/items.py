"""Items of a turn of the assistant's: messages, reasoning, calls. Each is one part, a message one a block."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from offramp.types import (
    Compaction,
    JsonObject,
    Opaque,
    Origin,
    Part,
    Reasoning,
    Text,
    ToolCall,
    Wire,
    filled,
)
from offramp_providers.dialects.encoding import spelling
from offramp_providers.dialects.openai_responses.encoding import residue_wire
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.parts import decode_block, unknown
from offramp_providers.dialects.shapes import is_list, is_object, take_text

ITEM: Final = "item"
"""Marks the first part of a message item; its residue of that item stands under the same key."""
UNTYPED: Final = "item=untyped"
STRING: Final = "item=string"
"""Mark a message without a type, and one whose content is a string."""
CONTENT: Final = "item=content"
"""Marks a part that goes on in the message item of the part before it."""
STATUS: Final = "status=completed"
"""Marks an item with a status that says no more than that it is complete."""
CUSTOM: Final = "type=custom_tool_call"
"""Marks a call of a custom tool, whose input is free text instead of JSON."""
HAD_CALL_ID: Final = "call_id=given"
NO_SUMMARY: Final = "summary=absent"
EMPTY_CONTENT: Final = "content=empty"
PIECES: Final = "content="
"""Marks of reasoning: no summary, an empty list as its content, and the lengths of several pieces."""

VENDOR_CALLS: Final[Mapping[str, str | None]] = {
    # Item type of a tool that the vendor runs, and where the item says what was asked of it.
    "web_search_call": "action",
    "file_search_call": "queries",
    "code_interpreter_call": "code",
    "image_generation_call": None,
    "mcp_call": "arguments",
    "tool_search_call": "arguments",
}
"""Sources: openai-openapi 2.3.0, read 2026-11-23."""

CLIENT_CALLS: Final = frozenset(
    {"computer_call", "local_shell_call", "shell_call", "apply_patch_call", "mcp_approval_request"}
)
"""Items that wait for the application, and that we have no name for (openai-openapi 2.3.0, read 2026-11-23)."""


def item_id(left: JsonObject) -> tuple[Opaque, ...]:
    """Take the id under which the vendor keeps the item: opaque, and of one account."""
    found = take_text(left, "id")
    return () if found is None else (Opaque("item_id", found, scope="account"),)


def take_status(left: JsonObject) -> tuple[str, ...]:
    """Take a status that says no more than that the item is complete."""
    if left.get("status") != "completed":
        return ()
    del left["status"]
    return (STATUS,)


def decode_item(raw: Any, issuer: Origin) -> tuple[Part, ...]:
    """The parts that an item means; what has no name or another shape is kept whole."""
    kind: Any = raw.get("type", "message") if is_object(raw) else None
    if kind == "message":
        if len(raw) == 2 and raw.get("role") == "assistant" and type(raw.get("content")) is str:
            return (Text(raw["content"], wire=_EASY),)
        return _decode_message(raw, issuer) or (unknown(raw),)
    decode = _DECODERS.get(kind) if type(kind) is str else None
    return ((decode(dict(raw)) if decode else None) or unknown(raw),)


def decode_items(found: Sequence[Any], issuer: Origin) -> tuple[Part, ...]:
    """The parts of several items, in order."""
    parts: list[Part] = []
    for raw in found:
        parts += decode_item(raw, issuer)
    return tuple(parts)


def _decode_message(raw: JsonObject, issuer: Origin) -> tuple[Part, ...]:
    left = dict(raw)
    marks = [ITEM] if left.pop("type", None) else [ITEM, UNTYPED]
    content: Any = left.pop("content", None)
    if type(content) is str:
        content, marks = [{"type": "output_text", "text": content}], [*marks, STRING]
    if left.pop("role", None) != "assistant" or not is_list(content) or not content:
        return ()
    form = (*marks, *take_status(left))
    opaque = item_id(left)
    head = Wire(dialect=NAME, fields={ITEM: left}, form=form) if left else spelling(NAME, form)
    parts = [decode_block(block, issuer, "output_text") for block in content]
    if any(part.wire is not None and ITEM in part.wire.fields for part in parts):
        return ()
    more = [_joined(part, _CONTINUED) for part in parts[1:]]
    return (_joined(parts[0], head, opaque), *more)


_EASY: Final = Wire(dialect=NAME, form=(ITEM, UNTYPED, STRING))
"""Of what most histories hold: a role and a string."""
_CONTINUED: Final = Wire(dialect=NAME, form=(CONTENT,))


def _joined(part: Part, head: Wire, opaque: tuple[Opaque, ...] = ()) -> Part:
    own, wire = part.wire, head
    if own is not None:
        fields, form = {**own.fields, **head.fields}, (*head.form, *own.form)
        wire = Wire(dialect=NAME, fields=fields, form=form) if fields else spelling(NAME, form)
    return filled(part, opaque=opaque, wire=wire)  # it was just decoded


def _decode_call(left: JsonObject) -> Part | None:
    custom = left.pop("type") == "custom_tool_call"
    opaque, form = item_id(left), take_status(left)
    call_id, name = take_text(left, "call_id"), take_text(left, "name")
    arguments = take_text(left, "input" if custom else "arguments")
    if call_id is None or name is None or arguments is None:
        return None
    wire = residue_wire(left, (CUSTOM, *form) if custom else form)
    return ToolCall(call_id, name, arguments, opaque=opaque, wire=wire)


def _decode_vendor_call(left: JsonObject) -> Part | None:
    kind = left.pop("type")
    opaque, call_id = item_id(left), take_text(left, "call_id")
    known = call_id if call_id is not None else opaque[0].data if opaque else None
    if not opaque or known is None or left.get("execution") == "client":
        return None
    asked: Any = left.get(VENDOR_CALLS[kind] or "")
    form = (f"type={kind}",) if call_id is None else (f"type={kind}", HAD_CALL_ID)
    # What was asked stays in the residue too: there it goes back exactly as the vendor wrote it.
    return ToolCall(
        known,
        kind.removesuffix("_call"),
        asked if type(asked) is str else None if asked is None else json.dumps(asked),
        executor="vendor",
        opaque=opaque,
        wire=residue_wire(left, form),
    )


def _decode_reasoning(left: JsonObject) -> Part | None:
    del left["type"]
    opaque, form = item_id(left), list(take_status(left))
    sealed = take_text(left, "encrypted_content")
    if sealed is not None:
        opaque = (*opaque, Opaque("encrypted_reasoning", sealed, scope="account"))
    summary, content = _take_pieces(left, "summary"), _take_pieces(left, "content")
    if (summary is None and left.get("summary") is not None) or (content is None and left.get("content") is not None):
        return None
    if summary is None:
        form.append(NO_SUMMARY)
    if content is not None and len(content) != 1:
        form.append(PIECES + ",".join(str(len(piece)) for piece in content) if content else EMPTY_CONTENT)
    return Reasoning(
        "".join(content) if content else None,
        # The list is always there: an empty one says that there is no summary.
        summary=summary or None,
        opaque=opaque,
        wire=residue_wire(left, tuple(form)),
    )


_PIECE_TYPES: Final = {"summary": "summary_text", "content": "reasoning_text"}


def _take_pieces(left: JsonObject, key: str) -> tuple[str, ...] | None:
    """Take the texts of a list; None, and left alone, where there is none. The residue of each stays."""
    found: Any = left.get(key)
    if not is_list(found):
        return None
    texts: list[str] = []
    rests: list[JsonObject] = []
    for piece in found:
        text: Any = piece.get("text") if is_object(piece) else None
        if type(text) is not str or piece.get("type") != _PIECE_TYPES[key]:
            return None
        texts.append(text)
        rests.append({name: held for name, held in piece.items() if name not in ("type", "text")})
    del left[key]
    if any(rests):
        left[key] = rests
    return tuple(texts)


def _decode_compaction(left: JsonObject) -> Part | None:
    del left["type"]
    opaque, sealed = item_id(left), take_text(left, "encrypted_content")
    if sealed is None:
        return None
    opaque = (*opaque, Opaque("compaction", sealed, scope="account"))
    return Compaction(opaque=opaque, wire=residue_wire(left))


_DECODERS: Final[Mapping[str, Callable[[JsonObject], Part | None]]] = {
    "function_call": _decode_call,
    "custom_tool_call": _decode_call,
    "reasoning": _decode_reasoning,
    "compaction": _decode_compaction,
    **dict.fromkeys(VENDOR_CALLS, _decode_vendor_call),
}
