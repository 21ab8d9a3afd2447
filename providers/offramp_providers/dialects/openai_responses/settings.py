"""Settings of a request as they are read: by a table where they are plain, by a function each where they are not.

`setting_rules.py` beside this file writes them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from offramp.types import Logprobs, RoutingField
from offramp_providers.dialects import setting_reading
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.output import take_output
from offramp_providers.dialects.openai_responses.reasoning import take_reasoning
from offramp_providers.dialects.openai_responses.tools import take_tool_choice, take_tools
from offramp_providers.dialects.shapes import is_list, is_object

_NUMBER: Final = (int, float)

PLAIN: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    # The wire's name, ours, and the types that fit.
    "model": ("model", (str,)),
    "max_output_tokens": ("max_output_tokens", (int,)),
    "temperature": ("temperature", _NUMBER),
    "top_p": ("top_p", _NUMBER),
    "top_k": ("top_k", (int,)),
    "seed": ("seed", (int,)),
    "frequency_penalty": ("frequency_penalty", _NUMBER),
    "presence_penalty": ("presence_penalty", _NUMBER),
    "stream": ("stream", (bool,)),
    "service_tier": ("service_tier", (str,)),
    "store": ("store", (bool,)),
    "parallel_tool_calls": ("parallel_tool_calls", (bool,)),
}

ROUTING: Final = frozenset(
    {
        # State that the vendor holds: it decides what the model reads beside the request
        # (openai-openapi 2.3.0, read 2026-11-23).
        "previous_response_id",
        "conversation",
        "prompt",
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

HELD_HISTORY: Final = frozenset({"previous_response_id", "conversation"})
"""Those that stand for earlier messages (openai-openapi 2.3.0, read 2026-11-23)."""

REMOTE_TOOLS: Final = "tools.mcp"
"""Name of the routing field that stands for tools which the vendor calls at a third party."""
REMOTE_MARK: Final = "remote_tool="
"""Begins the mark of the place of such a tool among the others."""
USERS: Final = ("safety_identifier", "user")
USER_MARK: Final = "user="
LOGPROBS_MARK: Final = "logprobs="
"""Begins the mark of the place of the log probabilities in `include`."""
LOGPROBS: Final = "message.output_text.logprobs"


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
            elif key in ROUTING and left[key] is not None:
                # An explicit null routes nothing, and stays.
                held = key in HELD_HISTORY
                field = RoutingField(dialect=NAME, name=key, raw=left.pop(key), holds_history=held)
                given["routing"] = (*given.get("routing", ()), field)
        return given

    def take_user(self) -> None:
        """The first of two spellings; a second one stays behind as residue."""
        for key in USERS:
            if "end_user" not in self.given and type(self.left.get(key)) is str:
                self.given["end_user"] = self.left.pop(key)
                self.form.append(f"{USER_MARK}{key}")

    def take_logprobs(self) -> None:
        """A word in `include`, and a count beside it."""
        include: Any = self.left["include"]
        if not is_list(include) or LOGPROBS not in include:
            return
        place = include.index(LOGPROBS)
        top: Any = self.left.get("top_logprobs")
        if type(top) is int:
            del self.left["top_logprobs"]
        self.given["logprobs"] = Logprobs(top=top if type(top) is int else None)
        self.form.append(f"{LOGPROBS_MARK}{place}")
        self.left["include"] = [*include[:place], *include[place + 1 :]]
        if not self.left["include"]:
            del self.left["include"]

    def take_tools(self) -> None:
        """The tools, apart from those by which the vendor tells a third party what it reads."""
        tools: Any = self.left["tools"]
        if is_list(tools) and all(is_object(tool) for tool in tools):
            for place, tool in enumerate(tools):
                if tool.get("type") == "mcp":
                    field = RoutingField(dialect=NAME, name=REMOTE_TOOLS, raw=tool)
                    self.given["routing"] = (*self.given.get("routing", ()), field)
                    self.form.append(f"{REMOTE_MARK}{place}")
            self.left["tools"] = [tool for tool in tools if tool.get("type") != "mcp"]
        self.keep("tools", take_tools(self.left, self.form))

    def take_tool_choice(self) -> None:
        """The choice among them."""
        self.keep("tool_choice", take_tool_choice(self.left))

    def take_output(self) -> None:
        """The format of the answer."""
        self.keep("output", take_output(self.left))

    def take_reasoning(self) -> None:
        """How much to reason."""
        self.keep("reasoning", take_reasoning(self.left))


_TAKERS: Final[Mapping[str, Callable[[SettingsReading], None]]] = {
    "safety_identifier": SettingsReading.take_user,
    "user": SettingsReading.take_user,
    "include": SettingsReading.take_logprobs,
    "metadata": SettingsReading.take_metadata,
    "tools": SettingsReading.take_tools,
    "tool_choice": SettingsReading.take_tool_choice,
    "text": SettingsReading.take_output,
    "reasoning": SettingsReading.take_reasoning,
}
