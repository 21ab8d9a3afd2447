"""Settings of a request as they are written, held to the documented ranges unless the request is of this dialect."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from offramp.types import (
    GenerateRequest,
    JsonMapping,
    JsonObject,
    Logprobs,
    Output,
    ReasoningSettings,
    RoutingField,
    Tool,
    ToolChoice,
)
from offramp_providers.dialects import setting_writing
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.openai_responses.encoding import Encoding
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.output import encode_output
from offramp_providers.dialects.openai_responses.reasoning import encode_reasoning
from offramp_providers.dialects.openai_responses.settings import (
    LOGPROBS,
    LOGPROBS_MARK,
    PLAIN,
    REMOTE_MARK,
    REMOTE_TOOLS,
    ROUTING,
    USER_MARK,
)
from offramp_providers.dialects.openai_responses.tools import NO_TOOLS, encode_tool_choice, encode_tools
from offramp_providers.dialects.shapes import is_list

_TIERS: Final = frozenset({"auto", "default", "flex", "scale", "priority", "fast", "ultrafast"})
_LONGEST_USER: Final = 64
_MOST_LOGPROBS: Final = 20
_RANGES: Final[Mapping[str, tuple[float, float]]] = {"temperature": (0.0, 2.0), "top_p": (0.0, 1.0)}
_LEAST_OUTPUT: Final = 16
# The ranges above: openai-openapi 2.3.0, read 2026-11-23.
_NEUTRAL: Final[Mapping[str, object]] = {"candidates": 1, "frequency_penalty": 0, "presence_penalty": 0, "stop": ()}
"""Values that ask for nothing but what happens anyway."""


class SettingsWriting(setting_writing.SettingsWriting[Encoding]):
    """The settings of one request while they are written."""

    __slots__ = ("residue",)

    ranges: ClassVar[Mapping[str, tuple[float, float]]] = _RANGES

    def __init__(
        self,
        encoding: Encoding,
        request: GenerateRequest,
        body: JsonObject,
        own: tuple[JsonMapping, tuple[str, ...]],
    ) -> None:
        super().__init__(encoding, request, body, own[1])
        self.residue = own[0]

    def write(self) -> None:
        """Write every setting that was given, or name its loss. Absent is not empty, where the wire can tell."""
        _TABLE.write(self)
        if NO_TOOLS in self.form and not self.request.tools:
            self.body.setdefault("tools", [])
        if self.encoding.given("rejects"):
            self.leave_out(self.encoding.option("rejects"), _OURS)

    def unsupported(self, name: str, given: object) -> None:
        """No such setting in this dialect; a neutral value asks for nothing."""
        if name not in _NEUTRAL or given != _NEUTRAL[name]:
            self.lose("setting.unsupported", name)

    def further(self, name: str, given: object) -> None:
        """Only some hosts have it."""
        if name in self.encoding.option("further_settings") or (
            self.native and self.encoding.given("further_settings") is None
        ):
            self.body[name] = given
        else:
            self.unsupported(name, given)

    def limit(self, name: str, given: int) -> None:
        """The bound of the answer, which the vendor takes from 16 on."""
        said = given if self.native else max(given, _LEAST_OUTPUT)
        if said != given:
            self.lose("setting.clamped", name)
        self.body[name] = said

    def end_user(self, name: str, given: str) -> None:
        """The person served."""
        field: str | None = self.encoding.given("end_user_field")
        if field is None:
            field = marked(self.form, USER_MARK)
        field = self.encoding.option("end_user_field") if field is None else field
        if field and (field == "user" or self.native or len(given) <= _LONGEST_USER):
            self.body[field] = given
        else:
            self.lose("setting.unsupported", name)

    def logprobs(self, name: str, given: Logprobs) -> None:
        """A word in `include`, and a count beside it."""
        kept: Any = self.residue.get("include")
        include: list[Any] = list(kept) if is_list(kept) else []
        place = marked(self.form, LOGPROBS_MARK)
        include.insert(len(include) if place is None else int(place), LOGPROBS)
        self.body["include"] = include
        if given.top is not None:
            self.body["top_logprobs"] = said = given.top if self.native else min(max(given.top, 0), _MOST_LOGPROBS)
            if said != given.top:
                self.lose("setting.clamped", f"{name}.top")

    def service_tier(self, name: str, given: str) -> None:
        """The vendor's own word, unless it is another vendor's."""
        if self.native or given in _TIERS:
            self.body["service_tier"] = given
        else:
            self.lose("setting.unsupported", name)

    def reasoning(self, _: str, given: ReasoningSettings) -> None:
        """Effort and summary."""
        written = encode_reasoning(self.encoding, given)
        if written:
            self.body["reasoning"] = written

    def output(self, _: str, given: Output) -> None:
        """The format of the answer."""
        self.body["text"] = {"format": encode_output(self.encoding, given)}

    def tools(self, _: str, given: tuple[Tool, ...]) -> None:
        """The tools."""
        encode_tools(self.encoding, given, self.body, self.form)

    def tool_choice(self, name: str, given: ToolChoice) -> None:
        """The choice, where there is something to choose."""
        if self.native or "tools" in self.body:
            encode_tool_choice(self.encoding, given, self.body)
        else:
            self.lose("setting.unsupported", name)

    def routing(self, _: str, given: tuple[RoutingField, ...]) -> None:
        """Fields of this dialect that decide who sees the data; policy has decided on them."""
        places = [int(mark.removeprefix(REMOTE_MARK)) for mark in self.form if mark.startswith(REMOTE_MARK)]
        for field in given:
            if field.dialect == NAME and field.name == REMOTE_TOOLS:
                tools: list[Any] = self.body.setdefault("tools", [])
                tools.insert(places.pop(0) if places else len(tools), field.raw)
            elif field.dialect == NAME and field.name in ROUTING:
                self.body[field.name] = field.raw
            else:
                self.encoding.log.lose("routing_field", field)


_WRITERS: Final[Mapping[str, Callable[[SettingsWriting, str, Any], None]]] = {
    "tools": SettingsWriting.tools,
    "tool_choice": SettingsWriting.tool_choice,
    "parallel_tool_calls": SettingsWriting.plain,
    "output": SettingsWriting.output,
    "reasoning": SettingsWriting.reasoning,
    "max_output_tokens": SettingsWriting.limit,
    "temperature": SettingsWriting.bounded,
    "top_p": SettingsWriting.bounded,
    "top_k": SettingsWriting.further,
    "seed": SettingsWriting.further,
    "frequency_penalty": SettingsWriting.further,
    "presence_penalty": SettingsWriting.further,
    "logprobs": SettingsWriting.logprobs,
    "stream": SettingsWriting.plain,
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
    "user": "end_user",
    "safety_identifier": "end_user",
    "text": "output",
    "top_logprobs": "logprobs.top",
}
"""Our names of what the host may reject, for the path of the loss."""
