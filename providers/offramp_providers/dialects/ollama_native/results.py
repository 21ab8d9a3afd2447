"""Results of tools: one `tool` message each on the wire, one canonical message for all of a turn's."""

from typing import Any

from offramp.types import JsonObject, Media, Origin, ToolResult
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.call_ids import CallIds, take_id
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.ollama_native.calls import put_id
from offramp_providers.dialects.ollama_native.content import take_content
from offramp_providers.dialects.ollama_native.draft import Draft
from offramp_providers.dialects.ollama_native.encoding import Encoding, residual
from offramp_providers.dialects.shapes import take_text

_MEDIA = "media=kept"
"""Marks a result whose author put media into it."""


def decode_result(left: JsonObject, marks: list[str], ids: CallIds) -> ToolResult:
    """A `tool` message whose role is taken already. Without an id it answers the first open call of its name."""
    name = take_text(left, "tool_name")
    given, how = take_id(left, "tool_call_id")
    marks += how
    if given is None:
        call_id = ids.next_open(name)
    else:
        call_id = given
        ids.answered(given)
    if name is None:
        marks.append("name=absent")
    elif ids.name_of(call_id) != name:
        marks.append(f"name:{name}")
    parts = take_content(left, marks)
    if any(isinstance(part, Media) for part in parts):
        marks.append(_MEDIA)
    return ToolResult(call_id, tuple(parts), wire=residual(left, marks))


def encode_result(
    encoding: Encoding, result: ToolResult, author: Origin | None, moved: list[tuple[ToolResult, Media]]
) -> JsonObject:
    """The result. Media that may not stand in it are put into `moved`, for a user's message behind."""
    residue, form = encoding.own(result, result.wire, result.origin or author)
    if result.cache is not None:
        encoding.log.lose("cache", result, "cache")
    encoding.lose_opaque(result)
    draft = Draft(encoding, "tool", result.origin or author)
    keeps = encoding.given("tool_result_media") or ("keep" if _MEDIA in form else encoding.option("tool_result_media"))
    for part in result.parts:
        if not isinstance(part, Media) or part.source.type == "text" or keeps == "keep":
            draft.add(part)
        elif keeps == "drop" or part.source.type != "data":
            encoding.log.lose("media.unsupported", part)
        else:
            moved.append((result, part))
    body = draft.body(form)
    if result.status != "ok":
        # The wire has no mark for it, and one text for all: the status stands before it.
        encoding.log.lose("tool_result.status", result, "status")
        body["content"] = f"[{result.status}] {body.get('content', '')}".rstrip(" ")
    return under(residue, {"role": "tool", **_address(encoding, result, form), **body})


def _address(encoding: Encoding, result: ToolResult, form: tuple[str, ...]) -> JsonObject:
    """By which the server knows the call: its id, and the name of the tool."""
    address: JsonObject = {}
    known: Any = encoding.calls.get(result.call_id)
    name = marked(form, "name:")
    if name is None and known is not None:
        name = known[0]
    if name is not None and "name=absent" not in form:
        address["tool_name"] = name
    if known is None or known[1] or result.wire is not None:
        put_id(encoding, result, address, "tool_call_id", form)
    return address
