"""The host options that this dialect knows, each with its default.

An option that is given wins over the spelling that a decoded request used; where none is given, the spelling wins, and
then the default.
"""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.profile import Option

NAME: Final = "mistral"
"""The dialect's name, as it stands in origins and wires."""

EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh")
"""Words of `reasoning_effort`, rising (mistralai client-python, 2026-06-30)."""

DEFAULTS: Final[Mapping[str, Option]] = {
    # Words of `reasoning_effort` that the model takes; only these two have an effect (platform-docs-public, reasoning,
    # 2026-08-21). Others are moved to the nearest. Empty: the model takes none.
    "efforts": ("none", "high"),
    # Whether the model is told to reason by `prompt_mode`, as the deprecated Magistral models are.
    "prompt_mode": False,
    # Highest temperature. The error glossary says 1, the schema 1.5 (both 2026-08-21): the narrower one is safe.
    "temperature_limit": 1.0,
    # Whether `strict` is held to a subset of JSON Schema before anything is sent. No subset is documented.
    "strict_subset": False,
    # Further fields of the body that the host or model rejects: left out, and named as lost.
    "rejects": (),
}
