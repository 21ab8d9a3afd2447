"""Rules of a host or a model that speaks this dialect, as profiles name them in `options`.

Without an option the default below holds for what was written elsewhere; what was written in this dialect is sent as
its author wrote it. An option that a profile does give always holds.
"""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.profile import Option

OPTIONS: Final[Mapping[str, tuple[Option, str]]] = {
    "call_ids": (True, "takes ids on calls and results; else they are matched by order"),
    "signed_calls": (True, "demands a signature on the first call of each step of the current turn"),
    "signature_models": ((), "further names (shell patterns) whose signatures this model takes as its own"),
    "tool_result_media": ("keep", "media in a tool's result: `keep`, `move` to the user's turn behind it, or `drop`"),
    "urls": (True, "fetches media from URLs"),
    "prefill": (False, "continues a last turn that is the model's"),
    "reasoning_off": (True, "takes a thinking budget of 0"),
    "reasoning_budget": (True, "takes a thinking budget"),
    "efforts": (("minimal", "low", "medium", "high"), "levels of thinking, in rising order; empty: none"),
    "labels": (False, "takes labels, by which an account is billed"),
    "display_names": (False, "takes names on media"),
    "store": (True, "takes `store`"),
    "count_whole": (True, "counts tokens of a whole request; else of its fields beside each other"),
    "embed_batch": (True, "embeds many inputs at once; else one, by another method"),
    "models_path": ("/models", "where the models are listed; empty: nowhere"),
}
"""Name, default and meaning of each option. Sources: google-genai 3.4.0 and googleapis/python-genai of 2026-08-21, read
2026-11-23; the rule of signatures: docs.apiyi.com thought-signature FAQ of 2026-10, read 2026-11-23."""


def option_of(options: Mapping[str, Option], name: str) -> Option:
    """The option as the host's profile gives it, or the dialect's default."""
    return options.get(name, OPTIONS[name][0])
