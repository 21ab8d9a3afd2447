"""Where an answer's text comes from: a list beside the content that says which block each citation is for."""

from dataclasses import replace
from typing import Any

from offramp.types import Citation, JsonObject, Part, Text
from offramp_providers.dialects.cohere_v2.encoding import has_mark
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.plan import AT_PLAN
from offramp_providers.dialects.shapes import are_objects, is_list, is_object, is_text


def decode_citation(raw: JsonObject) -> Citation:
    """A citation; the vendor's object is kept whole."""
    sources: Any = raw.get("sources")
    first: Any = sources[0] if is_list(sources) and sources else None
    document: Any = first.get("document") if is_object(first) else None
    source: JsonObject = document if is_object(document) else {}
    return Citation(
        dialect=NAME,
        raw=raw,
        quoted=_text(raw, "text"),
        title=_text(source, "title"),
        url=_text(source, "url"),
    )


def _text(holder: JsonObject, key: str) -> str | None:
    found: Any = holder.get(key)
    return found if is_text(found) else None


def take_citations(left: JsonObject, parts: list[Part]) -> list[Part]:
    """Take the citations out of what is left of a message, onto its texts.

    Those that are for no text, or would come back in another order, stay where they are.
    """
    found: Any = left.get("citations")
    if not are_objects(found) or not found:
        return parts
    places = [place_of(each, parts) for each in found]
    known = [place for place in places if place is not None]
    if len(known) < len(places) or known != sorted(known):
        return parts
    del left["citations"]
    cited = list(parts)
    for place, raw in zip(known, found, strict=True):
        text = cited[place]
        if isinstance(text, Text):
            cited[place] = replace(text, citations=(*text.citations, decode_citation(raw)))
    return cited


def place_of(raw: JsonObject, parts: list[Part]) -> int | None:
    """The place of the text that a citation is for; None where it is for none.

    Args:
        raw: the vendor's object.
        parts: the message's parts, the blocks of its content first.
    """
    kind, index = raw.get("type"), raw.get("content_index")
    if kind == "THINKING_CONTENT":
        return None
    if kind != "PLAN" and type(index) is int:
        return index if 0 <= index < len(parts) and _is_cited(parts[index], kind) else None
    return next((place for place, part in enumerate(parts) if _is_cited(part, kind)), None)


def _is_cited(part: Part, kind: Any) -> bool:
    return isinstance(part, Text) and has_mark(part.wire, AT_PLAN) == (kind == "PLAN")
