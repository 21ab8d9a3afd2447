"""Where an answer's text comes from: read from the vendor's grounding, which is itself kept whole."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from offramp.types import Citation, JsonMapping, JsonObject, Part, Text
from offramp_providers.dialects.gemini.encoding import NAME
from offramp_providers.dialects.shapes import is_list, is_object

SOURCES = ("groundingMetadata", "citationMetadata")
"""Fields of a candidate that citations are read from."""


def citations_in(candidate: JsonMapping) -> Iterator[tuple[int, Citation]]:
    """Each citation, and the index of the part that it is for."""
    grounding: Any = candidate.get("groundingMetadata")
    if is_object(grounding):
        chunks: Any = grounding.get("groundingChunks")
        for support in _objects(grounding.get("groundingSupports")):
            yield from _of_support(support, chunks if is_list(chunks) else [])
    cited: Any = candidate.get("citationMetadata")
    if is_object(cited):
        for source in _objects(cited.get("citationSources", cited.get("citations"))):
            yield 0, Citation(dialect=NAME, raw=source, title=_text(source, "title"), url=_text(source, "uri"))


def _of_support(support: dict[str, Any], chunks: list[Any]) -> Iterator[tuple[int, Citation]]:
    """One citation for each source of a stretch of text."""
    segment: Any = support.get("segment")
    segment = segment if is_object(segment) else {}
    index: Any = segment.get("partIndex", 0)
    indices: Any = support.get("groundingChunkIndices")
    found = [chunks[n] for n in indices if type(n) is int and 0 <= n < len(chunks)] if is_list(indices) else []
    for chunk in found or [None]:
        sources = [each for each in chunk.values() if is_object(each)] if is_object(chunk) else []
        source = sources[0] if sources else JsonObject()
        citation = Citation(
            dialect=NAME,
            raw=support,
            quoted=_text(segment, "text"),
            title=_text(source, "title"),
            url=_text(source, "uri"),
        )
        yield index if type(index) is int else 0, citation


def with_citations(parts: Sequence[Part], candidate: JsonMapping) -> tuple[Part, ...]:
    """The parts, with the candidate's citations on their texts."""
    if not any(key in candidate for key in SOURCES):
        return tuple(parts)
    cited = list(parts)
    for index, citation in citations_in(candidate):
        place = text_at(cited, index)
        if place is not None:
            text = cited[place]
            if isinstance(text, Text):
                cited[place] = replace(text, citations=(*text.citations, citation))
    return tuple(cited)


def text_at(parts: Sequence[Part], index: int) -> int | None:
    """The text that a citation is for: the one at the index, else the first; None where there is none."""
    if 0 <= index < len(parts) and isinstance(parts[index], Text):
        return index
    return next((n for n, part in enumerate(parts) if isinstance(part, Text)), None)


def _objects(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if is_object(each)] if is_list(found) else []


def _text(holder: dict[str, Any], key: str) -> str | None:
    found: Any = holder.get(key)
    return found if type(found) is str else None
