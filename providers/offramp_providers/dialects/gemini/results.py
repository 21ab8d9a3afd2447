"""Results of the application's functions: one object for all that is said, and media behind it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from offramp.types import (
    JsonObject,
    Media,
    Origin,
    Part,
    Refusal,
    Text,
    TextSource,
    ToolResult,
    ToolResultStatus,
    Unknown,
)
from offramp_providers.dialects.accounting import take_object, under
from offramp_providers.dialects.arguments import dump_compact, load_json
from offramp_providers.dialects.call_ids import CallIds, take_id
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.gemini.encoding import Encoding, residual
from offramp_providers.dialects.gemini.media import encode_media
from offramp_providers.dialects.gemini.spellings import both_spellings, unsnake
from offramp_providers.dialects.gemini.tool_parts import sent_id
from offramp_providers.dialects.shapes import is_list, is_object, take_text

_RESULT_NAMES: Final = both_spellings("willContinue")

_STATUSES: Final[Mapping[str, ToolResultStatus]] = {
    "error": "error",
    "denied": "denied",
    "interrupted": "interrupted",
}
"""What our own results say under `status`: the object is free, and the model reads it."""

_DecodePart: TypeAlias = Callable[[Any, CallIds], Part]


def decode_result(left: JsonObject, form: list[str], ids: CallIds, decode: _DecodePart) -> ToolResult | None:
    """A `functionResponse`; None where it has another shape."""
    inner = take_object(left, "functionResponse")
    if inner is None:
        return None
    unsnake(inner, _RESULT_NAMES, form, "functionResponse.")
    name = take_text(inner, "name")
    given, marks = take_id(inner)
    if given is None:
        call_id = ids.next_open(name)
    else:
        call_id = given
        ids.answered(given)
    form += marks
    if name is None:
        form.append("name=absent")
    elif ids.name_of(call_id) != name:
        form.append(f"name={name}")
    texts, status = _decode_response(inner, form)
    media = _decode_media(inner, form, ids, decode)
    if inner:
        left["functionResponse"] = inner
    return ToolResult(call_id, (*texts, *media), status=status, wire=residual(left, form))


def _decode_response(inner: JsonObject, form: list[str]) -> tuple[tuple[Text, ...], ToolResultStatus]:
    """The text and the status that the object says, in our own way or as a whole."""
    found: Any = inner.get("response")
    if not is_object(found):
        form.append("response=residue" if "response" in inner else "response=absent")
        return (), "ok"
    del inner["response"]
    text: Any
    word: Any
    match found:
        case {"output": str(text)} if len(found) == 1:
            return (Text(text),), "ok"
        case {"error": str(text)} if len(found) == 1:
            return (Text(text),), "error"
        case {"status": str(word)} if len(found) == 1 and word in _STATUSES:
            return (), _STATUSES[word]
        case {"status": ("denied" | "interrupted") as word, "error": str(text)} if len(found) == 2:
            return (Text(text),), _STATUSES[word]
        case _ if not found:
            return (), "ok"
        case _:
            form.append("response=object")
            return (Text(dump_compact(found)),), "error" if found.get("error") else "ok"


def _decode_media(inner: JsonObject, form: list[str], ids: CallIds, decode: _DecodePart) -> tuple[Part, ...]:
    found: Any = inner.get("parts")
    if not is_list(found):
        return ()
    parts = tuple([decode(each, ids) for each in found])
    if any(not isinstance(part, (Media, Unknown)) for part in parts):
        # What the vendor does not take there would be told apart from the text no more.
        return ()
    del inner["parts"]
    form.append("media=kept" if parts else "parts=empty")
    return parts


def encode_result(ctx: Encoding, result: ToolResult, origin: Origin | None) -> JsonObject | None:
    """The result. The name is its call's, and the id stays away where the call had none."""
    form = ctx.own_form(result.wire, origin)
    called = ctx.calls.get(result.call_id)
    name = marked(form, "name=")
    if name is None and called is not None:
        name = called[0]
    inner: JsonObject = {}
    if name is not None and "name=absent" not in form:
        inner["name"] = name
    elif not ctx.authored:
        ctx.log.lose("tool_result.orphan", result)
        return None
    identified = called[1] if called is not None and result.wire is None else ctx.allows("call_ids")
    if "id=empty" in form:
        inner["id"] = ""
    elif "id=absent" not in form and identified:
        inner["id"] = sent_id(result.call_id)
    if "id=absent" not in form and "id=empty" not in form and inner.get("id") != result.call_id:
        _name_new_id(ctx, result, called)
    _encode_content(ctx, result, origin, form, inner)
    return ctx.dressed({"functionResponse": inner}, result, origin)


