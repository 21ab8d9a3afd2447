"""What a grader is told: one of a closed sum, as it stands in a golden set under `graders`."""

from dataclasses import KW_ONLY
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from offramp.types import JsonObject, value

Normalisation: TypeAlias = Literal["trim", "casefold", "collapse_whitespace", "nfkc", "strip_punctuation"]
"""`trim`: no space at the ends. `casefold`: Unicode's own way to ignore case. `collapse_whitespace`: each run of space
is one blank. `nfkc`: Unicode's compatibility form. `strip_punctuation`: no character that Unicode calls punctuation."""


@value
class Exact:
    """The answer's text is this one."""

    expected: str
    _: KW_ONLY
    kind: Literal["exact"] = "exact"
    normalise: tuple[Normalisation, ...] = ()
    """Done to both texts, in this order."""


@value
class Regex:
    """The answer's text fits a pattern of Python's `re`."""

    pattern: str
    _: KW_ONLY
    kind: Literal["regex"] = "regex"
    match: Literal["search", "full"] = "search"
    ignore_case: bool = False


@value
class Numeric:
    """The answer names a number that is near enough: within the larger of the two tolerances."""

    expected: float
    _: KW_ONLY
    kind: Literal["numeric"] = "numeric"
    absolute: float = 0.0
    relative: float = 0.0
    """Of the expected number."""
    which: Literal["only", "first", "last"] = "only"
    """Of several numbers in the text. `only`: more than one is a failure."""


@value
class Structured:
    """The answer's text is JSON that fits a schema, holds given values, or both."""

    _: KW_ONLY
    kind: Literal["schema"] = "schema"
    schema: JsonObject | None = None
    """A JSON Schema (2020-12). It reads no other document."""
    contains: Any = None
    """Each of its keys is there with an equal value, objects again by their keys; lists are equal as a whole."""
    fenced: bool = False
    """Whether the JSON may stand in a fence of three backticks."""


@value
class ExpectedCall:
    """A tool call that is expected."""

    name: str
    _: KW_ONLY
    arguments: JsonObject | None = None
    """None: any."""


@value
class ToolCalls:
    """The answer calls exactly these tools, in any order, with equal arguments by JSON value."""

    calls: tuple[ExpectedCall, ...]
    _: KW_ONLY
    kind: Literal["tool_calls"] = "tool_calls"
    ordered: bool = False
    arguments: Literal["equal", "subset"] = "equal"
    """`subset`: further arguments are allowed."""


@value
class Function:
    """A Python function of yours, marked with `@grader`, grades the answer."""

    entry: str
    """As `module:function`."""
    _: KW_ONLY
    kind: Literal["python"] = "python"


@value
class Judge:
    """A third endpoint says which of the two answers is better; it sees them in both orders."""

    rubric: str
    """What makes an answer to this case good, in words."""
    _: KW_ONLY
    kind: Literal["judge"] = "judge"


Single: TypeAlias = Exact | Regex | Numeric | Structured | ToolCalls | Function
"""What grades one answer by itself."""

Grader: TypeAlias = Annotated[Single | Judge, Field(discriminator="kind")]
