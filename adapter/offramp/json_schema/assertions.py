"""Keywords that hold an instance to something by themselves: a type, a bound, a pattern."""

import re
from collections.abc import Callable, Mapping, Sized
from fractions import Fraction
from typing import Any, Final, cast

from offramp.types import JsonObject


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text."""
    try:
        return re.search(pattern, text) is not None
    except re.error:  # not a pattern here, as ECMA's own escapes are: it holds nothing
        return True


def _is_number(instance: Any) -> bool:
    return isinstance(instance, int | float) and not isinstance(instance, bool)


_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "null": lambda each: each is None,
    "boolean": lambda each: isinstance(each, bool),
    "string": lambda each: isinstance(each, str),
    "number": _is_number,
    "integer": lambda each: _is_number(each) and each == each // 1,
    "array": lambda each: isinstance(each, list),
    "object": lambda each: isinstance(each, dict),
}


def _of_type(held: Any, instance: Any) -> bool:
    names = cast("list[object]", held) if isinstance(held, list) else [held]
    return any(type(name) is str and name in _TYPES and _TYPES[name](instance) for name in names)


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is 1.0, and is not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        these, those = cast("list[object]", one), cast("list[object]", other)
        return len(these) == len(those) and all(map(_same, these, those))
    if isinstance(one, dict) and isinstance(other, dict):
        mine, theirs = cast("JsonObject", one), cast("JsonObject", other)
        return mine.keys() == theirs.keys() and all(_same(mine[key], theirs[key]) for key in mine)
    return bool(one == other)


def _unique(held: Any, instance: Any) -> bool:
    if not held or not isinstance(instance, list):
        return True
    each = cast("list[object]", instance)
    return not any(_same(one, other) for place, one in enumerate(each) for other in each[:place])


def _divides(held: Any, instance: Any) -> bool:
    return (Fraction(str(instance)) / Fraction(str(held))).denominator == 1


def _required(held: Any, instance: Any) -> bool:
    return not isinstance(instance, dict) or all(name in instance for name in held)


def _dependent_required(held: Any, instance: Any) -> bool:
    return not isinstance(instance, dict) or all(_required(held[name], instance) for name in held if name in instance)


def _if_number(judge: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda held, instance: not _is_number(instance) or judge(held, instance)


def _sized(kind: type[Sized], judge: Callable[[int, int], bool]) -> Callable[[Any, Any], bool]:
    return lambda held, instance: not isinstance(instance, kind) or judge(len(instance), held)


def _at_least(size: int, bound: int) -> bool:
    return size >= bound


def _at_most(size: int, bound: int) -> bool:
    return size <= bound


ASSERTIONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "type": _of_type,
    "enum": lambda held, instance: any(_same(each, instance) for each in held),
    "const": _same,
    "minimum": _if_number(lambda held, instance: instance >= held),
    "maximum": _if_number(lambda held, instance: instance <= held),
    "exclusiveMinimum": _if_number(lambda held, instance: instance > held),
    "exclusiveMaximum": _if_number(lambda held, instance: instance < held),
    "multipleOf": _if_number(_divides),
    "minLength": _sized(str, _at_least),
    "maxLength": _sized(str, _at_most),
    "minItems": _sized(list, _at_least),
    "maxItems": _sized(list, _at_most),
    "minProperties": _sized(dict, _at_least),
    "maxProperties": _sized(dict, _at_most),
    "pattern": lambda held, instance: not isinstance(instance, str) or matches(held, instance),
    "uniqueItems": _unique,
    "required": _required,
    "dependentRequired": _dependent_required,
}
"""Keyword to judge, which takes what the keyword holds and the instance."""
