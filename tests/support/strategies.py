"""Hypothesis strategies for any value type, derived from the fields, so that a new field is covered at once."""

import dataclasses
import functools
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import ReasoningSettings

ANY_TEXT: Final = st.text(st.characters(codec=None), max_size=6).map(
    # Two halves of a surrogate pair mean one character, and JSON cannot tell them from it.
    lambda text: text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
)
"""Text as JSON may hold it, lone surrogates among it."""

_NUMBERS: Final = st.integers() | st.floats(allow_nan=False, allow_infinity=False)

JSON_VALUES: Final = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.integers(min_value=2**70) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(ANY_TEXT, inner, max_size=2),
    max_leaves=4,
)
"""Any JSON value: 1 beside 1.0, integers of any size, nulls."""

JSON_OBJECTS: Final = st.dictionaries(ANY_TEXT, JSON_VALUES, max_size=2)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Every value of a type: a value class, a sum of them such as `Part`, a Literal, or a container of these."""
    if isinstance(hint, TypeVar) or hint is Any:
        return JSON_VALUES
    if hint in _LEAVES:
        return _LEAVES[hint]
    if get_origin(hint) is not None:
        return _parametrised(hint, get_origin(hint), get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return st.deferred(lambda: _built(hint))


def _parametrised(hint: Any, origin: Any, arguments: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([values(one) for one in sorted(arguments, key=_simplest_first)])
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if origin in (dict, Mapping):
        return JSON_OBJECTS if arguments[1] is Any else st.dictionaries(ANY_TEXT, values(arguments[1]), max_size=2)
    if dataclasses.is_dataclass(origin):
        return st.deferred(lambda: _built(origin))
    raise TypeError(f"no strategy for {hint!r}")


def _simplest_first(hint: Any) -> bool:
    return hint is not type(None)


@functools.cache
def _built(cls: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(cls)
    fields = {field.name: values(hints[field.name]) for field in dataclasses.fields(cls)}
    made = st.builds(cls, **fields)
    if cls is ReasoningSettings:
        return made.filter(lambda one: one.mode is not None or one.effort is not None)
    return made


def _error(text: str, kind: ProviderErrorKind, fields: dict[str, Any]) -> ProviderError:
    return ProviderError(text, kind=kind, **fields)


_ERROR_FIELDS: Final = st.fixed_dictionaries(
    {},
    optional={
        "status": st.integers(100, 599),
        "vendor_code": ANY_TEXT,
        "request_id": ANY_TEXT,
        "retry_after_s": st.floats(0, 1e6),
        "phase": st.sampled_from(["before_first_output", "mid_stream"]),
        "endpoint": ANY_TEXT,
        "body": JSON_VALUES,
        "mend": st.text(min_size=1, max_size=6),
    },
)

_LEAVES: Final[Mapping[Any, st.SearchStrategy[Any]]] = {
    type(None): st.none(),
    str: ANY_TEXT,
    bool: st.booleans(),
    int: st.integers(),
    float: _NUMBERS,
    ProviderError: st.builds(_error, ANY_TEXT, st.sampled_from(ProviderErrorKind), _ERROR_FIELDS),
}


def value_classes(module: Any) -> list[type[Any]]:
    """Every value class that a module exports."""
    exported = (getattr(module, name) for name in module.__all__)
    return [one for one in exported if isinstance(one, type) and dataclasses.is_dataclass(one)]
