"""Which generation a model id belongs to, for the rules that hold from one generation on."""

from __future__ import annotations

import re
from typing import Final

from offramp.types._value import value

_NEW: Final = re.compile(r"claude-(opus|sonnet|haiku|fable|mythos)-(\d+)(?:-(\d{1,2}))?(?!\d)")
_OLD: Final = re.compile(r"claude-(\d+)(?:-(\d{1,2}))?-(opus|sonnet|haiku)")


@value
class Generation:
    """A family and its version."""

    family: str
    version: tuple[int, int]


def generation_of(model: str) -> Generation | None:
    """Read a model id; None where it names no known family."""
    if found := _NEW.match(model):
        return Generation(found[1], (int(found[2]), int(found[3] or 0)))
    if found := _OLD.match(model):
        return Generation(found[3], (int(found[1]), int(found[2] or 0)))
    return None


def refuses_prefill(model: str) -> bool:
    """From 4.6 on, in every family. An id that we cannot read is taken for a later one."""
    found = generation_of(model)
    return found is None or found.version >= (4, 6)


def allows_system_in_place(model: str) -> bool:
    """From 4.8 on. An id that we cannot read is taken for a later one."""
    found = generation_of(model)
    return found is None or found.version >= (4, 8)


def names_callers(model: str) -> bool:
    """Whether its calls say who called, as recordings of 4.6 do and those of earlier models do not."""
    found = generation_of(model)
    return found is None or found.version >= (4, 6)


def has_no_sampling(model: str) -> bool:
    """Removed from Opus 4.7 and Fable 5 on, and from the vendor's own package since. What cannot be read is later."""
    found = generation_of(model)
    return found is None or (found.version >= (4, 7) and not samples_by_default_only(model))


def samples_by_default_only(model: str) -> bool:
    """Sonnet 5 refuses values that differ from the default."""
    return generation_of(model) == Generation("sonnet", (5, 0))


def samples_one_way(model: str) -> bool:
    """Claude 4.x takes temperature or top_p, not both."""
    found = generation_of(model)
    return found is not None and found.version[0] == 4


def refuses_budgets(model: str) -> bool:
    """Fixed thinking budgets ended with Opus 4.7, Sonnet 5 and Fable 5."""
    found = generation_of(model)
    first = {"opus": (4, 7), "sonnet": (5, 0), "fable": (5, 0)}
    return found is not None and found.family in first and found.version >= first[found.family]


def always_thinks(model: str) -> bool:
    """Fable 5 refuses to have thinking disabled."""
    return generation_of(model) == Generation("fable", (5, 0))
