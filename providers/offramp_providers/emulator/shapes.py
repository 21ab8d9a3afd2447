"""Checks of JSON structure that say where a body does not have the shape a vendor publishes.

A check takes a value and its path and yields the faults it finds, first fault first. Ranges and rules between fields
are not here: they are rules of their own, with evidence of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeAlias

from offramp.types._value import value

from .json_values import is_list, is_number, is_object


@value
class Fault:
    """What is wrong, and where."""

    param: str
    """Path in the vendor's own spelling, such as `messages.0.content`; empty for the body itself."""
    message: str


Check: TypeAlias = Callable[[Any, str], Iterator[Fault]]


def anything(_: Any, __: str) -> Iterator[Fault]:
    """Accept every value."""
    return iter(())


def text(*, at_least: int = 0, at_most: int | None = None, pattern: str | None = None) -> Check:
    """A string of a length and, where given, wholly of a pattern."""

    def check(found: Any, path: str) -> Iterator[Fault]:
        if not isinstance(found, str):
            yield Fault(path, "must be a string")
        elif len(found) < at_least:
            yield Fault(path, f"must have at least {at_least} characters")
        elif at_most is not None and len(found) > at_most:
            yield Fault(path, f"must have at most {at_most} characters")
        elif pattern is not None and not re.fullmatch(pattern, found):
            yield Fault(path, f"must match {pattern}")

    return check


def one_of(*words: str) -> Check:
    """One of a closed set of words."""

    def check(found: Any, path: str) -> Iterator[Fault]:
        if not isinstance(found, str) or found not in words:
            yield Fault(path, f"must be one of: {', '.join(words)}")

    return check


def number(found: Any, path: str) -> Iterator[Fault]:
    """A JSON number."""
    if not is_number(found):
        yield Fault(path, "must be a number")


def integer(found: Any, path: str) -> Iterator[Fault]:
    """A whole number."""
    if not isinstance(found, int) or isinstance(found, bool):
        yield Fault(path, "must be an integer")


def boolean(found: Any, path: str) -> Iterator[Fault]:
    """True or false."""
    if not isinstance(found, bool):
        yield Fault(path, "must be a boolean")


def nullable(check: Check) -> Check:
    """Null, or what the check accepts."""
    return lambda found, path: iter(()) if found is None else check(found, path)


def items(check: Check, *, at_least: int = 0, at_most: int | None = None) -> Check:
    """A list whose items all pass."""

    def check_items(found: Any, path: str) -> Iterator[Fault]:
        if not is_list(found):
            yield Fault(path, "must be a list")
            return
        if len(found) < at_least:
            yield Fault(path, f"must have at least {at_least} items")
        if at_most is not None and len(found) > at_most:
            yield Fault(path, f"must have at most {at_most} items")
        for index, member in enumerate(found):
            yield from check(member, f"{path}.{index}")

    return check_items


def record(fields: Mapping[str, Check], *, required: Collection[str] = (), closed: bool = True) -> Check:
    """An object with these fields; a closed one has no others."""

    def check(found: Any, path: str) -> Iterator[Fault]:
        if not is_object(found):
            yield Fault(path, "must be an object")
            return
        for key in required:
            if key not in found:
                yield Fault(_join(path, key), "is required")
        for key, member in found.items():
            if key in fields:
                yield from fields[key](member, _join(path, key))
            elif closed:
                yield Fault(_join(path, key), "is not a known field")

    return check


def tagged(variants: Mapping[str, Check], *, key: str = "type", is_open: bool = False) -> Check:
    """An object whose `type` chooses the check; an open one lets unknown types through."""

    def check(found: Any, path: str) -> Iterator[Fault]:
        if not is_object(found):
            yield Fault(path, "must be an object")
            return
        tag = found.get(key)
        if isinstance(tag, str) and tag in variants:
            yield from variants[tag](found, path)
        elif not (is_open and isinstance(tag, str)):
            yield Fault(_join(path, key), f"must be one of: {', '.join(variants)}")

    return check


def text_or(check: Check) -> Check:
    """A string, or what the check accepts."""
    return lambda found, path: iter(()) if isinstance(found, str) else check(found, path)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
