"""The documents that the rules of this folder rest on, and how later models are told from earlier ones."""

import re
from typing import Final

SDK: Final = "openai-python 3.3.1, 2026-08-21"
SCHEMA: Final = "openai-openapi 2.3.0, 2026-08-21"
THIRD: Final = "third-party pages on the vendor's errors, read 2026-11-23"
UNREAD: Final = "recalled, not read"

_REASONING: Final = re.compile(r"(o\d|gpt-[5-9])(?!.*chat)")


def is_reasoning(model: str) -> bool:
    """Whether the id names a reasoning model."""
    return _REASONING.match(model) is not None


def has_no_stop(model: str) -> bool:
    """`stop` ended with o3 and o4-mini; o1 still had it."""
    return is_reasoning(model) and not model.startswith("o1")
