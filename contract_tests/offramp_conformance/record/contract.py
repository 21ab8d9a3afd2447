"""The contract of what was used, as TOML to put into `offramp.toml`."""

import json
from collections.abc import Iterator
from typing import Final

from offramp.contracts.needs import NeedName
from offramp.types import MediaKind
from offramp_conformance.record.notes import Uses

_MEDIA: Final[dict[MediaKind, NeedName]] = {
    "image": "images",
    "document": "documents",
    "audio": "audio",
    "video": "video",
}


def contract(uses: Uses, mission: str) -> str:
    """The tables of one mission. Text alone is needed by everybody, and is not listed."""
    needs = list(_needs(uses))
    lines = [
        f"# Seen in {uses.exchanges} exchanges, of which {uses.answered} were answered; the rest is not asked for.",
        f"# Put it into [missions.{mission}], with its declaration and route.",
        f"requires = [{', '.join(json.dumps(each) for each in sorted(uses.requires - {'text'}))}]",
        *(["", f"[missions.{mission}.needs]", *needs] if needs else []),
    ]
    return "\n".join(lines) + "\n"


def _needs(uses: Uses) -> Iterator[str]:
    figures: tuple[tuple[NeedName, int], ...] = (
        ("output_tokens", uses.output_tokens),
        ("tool_count", uses.tool_count),
        ("stop_sequences", uses.stop_sequences),
        ("candidates", uses.candidates if uses.candidates > 1 else 0),
        ("alternatives", uses.alternatives),
    )
    yield from (f"{name} = {figure}" for name, figure in figures if figure)
    if uses.tool_names:
        yield f"tool_names = [{', '.join(json.dumps(each) for each in sorted(uses.tool_names))}]"
    for kind, count in sorted(uses.media.items()):
        yield f"{_MEDIA[kind]} = {{ count = {count} }}"
