"""Settings of a request as they are written, held to the documented ranges unless the request is of this dialect."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from offramp.types import (
    Logprobs,
    Output,
    ReasoningSettings,
    RoutingField,
    Tool,
    ToolChoice,
)
from offramp_providers.dialects import setting_writing
from offramp_providers.dialects.openai_chat.encoding import Encoding
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.openai_chat.pinning import pin_host
from offramp_providers.dialects.openai_chat.reasoning import encode_reasoning
from offramp_providers.dialects.openai_chat.settings import (
    LIMIT_MARK,
    NO_LOGPROBS,
    PLAIN,
    ROUTING,
    STOP_STRING,
    USAGE_MARK,
    USER_MARK,
)
from offramp_providers.dialects.openai_chat.tools import NO_TOOLS, encode_tool_choice, encode_tools
from offramp_providers.dialects.response_format import encode_output

_TIERS: Final = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})
_LONGEST_USER: Final = 64
_MOST_LOGPROBS: Final = 20
_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "temperature": (0.0, 2.0),
    "top_p": (0.0, 1.0),
    "frequency_penalty": (-2.0, 2.0),
    "presence_penalty": (-2.0, 2.0),
    "candidates": (1, 128),
}
# The ranges above: openai-openapi 2.3.0, read 2026-11-23.


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
        if self.encoding.given("rejects"):
            self.leave_out(self.encoding.option("rejects"), _OURS)
        if self.encoding.given("pin_host"):
            pin_host(self.encoding, self.request, self.body)

    def _marked(self, prefix: str) -> str | None:
        return next((mark[len(prefix) :] for mark in self.form if mark.startswith(prefix)), None)

    def _field(self, option: str, mark: str) -> str:
        """The host's name for a field: as the profile gives it, as the request spelled it, or the usual one."""
        given: str | None = self.encoding.given(option)
        if given is None:
            given = self._marked(mark)
        return self.encoding.option(option) if given is None else given

    def limit(self, _: str, given: int) -> None:
        """The bound of the answer."""
        self.body[self._field("max_tokens_field", LIMIT_MARK)] = given

    def end_user(self, name: str, given: str) -> None:
        """The person served."""
        field = self._field("end_user_field", USER_MARK)
        if field and (field == "user" or self.native or len(given) <= _LONGEST_USER):
            self.body[field] = given
        else:
            self.lose("setting.unsupported", name)

    def top_k(self, name: str, given: int) -> None:
        """Only some hosts have it."""
        if self.encoding.option("top_k") or (self.native and self.encoding.given("top_k") is None):
            self.body["top_k"] = given
        else:
            self.lose("setting.unsupported", name)

    def stop(self, name: str, given: tuple[str, ...]) -> None:
        """A string, or a list of some."""
        if not self.native and not given:
            self.lose("setting.unsupported", name)
            return
        limit: int = self.encoding.option("stop_limit")
        if not self.native and len(given) > limit:
            self.lose("setting.clamped", name)
            given = given[:limit]
        self.body["stop"] = given[0] if STOP_STRING in self.form and len(given) == 1 else list(given)

    def logprobs(self, name: str, given: Logprobs) -> None:
        """A switch, and a count beside it."""
        self.body["logprobs"] = True
        if given.top is not None:
            self.body["top_logprobs"] = said = given.top if self.native else min(max(given.top, 0), _MOST_LOGPROBS)
            if said != given.top:
                self.lose("setting.clamped", f"{name}.top")

    def stream(self, _: str, given: bool) -> None:  # noqa: FBT001  # a table's row: name and value
        """Usage is always asked for; a request of this dialect says itself whether it wants it (see `_spell`)."""
        self.body["stream"] = given
        if given and not self.native and self.encoding.option("stream_usage"):
            self.body["stream_options"] = {"include_usage": True}

    def service_tier(self, name: str, given: str) -> None:
        """The vendor's own word, unless it is another vendor's."""
        if self.native or given in _TIERS:
            self.body["service_tier"] = given
        else:
            self.lose("setting.unsupported", name)

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
        """The choice, where there is something to choose."""
        if self._has_tools():
            encode_tool_choice(self.encoding, given, self.body, self.form)
        else:
            self.lose("setting.unsupported", name)

    def parallel_tool_calls(self, name: str, given: bool) -> None:  # noqa: FBT001  # as `stream`
        """Whether there may be several calls, where there may be one."""
        if self._has_tools():
            self.body["parallel_tool_calls"] = given
        else:
            self.lose("setting.unsupported", name)

    def _has_tools(self) -> bool:
        """Settings of tools are refused where there are none (recalled, not re-read)."""
        return self.native or "tools" in self.body or "functions" in self.body

    def routing(self, _: str, given: tuple[RoutingField, ...]) -> None:
        """Fields of this dialect that decide who sees the data; policy has decided on them."""
        for field in given:
            if field.dialect == NAME and field.name in ROUTING:
                self.body[field.name] = field.raw
            else:
                self.encoding.log.lose("routing_field", field)

    def _spell(self) -> None:
        """What a request of this dialect said that is a mere spelling here."""
        usage = self._marked(USAGE_MARK)
        if usage is not None:
            self.body["stream_options"] = {"include_usage": usage == "true"}
        if NO_LOGPROBS in self.form and self.request.logprobs is None:
            self.body["logprobs"] = False
        if NO_TOOLS in self.form and not self.request.tools:
            self.body["tools"] = []


_WRITERS: Final[Mapping[str, Callable[[SettingsWriting, str, Any], None]]] = {
    "tools": SettingsWriting.tools,
    "tool_choice": SettingsWriting.tool_choice,
    "parallel_tool_calls": SettingsWriting.parallel_tool_calls,
    "output": SettingsWriting.output,
    "reasoning": SettingsWriting.reasoning,
    "max_output_tokens": SettingsWriting.limit,
    "temperature": SettingsWriting.bounded,
    "top_p": SettingsWriting.bounded,
    "top_k": SettingsWriting.top_k,
    "seed": SettingsWriting.plain,
    "frequency_penalty": SettingsWriting.bounded,
    "presence_penalty": SettingsWriting.bounded,
    "stop": SettingsWriting.stop,
    "logprobs": SettingsWriting.logprobs,
    "candidates": SettingsWriting.bounded,
    "stream": SettingsWriting.stream,
    "service_tier": SettingsWriting.service_tier,
    "end_user": SettingsWriting.end_user,
    "metadata": SettingsWriting.plain,
    "store": SettingsWriting.plain,
    "cache": SettingsWriting.cache,
    "routing": SettingsWriting.routing,
}

_TABLE: Final = setting_writing.SettingsTable(_WRITERS, otherwise=SettingsWriting.unsupported)

_OURS: Final[Mapping[str, str]] = {
    **{key: name for key, (name, _) in PLAIN.items()},
    "max_completion_tokens": "max_output_tokens",
    "max_tokens": "max_output_tokens",
    "user": "end_user",
    "safety_identifier": "end_user",
    "reasoning_effort": "reasoning.effort",
    "response_format": "output",
}
"""Our names of what the host may reject, for the path of the loss."""
