"""The one decorator that makes a value, and the names of JSON as it arrives from a wire."""

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar, cast, dataclass_transform

JsonObject: TypeAlias = dict[str, Any]
"""A decoded JSON object whose shape is not ours. `Any` stops here: decoders turn it into typed values."""

JsonMapping: TypeAlias = Mapping[str, Any]
"""A JSON object that the receiver promises not to change."""

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def value(cls: type[_T]) -> type[_T]:
    """Make a record with slots. Type checkers see it frozen; at run time it is not, which makes it three times cheaper.

    Change a value with `changed` or `dataclasses.replace`, never in place: values are shared between the ledger, the
    wire and the caller. Where pydantic validates one at a border, an unknown key is an error. Its `repr` says of
    content only how much there is: reprs end up in logs and in tracebacks.
    """
    made = dataclasses.dataclass(slots=True, repr=False)(cls)
    made.__repr__ = _shown  # type: ignore[method-assign]  # as dataclass does it itself
    made.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]  # read by pydantic only, which floor 0 does not import
    return made


_CONTENT: Final = frozenset(
    (
        *("arguments_json", "base64", "body", "data", "description", "end_user", "fields", "metadata", "output"),
        *("quoted", "raw", "schema", "stop", "stop_sequence", "summary", "text", "title", "url", "vector"),
    )
)
"""Fields of the canonical model, and of what it is encoded to, that hold what somebody said."""

_MODEL: Final = ("offramp.types.", *(f"offramp.contracts.{each}" for each in ("dialect", "provider", "transport")))


def _shown(self: Any) -> str:
    kind = cast("type[object]", type(self))
    # An outcome's words are the vendor's codes.
    hides = kind.__module__.startswith(_MODEL) and kind.__name__ != "Outcome"
    pairs = (
        f"{each.name}={_measured(held) if hides and each.name in _CONTENT else repr(held)}"
        for each in dataclasses.fields(self)
        if each.repr and ((held := getattr(self, each.name)) is not None)
    )
    return f"{kind.__qualname__}({', '.join(pairs)})"


def _measured(content: object) -> str:
    return f"<{len(content)} characters>" if isinstance(content, str) else f"<{type(content).__name__}>"


def filled(made: _T, **fields: object) -> _T:
    """The same value with these fields filled in, for whoever has just made it: nobody else may hold it yet."""
    for name, content in fields.items():
        setattr(made, name, content)
    return made


def changed(given: _T, **fields: object) -> _T:
    """A copy with these fields changed, as `dataclasses.replace` makes it and at a fifth of the cost.

    What a class checks when it is made is not checked again.

    Raises:
        AttributeError: there is no such field.
    """
    kind = type(given)
    copy = _COPIES.get(kind) or _COPIES.setdefault(kind, _copy_of(kind))
    made: _T = copy(given)
    return filled(made, **fields)


_COPIES: Final[dict[type, Callable[[Any], Any]]] = {}
"""Of each class that `changed` has met: what copies one of its values."""


def _copy_of(kind: type) -> Callable[[Any], Any]:
    """A function of one assignment a field, made as dataclasses make `__init__`: a loop costs twice as much."""
    lines = [f"    made.{each.name} = given.{each.name}" for each in dataclasses.fields(kind)]
    place: dict[str, Any] = {"new": partial(object.__new__, kind)}
    exec("\n".join(["def copy(given):", "    made = new()", *lines, "    return made"]), place)  # noqa: S102  # of our own fields' names
    return cast("Callable[[Any], Any]", place["copy"])
