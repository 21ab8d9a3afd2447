"""Tools a request offers, and how the model may choose among them."""

from dataclasses import KW_ONLY
from typing import Literal, TypeAlias

from offramp.types._value import JsonObject, value
from offramp.types.provenance import Cache, Wire


@value
class FunctionTool:
    """A function of the application's that the model may ask to have run."""

    name: str
    _: KW_ONLY
    type: Literal["function"] = "function"
    description: str | None = None
    schema: JsonObject | None = None
    """JSON Schema of the arguments. None: not given, which is not the empty object."""
    strict: bool | None = None
    """Whether the vendor must hold the arguments to the schema. None leaves it to the vendor."""
    cache: Cache | None = None
    wire: Wire | None = None


@value
class VendorTool:
    """A tool that exists at one vendor only, kept whole."""

    _: KW_ONLY
    type: Literal["vendor"] = "vendor"
    dialect: str
    vendor_type: str | None
    raw: JsonObject


Tool: TypeAlias = FunctionTool | VendorTool


@value
class ToolChoiceAuto:
    """The model decides."""

    _: KW_ONLY
    type: Literal["auto"] = "auto"
    wire: Wire | None = None


@value
class ToolChoiceAny:
    """The model must call some tool."""

    _: KW_ONLY
    type: Literal["any"] = "any"
    wire: Wire | None = None


@value
class ToolChoiceNone:
    """The model must call no tool."""

    _: KW_ONLY
    type: Literal["none"] = "none"
    wire: Wire | None = None


@value
class ToolChoiceNamed:
    """The model must call this tool."""

    name: str
    _: KW_ONLY
    type: Literal["named"] = "named"
    wire: Wire | None = None


ToolChoice: TypeAlias = ToolChoiceAuto | ToolChoiceAny | ToolChoiceNone | ToolChoiceNamed
