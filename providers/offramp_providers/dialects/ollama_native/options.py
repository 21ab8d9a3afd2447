"""Rules of a server that speaks this dialect, as profiles and endpoints name them in `options`.

What the dialect is rests on ollama/ollama `api/types.go` at 043e9900 and `server/routes.go` at 00188139, read
2026-11-26, unless a place says otherwise.
"""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.profile import Option

NAME: Final = "ollama_native"
"""The dialect's name, as it stands in origins and wires."""

OPTIONS: Final[Mapping[str, tuple[Option, str]]] = {
    "num_ctx": (
        0,
        "tokens of context asked for with every call; 0: what the server has. Another value reloads the model",
    ),
    "cuts_history": (False, "lets the server drop the oldest of a prompt that is too long, without a word"),
    "cloud_models": (False, "lets models be asked for that the server passes on to ollama.com"),
    "efforts": (("low", "medium", "high", "max"), "levels of thinking, in rising order; empty: on and off only"),
    "tool_keywords": (
        ("type", "$defs", "items", "required", "properties", "anyOf", "description", "enum"),
        "keywords of a tool's schema that the server hands to the model; it drops all others",
    ),
    "tool_result_media": ("move", "media in a tool's result: `keep`, `move` to a user's message behind it, or `drop`"),
}
"""Name, default and meaning of each option."""

DEFAULTS: Final[Mapping[str, Option]] = {name: default for name, (default, _) in OPTIONS.items()}
