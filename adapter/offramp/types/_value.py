"""The one decorator that makes a value, and the names of JSON as it arrives from a wire."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, TypeVar, dataclass_transform

JsonObject: TypeAlias = dict[str, Any]
"""A decoded JSON object whose shape is not ours. `Any` stops here: decoders turn it into typed values."""

JsonMapping: TypeAlias = Mapping[str, Any]
"""A JSON object that the receiver promises not to change."""

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def value(cls: type[_T]) -> type[_T]:
    """Make a record with slots. Type checkers see it frozen; at run time it is not, which makes it three times cheaper.

    Change a value with `changed` or `dataclasses.replace`, never in place: values are shared between the ledger, the
    wire and the caller. Where pydantic validates one at a border, an unknown key is an error.
    """
    made = dataclasses.dataclass(slots=True)(cls)
    made.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]  # read by pydantic only, which floor 0 does not import
    return made


_FIELDS: Final[dict[type, tuple[str, ...]]] = {}
"""Names of the fields of each class that `changed` has met."""


def changed(given: _T, **fields: object) -> _T:
    """A copy with these fields changed, as `dataclasses.replace` makes it and at half the cost: for every call's path.

    What a class checks when it is made is not checked again.

    Raises:
        TypeError: there is no such field.
    """
    kind = type(given)
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(each.name for each in dataclasses.fields(kind))  # type: ignore[arg-type]  # a value is one
    copy = object.__new__(kind)
    for name in names:
        setattr(copy, name, fields.pop(name) if name in fields else getattr(given, name))
    if fields:
        raise TypeError(f"{kind.__name__} has no field {min(fields)!r}")
    return copy
