"""Reviewed: what may differ across a wire without a loss, since it asks for nothing but what happens anyway.

Each row is a claim about a vendor's default. A difference that is not here and not named is a fault.
"""

import json
import re
from typing import Any, Final

from offramp.types import (
    GenerateRequest,
    ReasoningAdaptive,
    ReasoningSettings,
    TextOutput,
    ToolChoiceAuto,
    ToolChoiceNone,
)
from support.leaves import same

A, G, L, ANY = "anthropic_messages", "gemini", "ollama_native", ""

_ROWS: Final[tuple[tuple[str, str, Any, Any], ...]] = (
    # The wire, the path, what was before, and after.
    (A, r"candidates", 1, None),
    (A, r"output", TextOutput(), None),  # what the vendor gives anyway
    (A, r"output\.strict", None, True),  # the vendor always holds the answer to the schema
    (A, r"output\.strict", False, True),
    (A, r"store", False, None),  # nothing is kept for later retrieval
    (A, r"metadata", {}, None),
    (A, r"(frequency|presence)_penalty", 0, None),
    (A, r"parallel_tool_calls", True, None),
    (A, r".*\.text", None, ""),  # its own reasoning without text: the wire requires the field
    (G, r".*\.summary", (), None),
    (G, r"stream", False, None),  # the path asks for streaming, or does not
    (A, r"stream", False, None),  # the same, at a cloud that says it in the path
    (G, r"output\.strict", True, None),  # the vendor always holds the answer to the schema
    (G, r"output\.strict", False, None),
    (G, r"tools\[\d+\]\.strict", False, None),
    (G, r"store", False, None),
    (G, r"metadata", {}, None),
    (G, r"parallel_tool_calls", True, None),
    (G, r"reasoning\.mode", ReasoningAdaptive(), None),  # a level leaves the rest to the model
    (L, r"stream", None, False),  # left out, it would ask for a stream
    (L, r"output", TextOutput(), None),  # what the server gives anyway
    (L, r"output\.strict", True, None),  # the server always holds the answer to the schema
    (L, r"output\.strict", False, None),
    (L, r"tools\[\d+\]\.strict", False, None),
    (L, r"tool_choice", ToolChoiceAuto(), None),  # the model decides
    (L, r"store", False, None),  # nothing is kept for later retrieval
    (L, r"metadata", {}, None),
    (L, r"candidates", 1, None),
    (L, r"parallel_tool_calls", True, None),
    (L, r"reasoning\.mode", ReasoningAdaptive(), None),  # a level says that there is thinking
    (L, r"reasoning\.mode\.display", "full", None),  # all that is thought is shown
    (ANY, r"reasoning", ReasoningSettings(), None),  # nothing was asked
    (ANY, r".*\.detail", "auto", None),  # what a vendor without levels does
)

_READ: Final = re.compile(r".*\.(citations\[\d+\]\.(quoted|title|url)|vendor_type|opaque\[\d+\]\.scope)")
"""What the reader itself finds in the vendor's own object, or stamps on it."""


def is_neutral(dialect: str, path: str, before: Any, after: Any, whole: GenerateRequest | None = None) -> bool:
    """Whether the difference stands in the reviewed list, or the request says that it means nothing."""
    if path == "model" and before is None:
        return True  # None is the endpoint's own, which it then is
    if _READ.fullmatch(path) or (
        dialect in (A, G, L) and path.endswith(".arguments_json") and _means_the_same(before, after)
    ):
        return True
    if whole is not None and _is_void(path, after, whole):
        return True
    return any(
        wire in (dialect, ANY) and re.fullmatch(where, path) and same(before, was) and same(after, has)
        for wire, where, was, has in _ROWS
    )


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
