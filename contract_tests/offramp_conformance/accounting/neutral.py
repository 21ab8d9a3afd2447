"""Reviewed: what may differ across a wire without a loss, since it asks for nothing but what happens anyway.

Each row is a claim about a vendor's default. A difference that is not here and not named is a fault.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from offramp.types import GenerateRequest, ReasoningSettings, ToolChoiceAuto, ToolChoiceNone
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_conformance.accounting.leaves import same
from offramp_conformance.accounting.spoken import Neutral

_EVERYWHERE: Final[tuple[Neutral, ...]] = (
    (r"reasoning", ReasoningSettings(), None),  # nothing was asked
    (r".*\.detail", "auto", None),  # what a vendor without levels does
    (r".*\.summary", (), None),  # an empty summary says nothing
)
"""Besides what holds on one wire only, which stands in the dialect's entry."""

_READ: Final = re.compile(r".*\.(citations\[\d+\]\.(quoted|title|url)|vendor_type|opaque\[\d+\]\.scope)")
"""What the reader itself finds in the vendor's own object, or stamps on it."""


def is_required(dialect: str, path: str, before: Any, after: Any) -> bool:
    """Whether the wire must say something where nothing was said, and says what happens anyway."""
    spoken = SPOKEN.get(dialect)
    return spoken is not None and _stands_in(spoken.required, path, before, after)


def is_neutral(dialect: str, path: str, before: Any, after: Any, whole: GenerateRequest | None = None) -> bool:
    """Whether the difference stands in the reviewed list, or the request says that it means nothing."""
    if path == "model" and before is None:
        return True  # None is the endpoint's own, which it then is
    spoken = SPOKEN.get(dialect)
    if _READ.fullmatch(path):
        return True
    if spoken and spoken.object_arguments and path.endswith(".arguments_json") and _means_the_same(before, after):
        return True
    if whole is not None and _is_void(path, after, whole):
        return True
    return _stands_in((*_EVERYWHERE, *(spoken.neutral if spoken else ())), path, before, after)


def _stands_in(rows: Iterable[Neutral], path: str, before: Any, after: Any) -> bool:
    return any(re.fullmatch(where, path) and same(before, was) and same(after, has) for where, was, has in rows)


def _means_the_same(before: str | None, after: str | None) -> bool:
    """Whether arguments are equal as JSON: their own issuer has an object, and no spelling of it."""
    try:
        return bool(json.loads(before or "") == json.loads(after or ""))
    except ValueError:
        return False


def _is_void(path: str, after: Any, whole: GenerateRequest) -> bool:
    """Whether a choice among no tools, or of several calls where there is none, was left out."""
    if path.startswith("tool_choice"):
        return not whole.tools and isinstance(whole.tool_choice, ToolChoiceAuto | ToolChoiceNone)
    return (
        after is None
        and path == "parallel_tool_calls"
        and (not whole.tools or isinstance(whole.tool_choice, ToolChoiceNone))
    )
