"""The host options that this dialect knows, each with its default.

Options stand in a vendor's profile, a model's facts or the user's configuration. An option that is given wins over the
spelling that a decoded request used; where none is given, the spelling wins, and then the default.
"""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.profile import Option

NAME: Final = "openai_chat"
"""The dialect's name, as it stands in origins and wires."""

EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Words of `reasoning_effort`, rising (openai-openapi 2.3.0, read 2026-11-23). Each model takes some of them."""

DEFAULTS: Final[Mapping[str, Option]] = {
    # `max_completion_tokens` or `max_tokens`: which field bounds the answer.
    "max_tokens_field": "max_completion_tokens",
    # Whether the host takes the roles `developer` and `system`; where not, each is written as the other.
    "developer_role": True,
    "system_role": True,
    # Whether messages may carry a participant's `name`.
    "participant_names": True,
    # `safety_identifier`, `user`, or empty where the host takes neither.
    "end_user_field": "safety_identifier",
    # Which field takes the host's own reasoning back: `reasoning_content`, `reasoning`, or empty for none.
    "reasoning_field": "reasoning_content",
    # Images among a tool's results: `move` them to a user message that follows, `keep` them in place, `drop` them.
    "tool_result_media": "move",
    # Whether a document may be given by its URL in `file_data`.
    "document_urls": False,
    # How a cache mark is written on a block: `cache_control`, `prompt_cache_breakpoint`, or empty for not at all.
    "cache_marks": "",
    # Whether a stream may be asked for its usage.
    "stream_usage": True,
    # Whether the host knows `top_k`.
    "top_k": False,
    # Words of `reasoning_effort` that the model takes. Others are moved to the nearest.
    "efforts": EFFORTS,
    # Which object turns reasoning on and off, beside the effort: `thinking`, or empty for none.
    "reasoning_switch": "",
    # Whether a router is told to ask the endpoint's own host and no other, in its object `provider`.
    "pin_host": False,
    # Most stop sequences.
    "stop_limit": 4,
    # Highest temperature.
    "temperature_limit": 2.0,
    # Whether `strict` is held to the documented subset of JSON Schema before anything is sent.
    "strict_subset": True,
    # Where tokens are counted before a call; empty: nowhere.
    "count_path": "",
    # Further fields of the body that the host or model rejects: left out, and named as lost.
    "rejects": (),
}
