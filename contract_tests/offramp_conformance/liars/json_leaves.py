"""The leaves of a JSON value: looked at, and changed."""

from collections.abc import Callable, Iterator
from typing import Any

from offramp_providers.emulator.json_values import is_list, is_object


def texts_in(held: Any) -> Iterator[str]:
    """Every string, in order; keys are none."""
    if isinstance(held, str):
        yield held
    elif is_object(held):
        for each in held.values():
            yield from texts_in(each)
    elif is_list(held):
        for each in held:
            yield from texts_in(each)


def with_leaves(held: Any, change: Callable[[Any], Any]) -> Any:
    """The same value with each leaf changed: each that is neither an object nor a list."""
    if is_object(held):
        return {key: with_leaves(each, change) for key, each in held.items()}
    if is_list(held):
        return [with_leaves(each, change) for each in held]
    return change(held)


def with_numbers(held: Any, names: tuple[str, ...], change: Callable[[int], int]) -> Any:
    """The same value with the whole numbers under these names changed, wherever they stand."""
    if is_object(held):
        return {
            key: change(each) if key in names and isinstance(each, int) else with_numbers(each, names, change)
            for key, each in held.items()
        }
    return [with_numbers(each, names, change) for each in held] if is_list(held) else held
