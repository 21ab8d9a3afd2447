"""Walking JSON of unknown shape: in a request that is tampered with, and in an answer as it came."""

from collections.abc import Callable, Iterator
from typing import Any

from offramp.types import JsonObject
from offramp_providers.emulator.json_values import is_list, is_object


def objects_in(node: Any, within: Callable[[str], bool] = lambda _: True) -> Iterator[JsonObject]:
    """Every object of a JSON value, itself included, the outer ones first.

    Args:
        node: the value.
        within: whether to look at what stands under a key.
    """
    if is_object(node):
        yield node
        for key, content in list(node.items()):
            if within(key):
                yield from objects_in(content, within)
    elif is_list(node):
        for each in node:
            yield from objects_in(each, within)
