"""The one decorator that makes a value, and the names of JSON as it arrives from a wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, dataclass_transform

JsonObject: TypeAlias = dict[str, Any]
"""A decoded JSON object whose shape is not ours. `Any` stops here: decoders turn it into typed values."""

JsonMapping: TypeAlias = Mapping[str, Any]
"""A JSON object that the receiver promises not to change."""

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def value(cls: type[_T]) -> type[_T]:
    """Make a record with slots. Type checkers see it frozen; at run time it is not, which makes it three times cheaper.

    Change a value with `dataclasses.replace`, never in place: values are shared between the ledger, the wire and the
    caller. Where pydantic validates one at a border, an unknown key is an error.
    """
    made = dataclass(slots=True)(cls)
    made.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]  # read by pydantic only, which floor 0 does not import
    return made
