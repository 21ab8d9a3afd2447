"""JSON values: when two are equal, and when one holds another."""

from collections.abc import Callable
from typing import Any, TypeGuard


def equal(one: Any, other: Any) -> bool:
    """By value: 1 is 1.0, true is not 1; keys have no order."""
    return _compare(one, other, whole=True)


def holds(found: Any, expected: Any) -> bool:
    """Each key of the expected objects is there, with a value that holds theirs. Lists are equal as a whole."""
    return _compare(found, expected, whole=False)


def _compare(found: Any, expected: Any, *, whole: bool) -> bool:
    if _is_object(found) and _is_object(expected):
        if whole and found.keys() != expected.keys():
            return False
        return all(key in found and _compare(found[key], each, whole=whole) for key, each in expected.items())
    if _is_list(found) and _is_list(expected):
        return len(found) == len(expected) and all(map(equal, found, expected))
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    return _sort(found) == _sort(expected) and bool(found == expected)


def _sort(given: Any) -> str:
    return "number" if isinstance(given, int | float) else type(given).__name__


def _is_object(given: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(given, dict)


def _is_list(given: Any) -> TypeGuard[list[Any]]:
    return isinstance(given, list)


def paired_off(found: list[Any], expected: list[Any], fits: Callable[[Any, Any], bool]) -> bool:
    """Whether each expected one can have a found one of its own, by augmenting paths (Kuhn 1955)."""
    owner: dict[int, int] = {}

    def place(wanted: int, seen: set[int]) -> bool:
        for at, candidate in enumerate(found):
            if at in seen or not fits(candidate, expected[wanted]):
                continue
            seen.add(at)
            if at not in owner or place(owner[at], seen):
                owner[at] = wanted
                return True
        return False

    return all(place(wanted, set()) for wanted in range(len(expected)))
