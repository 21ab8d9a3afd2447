"""Rules of a model or a host that speaks this dialect, as profiles name them in `options`.

Without an option the default below holds for what was written elsewhere; what was written in this dialect is sent as
its author wrote it. An option that a profile does give always holds.
"""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.profile import Option

OPTIONS: Final[Mapping[str, tuple[Option, str]]] = {
    "mid_conversation_system": (False, "takes `system` messages after the first turn, in their place"),
    "prefill": (False, "continues a last message that is the assistant's"),
    "undeclared_tools": (False, "takes calls and results of tools that the request does not offer"),
    "tool_choices": (("auto", "any", "tool"), "the choices among tools that the model takes"),
    "tool_result_status": (True, "takes a status on results"),
    "tool_result_media": (True, "takes images, documents and films in results"),
    "cache_points": (False, "takes cache points"),
    "unsigned_reasoning": (True, "takes its own reasoning back without a signature"),
    "sampling": (True, "takes temperature and topP"),
    "temperature_with_top_p": (True, "takes temperature and topP in one request"),
    "stop_limit": (2500, "stop sequences that the model takes"),
    "top_k_field": ("", "the field of `additionalModelRequestFields` for top_k, such as `inferenceConfig.topK`"),
    "thinking": ((), "types that `thinking` in `additionalModelRequestFields` may have; empty: it is not taken"),
    "effort_field": (
        "outputConfig",
        "where the effort stands: `outputConfig`, or a field of `additionalModelRequestFields`",
    ),
    "efforts": ((), "levels of effort, in rising order; empty: none"),
}
"""Name, default and meaning of each option. Sources: botocore's service model bedrock-runtime (2026-08-07), read
2026-11-26; what differs by model, from recorded traffic and the models' own documentation, stands in profiles."""
