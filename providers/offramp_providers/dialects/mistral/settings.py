"""Settings of a request as they are read: by a table where they are plain, by a function each where they are not.

`setting_rules.py` beside this file writes them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from offramp_providers.dialects import setting_reading
from offramp_providers.dialects.mistral.options import NAME
from offramp_providers.dialects.mistral.reasoning import take_reasoning
from offramp_providers.dialects.mistral.tools import take_tool_choice, take_tools
from offramp_providers.dialects.response_format import take_output
from offramp_providers.dialects.shapes import are_texts, is_object

_NUMBER: Final = (int, float)

PLAIN: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    # The wire's name, ours, and the types that fit.
    "model": ("model", (str,)),
    "max_tokens": ("max_output_tokens", (int,)),
    "temperature": ("temperature", _NUMBER),
    "top_p": ("top_p", _NUMBER),
    "random_seed": ("seed", (int,)),
    "frequency_penalty": ("frequency_penalty", _NUMBER),
    "presence_penalty": ("presence_penalty", _NUMBER),
    "n": ("candidates", (int,)),
    "stream": ("stream", (bool,)),
    "parallel_tool_calls": ("parallel_tool_calls", (bool,)),
}

STOP_STRING: Final = "stop=string"
USAGE_MARK: Final = "include_usage="
NEUTRAL_MARK: Final = "default="
NEUTRAL: Final[Mapping[str, object]] = {"safe_prompt": False}
"""Fields that say of themselves what holds anyway (platform-docs-public openapi.yaml, 2026-08-21)."""


class SettingsReading(setting_reading.SettingsReading):
    """The settings of one request while they are read."""

    __slots__ = ()

    def read(self) -> dict[str, Any]:
        """Take all settings that we have a name for."""
        for key in tuple(self.left):
            if key in PLAIN:
                self.take_plain(key, *PLAIN[key])
            elif key in _TAKERS:
                _TAKERS[key](self)
            elif key in NEUTRAL and self.left[key] is NEUTRAL[key]:
                del self.left[key]
                self.form.append(f"{NEUTRAL_MARK}{key}")
        return self.given

    def take_stop(self) -> None:
        stop: Any = self.left["stop"]
        if type(stop) is str:
            self.form.append(STOP_STRING)
            self.given["stop"] = (stop,)
        elif are_texts(stop):
            self.given["stop"] = tuple(stop)
        else:
            return
        del self.left["stop"]

    def take_stream_options(self) -> None:
        """Whether a stream tells its usage, which is a spelling and no wish: we always ask."""
        options: Any = self.left["stream_options"]
        if is_object(options) and len(options) == 1 and type(options.get("include_usage")) is bool:
            self.form.append(f"{USAGE_MARK}{str(options['include_usage']).lower()}")
            del self.left["stream_options"]

    def take_reasoning(self) -> None:
        if "reasoning" not in self.given:
            self.keep("reasoning", take_reasoning(self.left, self.form))

    def take_output(self) -> None:
        self.keep("output", take_output(NAME, self.left))

    def take_tools(self) -> None:
        self.keep("tools", take_tools(self.left, self.form))

    def take_tool_choice(self) -> None:
        self.keep("tool_choice", take_tool_choice(self.left))


_TAKERS: Final[Mapping[str, Callable[[SettingsReading], None]]] = {
    "stop": SettingsReading.take_stop,
    "stream_options": SettingsReading.take_stream_options,
    "metadata": SettingsReading.take_metadata,
    "reasoning_effort": SettingsReading.take_reasoning,
    "prompt_mode": SettingsReading.take_reasoning,
    "response_format": SettingsReading.take_output,
    "tools": SettingsReading.take_tools,
    "tool_choice": SettingsReading.take_tool_choice,
}
