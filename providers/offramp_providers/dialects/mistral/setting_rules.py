"""Settings of a request as they are written: each field of ours has an entry, or is lost by name.

`settings.py` beside this file reads them.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from offramp.types import (
    Output,
    ReasoningSettings,
    RoutingField,
    Tool,
    ToolChoice,
    ToolChoiceAuto,
    ToolChoiceNone,
)
from offramp_providers.dialects import setting_writing
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.mistral.encoding import Encoding
from offramp_providers.dialects.mistral.reasoning import encode_reasoning
from offramp_providers.dialects.mistral.settings import NEUTRAL, NEUTRAL_MARK, PLAIN, STOP_STRING, USAGE_MARK
from offramp_providers.dialects.mistral.tools import NO_TOOLS, encode_tool_choice, encode_tools
from offramp_providers.dialects.response_format import encode_output

_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    # platform-docs-public openapi.yaml, 2026-08-21. For the temperature see the option.
    "temperature": (0.0, 1.5),
    "top_p": (0.0, 1.0),
    "frequency_penalty": (-2.0, 2.0),
    "presence_penalty": (-2.0, 2.0),
    "candidates": (1, 128),
    "max_output_tokens": (0, float("inf")),
}


class SettingsWriting(setting_writing.SettingsWriting[Encoding]):
    """The settings of one request while they are written."""

    __slots__ = ()

    names: ClassVar[Mapping[str, str]] = {name: key for key, (name, _) in PLAIN.items()}
    ranges: ClassVar[Mapping[str, tuple[float, float]]] = _RANGES

    def write(self) -> None:
        """Write every setting that was given, or name its loss. Absent is not empty, where the wire can tell."""
        _TABLE.write(self)
        if self.form:
            self._spell()
        self.leave_out(self.encoding.option("rejects"), _OURS)

    def seed(self, name: str, given: int) -> None:
        """Not negative; another number would be another seed."""
        if given >= 0 or self.native:
            self.plain(name, given)
        else:
            self.lose("setting.unsupported", name)

    def stop(self, name: str, given: tuple[str, ...]) -> None:
        """A string, or a list."""
        if not self.native and not given:
            self.lose("setting.unsupported", name)
            return
        self.body["stop"] = given[0] if STOP_STRING in self.form and len(given) == 1 else list(given)

    def reasoning(self, _: str, given: ReasoningSettings) -> None:
        """Effort and mode."""
        encode_reasoning(self.encoding, given, self.body, self.form)

    def output(self, _: str, given: Output) -> None:
        """The response format."""
        self.body["response_format"] = encode_output(self.encoding, given)

    def tools(self, _: str, given: tuple[Tool, ...]) -> None:
        """The tools."""
        encode_tools(self.encoding, given, self.body, self.form)

    def tool_choice(self, name: str, given: ToolChoice) -> None:
        """The choice. The vendor takes `auto` without tools too, as recorded; a call it cannot force without."""
        if self.native or "tools" in self.body or isinstance(given, (ToolChoiceAuto, ToolChoiceNone)):
            self.body["tool_choice"] = encode_tool_choice(self.encoding, given)
        else:
            self.lose("setting.unsupported", name)

    def routing(self, _: str, given: tuple[RoutingField, ...]) -> None:
        """This dialect has no fields that decide who sees the data."""
        for field in given:
            self.encoding.log.lose("routing_field", field)

    def _spell(self) -> None:
        """What a request of this dialect said that is a mere spelling here."""
        usage = marked(self.form, USAGE_MARK)
        if usage is not None:
            self.body["stream_options"] = {"include_usage": usage == "true"}
        if NO_TOOLS in self.form and not self.request.tools:
            self.body["tools"] = []
        for key, said in NEUTRAL.items():
            if f"{NEUTRAL_MARK}{key}" in self.form:
                self.body[key] = said


_WRITERS: Final[Mapping[str, Callable[[SettingsWriting, str, Any], None]]] = {
    "tools": SettingsWriting.tools,
    "tool_choice": SettingsWriting.tool_choice,
    "parallel_tool_calls": SettingsWriting.plain,
    "output": SettingsWriting.output,
    "reasoning": SettingsWriting.reasoning,
    "max_output_tokens": SettingsWriting.bounded,
    "temperature": SettingsWriting.bounded,
    "top_p": SettingsWriting.bounded,
    "seed": SettingsWriting.seed,
    "frequency_penalty": SettingsWriting.bounded,
    "presence_penalty": SettingsWriting.bounded,
    "stop": SettingsWriting.stop,
    "candidates": SettingsWriting.bounded,
    "stream": SettingsWriting.plain,
    "metadata": SettingsWriting.plain,
    "cache": SettingsWriting.cache,
    "routing": SettingsWriting.routing,
}

_TABLE: Final = setting_writing.SettingsTable(_WRITERS, otherwise=SettingsWriting.unsupported)

_OURS: Final[Mapping[str, str]] = {
    **{key: name for key, (name, _) in PLAIN.items()},
    "reasoning_effort": "reasoning.effort",
    "prompt_mode": "reasoning.mode",
    "response_format": "output",
}
"""Our names of what the host may reject, for the path of the loss."""
