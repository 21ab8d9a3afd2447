"""Blocks that are text: plain, guarded, with citations, or the JSON of a result."""

from typing import Any, Final

from offramp.types import Citation, JsonObject, Origin, Refusal, Text
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.arguments import dump_compact, load_json
from offramp_providers.dialects.bedrock_converse.encoding import NAME, Encoding, residual
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.shapes import are_objects, is_object, take_text

_JSON: Final = "block=json"
_CITED: Final = "block=citationsContent"
_NO_CONTENT: Final = "content=absent"
_LENGTHS: Final = "lengths="
"""Marks where one text of several ends and the next begins."""
_NO_CITATIONS: Final = "citations=absent"


def decode_text(left: JsonObject) -> Text | None:
    """A `text` block with something beside its text."""
    text = take_text(left, "text")
    return None if text is None else Text(text, wire=residual(left))


def decode_guarded(left: JsonObject) -> Text | None:
    """Text that a guardrail looks at, which elsewhere is named as lost: so the key stays as residue."""
    inner = take_object(left, "guardContent")
    nested = None if inner is None else take_object(inner, "text")
    text = None if nested is None else take_text(nested, "text")
    if inner is None or text is None:
        return None
    return Text(text, wire=residual({**left, "guardContent": {**inner, "text": nested}}))


def decode_json(left: JsonObject) -> Text | None:
    """A result that is JSON, as its text."""
    return Text(dump_compact(left.pop("json")), wire=residual(left, _JSON))


def decode_cited(left: JsonObject) -> Text | None:
    """Text with its citations; None where it has another shape."""
    inner = take_object(left, "citationsContent")
    if inner is None:
        return None
    pieces, form = _take_pieces(inner)
    found: Any = inner.get("citations")
    if pieces is None or not (found is None or are_objects(found)):
        return None
    if found is None:
        form.append(_NO_CITATIONS)
    else:
        del inner["citations"]
    keep_rest(left, "citationsContent", inner)
    citations = tuple([decode_citation(each) for each in found or ()])
    return Text("".join(pieces), citations=citations, wire=residual(left, _CITED, *form))


def _take_pieces(inner: JsonObject) -> tuple[list[str] | None, list[str]]:
    """The texts, and how they were parted; None where there is something else among them."""
    found: Any = inner.pop("content", None)
    if found is None:
        return [], [_NO_CONTENT]
    if not are_objects(found) or not all(len(each) == 1 and type(each.get("text")) is str for each in found):
        return None, []
    pieces = [each["text"] for each in found]
    return pieces, [] if len(pieces) == 1 else [_LENGTHS + ",".join(str(len(each)) for each in pieces)]


def decode_citation(raw: JsonObject) -> Citation:
    """A citation, kept whole, with what can be read from it."""
    quoted: Any = raw.get("sourceContent")
    pieces: list[Any] = [each.get("text") for each in quoted] if are_objects(quoted) else []
    place: Any = raw.get("location")
    web: Any = place.get("web") if is_object(place) else None
    url: Any = web.get("url") if is_object(web) else None
    title: Any = raw.get("title")
    return Citation(
        dialect=NAME,
        raw=raw,
        quoted="".join(each for each in pieces if type(each) is str) or None,
        title=title if type(title) is str else None,
        url=url if type(url) is str else None,
    )


def encode_text(ctx: Encoding, part: Text, origin: Origin | None) -> JsonObject | None:
    """The block; None, and the loss, where there is nothing to say."""
    residue, form = ctx.own(part, part.wire, origin)
    ctx.lose_opaque(part)
    sent = [each.raw for each in part.citations if each.dialect == NAME and ctx.is_own(origin, part.wire)]
    if len(sent) < len(part.citations):
        ctx.log.lose("citations", part, "citations")
    if not (part.text or ctx.native or sent):
        ctx.log.lose("text.empty", part)
        return None
    if sent or _CITED in form:
        return under(residue, {"citationsContent": _cited(part.text, sent, form)})
    if "guardContent" in residue:
        return under(residue, {"guardContent": {"text": {"text": part.text}}})
    if _JSON in form:
        return under(residue, _json(part.text))
    return under(residue, {"text": part.text})


def _cited(text: str, citations: list[JsonObject], form: tuple[str, ...]) -> JsonObject:
    inner: JsonObject = {}
    if text or _NO_CONTENT not in form:
        inner["content"] = [{"text": piece} for piece in _pieces(text, marked(form, _LENGTHS))]
    if citations or _NO_CITATIONS not in form:
        inner["citations"] = citations
    return inner


def _pieces(text: str, lengths: str | None) -> list[str]:
    """The text parted as it was, if it is still as long."""
    if lengths is None:
        return [text]
    sizes = [int(each) for each in lengths.split(",") if each]
    if sum(sizes) != len(text):
        return [text]
    ends = [sum(sizes[: n + 1]) for n in range(len(sizes))]
    return [text[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def _json(text: str) -> JsonObject:
    try:
        return {"json": load_json(text)}
    except ValueError:
        return {"text": text}


def encode_refusal(ctx: Encoding, part: Refusal, origin: Origin | None) -> JsonObject | None:
    """A refusal as text."""
    if not part.text:
        ctx.log.lose("text.empty", part)
        return None
    ctx.log.lose("refusal.rewritten", part)
    if part.category is not None:
        ctx.log.lose("refusal.category", part, "category")
    return ctx.dressed({"text": part.text}, part, origin)
