"""Where two JSON values differ, in words without any content: recordings hold what people said."""

from collections.abc import Iterator
from typing import Any

from offramp_conformance.accounting.leaves import is_list, is_object, same

_MOST = 3
"""Places that a cause names; there may be as many as leaves."""


def cause_of(before: Any, after: Any) -> str | None:
    """The first places that differ; None where nothing does. 1 is not True, and 64 is not 64.5."""
    found = list(_places(before, after, ""))
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return "; ".join(found[:_MOST]) + more if found else None


def _places(before: Any, after: Any, path: str) -> Iterator[str]:
    if is_object(before) and is_object(after):
        for key in sorted({*before, *after}):
            below = f"{path}.{key}" if path else key
            if key not in after:
                yield f"{below} is missing"
            elif key not in before:
                yield f"{below} is new"
            else:
                yield from _places(before[key], after[key], below)
    elif is_list(before) and is_list(after) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _places(one, other, f"{path}[{number}]")
    elif is_list(before) and is_list(after):
        yield f"{path or 'the list'} has {len(after)} elements in place of {len(before)}"
    elif not same(before, after):
        yield f"{path or 'the whole'} is another"
