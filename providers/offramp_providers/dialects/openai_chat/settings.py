"""Settings of a request as they are read: by a table where they are plain, by a function each where they are not.

`setting_rules.py` beside this file writes them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from offramp.types import Logprobs, RoutingField
from offramp_providers.dialects import setting_reading
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.openai_chat.reasoning import take_reasoning
from offramp_providers.dialects.openai_chat.tools import take_tool_choice, take_tools
from offramp_providers.dialects.response_format import take_output
from offramp_providers.dialects.shapes import is_list, is_object

_NUMBER: Final = (int, float)

PLAIN: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    # The wire's name, ours, and the types that fit.
    "model": ("model", (str,)),
    "temperature": ("temperature", _NUMBER),
    "top_p": ("top_p", _NUMBER),
    "top_k": ("top_k", (int,)),
    "seed": ("seed", (int,)),
    "frequency_penalty": ("frequency_penalty", _NUMBER),
    "presence_penalty": ("presence_penalty", _NUMBER),
    "n": ("candidates", (int,)),
    "stream": ("stream", (bool,)),
    "service_tier": ("service_tier", (str,)),
    "store": ("store", (bool,)),
    "parallel_tool_calls": ("parallel_tool_calls", (bool,)),
}

ROUTING: Final = frozenset(
    {
        # Fields of routers and hosts that decide who sees the data (openrouter.ai provider routing, read 2026-11-23).
        "models",
        "provider",
        "route",
        "plugins",
        "fallbacks",
        "preset",
        # Fields by which a host reads or asks elsewhere (recalled, not re-read).
        "data_sources",
        "mcp_servers",
        "search_parameters",
    }
)

LIMITS: Final = ("max_completion_tokens", "max_tokens")
USERS: Final = ("safety_identifier", "user")
LIMIT_MARK: Final = "limit="
USER_MARK: Final = "user="
STOP_STRING: Final = "stop=string"
NO_LOGPROBS: Final = "logprobs=false"
USAGE_MARK: Final = "include_usage="


class SettingsReading(setting_reading.SettingsReading):
    """The settings of one request while they are read."""

    __slots__ = ()

    def read(self) -> dict[str, Any]:
        """Take all settings that we have a name for."""
        left, given = self.left, self.given
        for key in tuple(left):
            plain = PLAIN.get(key)
            if plain is not None:
                found = left[key]
                if type(found) in plain[1]:
                    given[plain[0]] = found
                    del left[key]
            elif key in _TAKERS:
                _TAKERS[key](self)
            elif key in ROUTING:
                field = RoutingField(dialect=NAME, name=key, raw=left.pop(key))
                given["routing"] = (*given.get("routing", ()), field)
        return given

    def take_limit(self) -> None:
        self._first(LIMITS, "max_output_tokens", int, LIMIT_MARK)

    def take_user(self) -> None:
        self._first(USERS, "end_user", str, USER_MARK)

    def _first(self, keys: tuple[str, ...], name: str, kind: type, mark: str) -> None:
        """Take the first of several spellings; a second one stays behind as residue."""
        for key in keys:
            if name not in self.given and type(self.left.get(key)) is kind:
                self.given[name] = self.left.pop(key)
                self.form.append(f"{mark}{key}")

    def take_stop(self) -> None:
        stop: Any = self.left["stop"]
        if type(stop) is str:
            self.form.append(STOP_STRING)
            self.given["stop"] = (stop,)
        elif is_list(stop) and all(type(each) is str for each in stop):
            self.given["stop"] = tuple(stop)
        else:
            return
        del self.left["stop"]

    def take_logprobs(self) -> None:
        asked: Any = self.left["logprobs"]
        if asked is False:
            self.form.append(NO_LOGPROBS)
        elif asked is True:
            top: Any = self.left.get("top_logprobs")
            counted = type(top) is int
            if counted:
                del self.left["top_logprobs"]
            self.given["logprobs"] = Logprobs(top=top if counted else None)
        else:
            return
        del self.left["logprobs"]

    def take_stream_options(self) -> None:
        options: Any = self.left["stream_options"]
        if not is_object(options) or type(options.get("include_usage")) is not bool:
            return
        rest = dict(options)
        self.form.append(f"{USAGE_MARK}{str(rest.pop('include_usage')).lower()}")
        del self.left["stream_options"]
        if rest:
            self.left["stream_options"] = rest

    def take_reasoning(self) -> None:
        if "reasoning" not in self.given:
            self.keep("reasoning", take_reasoning(self.left, self.form))

    def take_output(self) -> None:
        self.keep("output", take_output(NAME, self.left))

    def take_tools(self) -> None:
        if "tools" not in self.given:
            self.keep("tools", take_tools(self.left, self.form))

    def take_tool_choice(self) -> None:
        if "tool_choice" not in self.given:
            self.keep("tool_choice", take_tool_choice(self.left, self.form))


_TAKERS: Final[Mapping[str, Callable[[SettingsReading], None]]] = {
    "max_completion_tokens": SettingsReading.take_limit,
    "max_tokens": SettingsReading.take_limit,
    "safety_identifier": SettingsReading.take_user,
    "user": SettingsReading.take_user,
    "stop": SettingsReading.take_stop,
    "logprobs": SettingsReading.take_logprobs,
    "stream_options": SettingsReading.take_stream_options,
    "metadata": SettingsReading.take_metadata,
    "reasoning_effort": SettingsReading.take_reasoning,
    "reasoning": SettingsReading.take_reasoning,
    "thinking": SettingsReading.take_reasoning,
    "response_format": SettingsReading.take_output,
    "tools": SettingsReading.take_tools,
    "functions": SettingsReading.take_tools,
    "tool_choice": SettingsReading.take_tool_choice,
    "function_call": SettingsReading.take_tool_choice,
}
