"""What several dialects ask of a part before they write it, and what one becomes that fits nothing."""

from typing import Any, TypeGuard

from offramp.types import Part, Text, ToolCall, ToolResult, Unknown, Wire
from offramp_providers.dialects.shapes import is_object


def is_call(part: Part) -> TypeGuard[ToolCall]:
    """Whether it is a call that the application is to run."""
    return isinstance(part, ToolCall) and part.executor == "client"


def is_result(part: Part) -> TypeGuard[ToolResult]:
    """Whether it is the result of a call that the application has run."""
    return isinstance(part, ToolResult) and part.executor == "client"


def says_something(part: Part) -> bool:
    """Whether there is more to it than an empty text."""
    return not isinstance(part, Text) or part.text != ""


def unknown_part(dialect: str, raw: Any, *marks: str) -> Unknown:
    """A value that fits nothing we know, kept whole."""
    kind: Any = raw.get("type") if is_object(raw) else None
    wire = Wire(dialect=dialect, form=marks) if marks else None
    return Unknown(dialect=dialect, vendor_type=kind if type(kind) is str else None, raw=raw, wire=wire)
