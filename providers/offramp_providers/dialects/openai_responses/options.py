"""The host options that this dialect knows, each with its default.

Options stand in a vendor's profile, a model's facts or the user's configuration. An option that is given wins over the
spelling that a decoded request used; where none is given, the spelling wins, and then the default.

Reasoning, item ids and compactions are sealed to the account that they were issued to: they go back only where the
endpoint's configuration names its `account`.
"""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.profile import Option

NAME: Final = "openai_responses"
"""The dialect's name, as it stands in origins and wires."""

EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Words of `reasoning.effort`, rising (openai-openapi 2.3.0, read 2026-11-23). Each model takes some of them."""

DEFAULTS: Final[Mapping[str, Option]] = {
    # `safety_identifier`, `user`, or empty where the host takes neither.
    "end_user_field": "safety_identifier",
    # Whether the host takes its own reasoning back that is neither encrypted nor stored.
    "plain_reasoning": False,
    # Settings beyond the vendor's own that the host takes: `top_k`, `frequency_penalty`, `presence_penalty`, `seed`.
    "further_settings": (),
    # Words of `reasoning.effort` that the model takes. Others are moved to the nearest.
    "efforts": EFFORTS,
    # Highest temperature.
    "temperature_limit": 2.0,
    # Whether `strict` is held to the documented subset of JSON Schema before anything is sent.
    "strict_subset": True,
    # Further fields of the body that the host or model rejects: left out, and named as lost.
    "rejects": (),
}
