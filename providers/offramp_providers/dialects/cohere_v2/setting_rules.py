"""Settings of a request as they are written, held to the documented ranges unless the request is of this dialect."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from offramp.types import (
    Logprobs,
    Output,
    ReasoningSettings,
    RoutingField,
)
from offramp_providers.dialects import setting_writing
from offramp_providers.dialects.cohere_v2.encoding import Encoding
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.output import encode_output
from offramp_providers.dialects.cohere_v2.reasoning import encode_reasoning
from offramp_providers.dialects.cohere_v2.settings import NO_LOGPROBS, PLAIN, ROUTING
from offramp_providers.dialects.cohere_v2.tools import NO_TOOLS, encode_tool_choice, encode_tools

_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "temperature": (0.0, 1.0),
    "top_p": (0.01, 0.99),
    "top_k": (0, 500),
    "seed": (0, 2**64 - 1),
    "frequency_penalty": (0.0, 1.0),
    "presence_penalty": (0.0, 1.0),
}
_MOST_STOPS: Final = 5
# The ranges above: cohere-openapi.yaml of 2026-08-20, and docs.cohere.com errors, both read 2026-11-26.


class SettingsWriting(setting_writing.SettingsWriting[Encoding]):
    """The settings of one request while they are written."""

    __slots__ = ()

    names: ClassVar[Mapping[str, str]] = {name: key for key, (name, _) in PLAIN.items()}
    ranges: ClassVar[Mapping[str, tuple[float, float]]] = _RANGES

    def write(self) -> None:
        """Write every setting that was given, or name its loss. Absent is not empty, where the wire can tell."""
        _TABLE.write(self)
        if NO_LOGPROBS in self.form and self.request.logprobs is None:
            self.body["logprobs"] = False
        if NO_TOOLS in self.form and not self.request.tools:
            self.body["tools"] = []

    def presence(self, name: str, given: float) -> None:
        """The second penalty, where a first one does not exclude it."""
        alone = self.request.frequency_penalty is None
        if alone or self.native or self.encoding.option("both_penalties"):
            self.bounded(name, given)
        else:
            self.lose("setting.unsupported", name)

    def stop(self, name: str, given: tuple[str, ...]) -> None:
        """A list of a few."""
        if not self.native and not given:
            self.lose("setting.unsupported", name)
            return
        if not self.native and len(given) > _MOST_STOPS:
            self.lose("setting.clamped", name)
            given = given[:_MOST_STOPS]
        self.body["stop_sequences"] = list(given)

    def logprobs(self, name: str, given: Logprobs) -> None:
        """A switch; alternatives are not told."""
        self.body["logprobs"] = True
        if given.top is not None:
            self.lose("setting.unsupported", f"{name}.top")

    def candidates(self, name: str, given: int) -> None:
        """There is one answer always."""
        if given != 1:
            self.lose("setting.unsupported", name)

    def unless_true(self, name: str, given: bool) -> None:  # noqa: FBT001  # a table's row: name and value
        """A switch that the dialect lacks and that is always on."""
        if not given:
            self.lose("setting.unsupported", name)

    def unless_empty(self, name: str, given: object) -> None:
        """A setting that the dialect lacks, where something was asked."""
        if given:
            self.lose("setting.unsupported", name)

    def reasoning(self, _: str, given: ReasoningSettings) -> None:
        """The switch and its budget."""
        said = encode_reasoning(self.encoding, given)
        if said is not None:
            self.body["thinking"] = said

    def output(self, _: str, given: Output) -> None:
        """The response format."""
        said = encode_output(self.encoding, given)
        if said is not None:
            self.body["response_format"] = said

    def tools(self, _: str, __: object) -> None:
        """The tools."""
        encode_tools(self.encoding, self.request, self.body)

    def tool_choice(self, _: str, __: object) -> None:
        """The choice, where there is something to choose."""
        encode_tool_choice(self.encoding, self.request, self.body)

    def routing(self, _: str, given: tuple[RoutingField, ...]) -> None:
        """Fields of this dialect that decide who sees the data; policy has decided on them."""
        for field in given:
            if field.dialect == NAME and field.name in ROUTING:
                self.body[field.name] = field.raw
            else:
                self.encoding.log.lose("routing_field", field)


_WRITERS: Final[Mapping[str, Callable[[SettingsWriting, str, Any], None]]] = {
    "tools": SettingsWriting.tools,
    "tool_choice": SettingsWriting.tool_choice,
    "parallel_tool_calls": SettingsWriting.unless_true,
    "output": SettingsWriting.output,
    "reasoning": SettingsWriting.reasoning,
    "max_output_tokens": SettingsWriting.plain,
    "temperature": SettingsWriting.bounded,
    "top_p": SettingsWriting.bounded,
    "top_k": SettingsWriting.bounded,
    "seed": SettingsWriting.bounded,
    "frequency_penalty": SettingsWriting.bounded,
    "presence_penalty": SettingsWriting.presence,
    "stop": SettingsWriting.stop,
    "logprobs": SettingsWriting.logprobs,
    "candidates": SettingsWriting.candidates,
    "stream": SettingsWriting.plain,
    "metadata": SettingsWriting.unless_empty,
    "store": SettingsWriting.unless_empty,
    "cache": SettingsWriting.cache,
    "routing": SettingsWriting.routing,
}

_TABLE: Final = setting_writing.SettingsTable(_WRITERS, otherwise=SettingsWriting.unsupported)