def _name_new_id(ctx: Encoding, result: ToolResult, called: tuple[str, bool] | None) -> None:
    """Name that a reader finds another id; not where the issuer itself gave its call none."""
    if called is None or called[1] or not ctx.allows("call_ids"):
        ctx.log.lose("call_id.rewritten", result, "call_id")


def _encode_content(
    ctx: Encoding, result: ToolResult, origin: Origin | None, form: tuple[str, ...], inner: JsonObject
) -> None:
    texts: list[str] = []
    media: list[Any] = []
    kept = "media=kept" in form and "tool_result_media" not in ctx.options
    for part in result.parts:
        match part:
            case Text() | Refusal():
                _add_text(ctx, part, part.text, texts, media)
            case Media(source=TextSource(text=text)) if not kept:
                ctx.log.lose("media.rewritten", part)
                _add_text(ctx, part, text, texts, media)
            case Media():
                media += _media_blocks(ctx, part, part.origin or origin, kept=kept)
            case Unknown(raw=raw) if ctx.authored and "media=kept" in form:
                media.append(raw)
            case Unknown():
                ctx.log.lose("unknown_part", part)
            case _:
                ctx.log.lose("part.misplaced", part)
    if not ("response=absent" in form or "response=residue" in form) or texts or result.status != "ok":
        inner["response"] = _response(result.status, texts, form)
    if media or "parts=empty" in form:
        inner["parts"] = media


def _media_blocks(ctx: Encoding, part: Media, origin: Origin | None, *, kept: bool) -> list[JsonObject]:
    """The media as they stand in the result: one block, or none where they are moved or lost."""
    if not (kept or ctx.option("tool_result_media") == "keep"):
        _move(ctx, part, origin)
        return []
    block = encode_media(ctx, part, origin)
    return [] if block is None else [block]


def _move(ctx: Encoding, part: Media, origin: Origin | None) -> None:
    """Keep media for the user's turn behind the results, where the host takes none in a result."""
    if ctx.option("tool_result_media") == "drop":
        ctx.log.lose("media.unsupported", part)
        return
    block = encode_media(ctx, part, origin)
    if block is not None:
        ctx.log.lose("media.moved", part)
        ctx.moved.append((block, part))


def _add_text(ctx: Encoding, part: Text | Refusal | Media, said: str, texts: list[str], media: list[Any]) -> None:
    """Add to the one object that holds all texts; media stand behind it."""
    ctx.lose_marks(part)
    if isinstance(part, Refusal):
        ctx.log.lose("refusal.rewritten", part)
        if part.category is not None:
            ctx.log.lose("refusal.category", part, "category")
    elif isinstance(part, Text) and part.citations:
        ctx.log.lose("citations", part, "citations")
    elif isinstance(part, Media) and part.name is not None:
        ctx.log.lose("media.name", part, "name")
    if media:
        ctx.log.lose("part_order", part)
    if texts:
        ctx.log.lose("text.joined", part)
    texts.append(said)


def _response(status: ToolResultStatus, texts: list[str], form: tuple[str, ...]) -> JsonObject:
    """The object that the wire has for a result."""
    if "response=object" in form and len(texts) == 1:
        try:
            whole: object = load_json(texts[0])
        except ValueError:
            whole = None
        if is_object(whole):
            return whole
    said = "".join(texts)
    match status:
        case "ok":
            return {"output": said} if texts else {}
        case "error":
            return {"error": said} if texts else {"status": "error"}
        case _:
            return under({"error": said} if texts else {}, {"status": status})
