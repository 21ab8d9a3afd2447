"""Settings of a request as they are read: by a table where they are plain, by a function each where they are not.

`setting_rules.py` beside this file writes them.
"""

from collections.abc import Mapping
from typing import Any, Final

from offramp.types import Logprobs, RoutingField
from offramp_providers.dialects import setting_reading
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.output import take_output
from offramp_providers.dialects.cohere_v2.reasoning import take_reasoning
from offramp_providers.dialects.cohere_v2.tools import take_tool_choice, take_tools
from offramp_providers.dialects.shapes import are_texts

_NUMBER: Final = (int, float)

PLAIN: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    # The wire's name, ours, and the types that fit.
    "model": ("model", (str,)),
    "max_tokens": ("max_output_tokens", (int,)),
    "temperature": ("temperature", _NUMBER),
    "p": ("top_p", _NUMBER),
    "k": ("top_k", (int,)),
    "seed": ("seed", (int,)),
    "frequency_penalty": ("frequency_penalty", _NUMBER),
    "presence_penalty": ("presence_penalty", _NUMBER),
    "stream": ("stream", (bool,)),
}

ROUTING: Final = frozenset({"connectors"})
"""Sources that the first version of the chat asked on the caller's behalf (docs.cohere.com changelog, 2025-09-15)."""

NO_LOGPROBS: Final = "logprobs=false"


class SettingsReading(setting_reading.SettingsReading):
    """The settings of one request while they are read."""

    __slots__ = ()

    def read(self) -> dict[str, Any]:
        """Take all settings that we have a name for."""
        for key in tuple(self.left):
            if key in PLAIN:
                self.take_plain(key, *PLAIN[key])
            elif key in ROUTING:
                field = RoutingField(dialect=NAME, name=key, raw=self.left.pop(key))
                self.given["routing"] = (*self.given.get("routing", ()), field)
        self._take_stop()
        self._take_logprobs()
        self.keep("tools", take_tools(self.left, self.form))
        self.keep("tool_choice", take_tool_choice(self.left))
        self.keep("output", take_output(self.left))
        self.keep("reasoning", take_reasoning(self.left))
        return self.given

    def _take_stop(self) -> None:
        stop: Any = self.left.get("stop_sequences")
        if are_texts(stop):
            del self.left["stop_sequences"]
            self.given["stop"] = tuple(stop)

    def _take_logprobs(self) -> None:
        asked: Any = self.left.get("logprobs")
        if type(asked) is not bool:
            return
        del self.left["logprobs"]
        if asked:
            self.given["logprobs"] = Logprobs()
        else:
            self.form.append(NO_LOGPROBS)
