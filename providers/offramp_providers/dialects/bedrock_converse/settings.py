"""Settings of a request, each way: sampling, stopping, and whatever else is one value."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, TypeAlias

from offramp.types import GenerateRequest, JsonObject, ReasoningSettings, RoutingField
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.bedrock_converse import additional
from offramp_providers.dialects.bedrock_converse.encoding import NAME, Encoding
from offramp_providers.dialects.bedrock_converse.output import decode_output, encode_output
from offramp_providers.dialects.shapes import are_texts, is_object

ROUTING: Final[tuple[str, ...]] = ("guardrailConfig",)
"""Fields that decide who sees the data: a guardrail may belong to another account (botocore bedrock-runtime of
2026-08-07, read 2026-11-26)."""

_SCALARS: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    # wire key in `inferenceConfig`: (our field, the types that it may have)
    "maxTokens": ("max_output_tokens", (int,)),
    "temperature": ("temperature", (int, float)),
    "topP": ("top_p", (int, float)),
}
_TIERS: Final = ("priority", "default", "flex", "reserved")
_MOST_METADATA: Final = 16
_LONGEST_METADATA: Final = 256


def decode_settings(left: JsonObject, form: list[str]) -> dict[str, Any]:
    """Take what has a name; nested objects keep the rest."""
    given: dict[str, Any] = {}
    with_rest(left, "inferenceConfig", lambda config: given.update(_decode_inference(config)))
    extra: dict[str, Any] = {}
    with_rest(left, additional.FIELD, lambda found: extra.update(additional.decode_additional(found, form)))
    with_rest(left, "outputConfig", lambda config: given.update(_decode_config(config, extra)))
    effort, mode = given.pop("effort", None) or extra.get("effort"), extra.get("mode")
    if effort is not None or mode is not None:
        given["reasoning"] = ReasoningSettings(mode=mode, effort=effort)
    if "top_k" in extra:
        given["top_k"] = extra["top_k"]
    with_rest(left, "serviceTier", lambda tier: given.update(_decode_tier(tier)))
    metadata: Any = left.get("requestMetadata")
    if is_object(metadata) and all(type(each) is str for each in metadata.values()):
        given["metadata"] = left.pop("requestMetadata")
    return given


def with_rest(left: JsonObject, key: str, take: Callable[[JsonObject], object]) -> None:
    """Let values be taken out of a nested object. What is left of it stays, and so does one that was empty."""
    nested = take_object(left, key)
    if nested is None:
        return
    was_empty = not nested
    take(nested)
    if was_empty:
        left[key] = nested
    else:
        keep_rest(left, key, nested)


def _decode_inference(config: JsonObject) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for key, (name, kinds) in _SCALARS.items():
        if type(config.get(key)) in kinds:
            given[name] = config.pop(key)
    if are_texts(config.get("stopSequences")):
        given["stop"] = tuple(config.pop("stopSequences"))
    return given


def _decode_config(config: JsonObject, extra: Mapping[str, Any]) -> dict[str, Any]:
    return {"output": decode_output(config), "effort": additional.decode_effort(config, extra)}


def _decode_tier(tier: JsonObject) -> dict[str, Any]:
    return {"service_tier": tier.pop("type")} if type(tier.get("type")) is str else {}


def decode_routing(left: JsonObject) -> tuple[RoutingField, ...]:
    """Take the fields that decide who sees the data. An explicit null routes nothing, and stays."""
    found = [name for name in ROUTING if left.get(name) is not None]
    return tuple([RoutingField(dialect=NAME, name=name, raw=left.pop(name)) for name in found])


class Draft:
    """The nested objects of a body while settings are written."""

    __slots__ = ("body", "config", "extra", "form", "inference")

    def __init__(self, form: tuple[str, ...]) -> None:
        self.form = form
        """The spellings that were used."""
        self.body: JsonObject = {}
        self.inference: JsonObject = {}
        self.extra: JsonObject = {}
        self.config: JsonObject = {}

    def place(self) -> JsonObject:
        """All of it, where it stands on the wire."""
        nested = {"inferenceConfig": self.inference, additional.FIELD: self.extra, "outputConfig": self.config}
        return {**self.body, **{key: inner for key, inner in nested.items() if inner}}


_Write: TypeAlias = Callable[[Encoding, GenerateRequest, Any, Draft], None]


def _lose_unless(name: str, *, neutral: object = None) -> _Write:
    """A setting that the dialect lacks; a neutral value asks for nothing but what happens anyway."""

    def write(ctx: Encoding, request: GenerateRequest, content: Any, _draft: Draft) -> None:
        if content != neutral:
            ctx.log.lose("setting.unsupported", request, name)

    return write


def _write_bound(_ctx: Encoding, _request: GenerateRequest, content: int, draft: Draft) -> None:
    draft.inference["maxTokens"] = content


def _write_sampling(name: str, key: str) -> _Write:
    """Between 0 and 1, where the model takes it."""

    def write(ctx: Encoding, request: GenerateRequest, content: float, draft: Draft) -> None:
        alone = key == "temperature" or request.temperature is None or ctx.allows("temperature_with_top_p")
        if not (ctx.allows("sampling") and alone):
            ctx.log.lose("setting.unsupported", request, name)
            return
        clamped = content if ctx.native else min(max(content, 0), 1)
        if clamped != content:
            ctx.log.lose("setting.clamped", request, name)
        draft.inference[key] = clamped

    return write


def _write_stop(ctx: Encoding, request: GenerateRequest, content: tuple[str, ...], draft: Draft) -> None:
    kept = list(range(len(content)))
    if not ctx.native or ctx.given("stop_limit") is not None:
        kept = [n for n in kept if content[n]][: int(ctx.option("stop_limit"))]
        for n in range(len(content)):
            if n not in kept:
                ctx.log.lose("setting.unsupported", request, f"stop[{n}]")
    if kept or not content:
        draft.inference["stopSequences"] = [content[n] for n in kept]


def _write_output(ctx: Encoding, _request: GenerateRequest, content: Any, draft: Draft) -> None:
    draft.config.update(encode_output(ctx, content))


def _write_reasoning(ctx: Encoding, _request: GenerateRequest, content: Any, draft: Draft) -> None:
    additional.encode_reasoning(ctx, content, draft.form, draft.extra, draft.config)


def _write_top_k(ctx: Encoding, request: GenerateRequest, _content: Any, draft: Draft) -> None:
    additional.encode_top_k(ctx, request, draft.form, draft.extra)


def _write_tier(ctx: Encoding, request: GenerateRequest, content: str, draft: Draft) -> None:
    if ctx.native or content in _TIERS:
        draft.body["serviceTier"] = {"type": content}
    else:
        ctx.log.lose("setting.unsupported", request, "service_tier")


def _write_metadata(ctx: Encoding, request: GenerateRequest, content: dict[str, str], draft: Draft) -> None:
    lengths = [len(each) for each in (*content, *content.values())]
    fits = 0 < len(content) <= _MOST_METADATA and all(content) and max(lengths) <= _LONGEST_METADATA
    if ctx.native or fits:
        draft.body["requestMetadata"] = content
    elif content:
        ctx.log.lose("setting.unsupported", request, "metadata")


def _lose_cache(ctx: Encoding, request: GenerateRequest, _content: Any, _draft: Draft) -> None:
    ctx.lose_cache(request)


def _write_routing(ctx: Encoding, _request: GenerateRequest, content: tuple[RoutingField, ...], draft: Draft) -> None:
    for each in content:
        if each.dialect == NAME and each.name in ROUTING:
            draft.body[each.name] = each.raw
        else:
            ctx.log.lose("routing_field", each)


_ELSEWHERE: Final = frozenset({"messages", "model", "stream", "tools", "tool_choice", "wire"})
"""Fields that are no settings."""

_WRITERS: Final[Mapping[str, _Write]] = {
    "max_output_tokens": _write_bound,
    "temperature": _write_sampling("temperature", "temperature"),
    "top_p": _write_sampling("top_p", "topP"),
    "top_k": _write_top_k,
    "stop": _write_stop,
    "output": _write_output,
    "reasoning": _write_reasoning,
    "service_tier": _write_tier,
    "metadata": _write_metadata,
    "cache": _lose_cache,
    "routing": _write_routing,
    # Several calls at once are what models do anyway, as is one answer, and that nothing is kept for later.
    "parallel_tool_calls": _lose_unless("parallel_tool_calls", neutral=True),
    "candidates": _lose_unless("candidates", neutral=1),
    "store": _lose_unless("store", neutral=False),
    "frequency_penalty": _lose_unless("frequency_penalty", neutral=0),
    "presence_penalty": _lose_unless("presence_penalty", neutral=0),
}

_FIELDS: Final = tuple(each.name for each in fields(GenerateRequest) if each.name not in _ELSEWHERE)
_TABLE: Final = tuple((name, _WRITERS.get(name) or _lose_unless(name)) for name in _FIELDS)
_read_all: Final = attrgetter(*_FIELDS)
_NOTHING_GIVEN: Final = _read_all(GenerateRequest(()))


def encode_settings(ctx: Encoding, request: GenerateRequest, form: tuple[str, ...]) -> JsonObject:
    """Every setting that the request gives; a field that no writer knows is a loss."""
    given = _read_all(request)
    if given == _NOTHING_GIVEN:
        return {}
    draft = Draft(form)
    for content, (_, write) in zip(given, _TABLE, strict=True):
        if content is not None and (content != () or write is _write_stop):
            write(ctx, request, content, draft)
    return draft.place()
