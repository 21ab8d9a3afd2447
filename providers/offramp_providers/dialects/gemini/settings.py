"""Settings of a request, each way: most stand in `generationConfig`."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, TypeAlias

from offramp.types import GenerateRequest, JsonObject, Logprobs, RoutingField
from offramp_providers.dialects.gemini.encoding import NAME, Encoding
from offramp_providers.dialects.gemini.output import decode_output, encode_output
from offramp_providers.dialects.gemini.reasoning import decode_reasoning, encode_reasoning
from offramp_providers.dialects.gemini.spellings import both_spellings, unsnake
from offramp_providers.dialects.gemini.tools import ROUTING_TOOLS
from offramp_providers.dialects.shapes import are_texts, is_object

ROUTING: Final = ("cachedContent", "modelArmorConfig", "continuationToken")
"""Fields that decide who sees the data, or stand for data that the vendor keeps (google-genai 3.4.0, read
2026-11-23)."""
ROUTING_SETTINGS: Final = ("routingConfig", "modelSelectionConfig")
"""The same, within `generationConfig`."""

_SCALARS: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    # wire key: (our field, the types that it may have)
    "maxOutputTokens": ("max_output_tokens", (int,)),
    "temperature": ("temperature", (int, float)),
    "topP": ("top_p", (int, float)),
    "topK": ("top_k", (int,)),
    "candidateCount": ("candidates", (int,)),
    "seed": ("seed", (int,)),
    "presencePenalty": ("presence_penalty", (int, float)),
    "frequencyPenalty": ("frequency_penalty", (int, float)),
}
_KEYS: Final = {ours: key for key, (ours, _) in _SCALARS.items()}
_NAMES: Final = both_spellings(
    *_SCALARS,
    *ROUTING_SETTINGS,
    "stopSequences",
    "responseLogprobs",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "responseModalities",
    "thinkingConfig",
)
_THINKING_NAMES: Final = both_spellings("includeThoughts", "thinkingBudget", "thinkingLevel")
_TIERS: Final = ("flex", "standard", "priority")
_PLACE: Final = "generationConfig."

TEXT_ONLY: Final = "modalities=TEXT"
"""Marks that text was asked for, which is what the vendor gives anyway."""
FLOAT_K: Final = "topK=float"
"""Marks a whole number that was written as a decimal."""


def decode_config(config: JsonObject, form: list[str]) -> dict[str, Any]:
    """Take what has a name out of `generationConfig`."""
    unsnake(config, _NAMES, form, _PLACE)
    given: dict[str, Any] = {}
    for key in [key for key in config if key in _SCALARS]:
        name, kinds = _SCALARS[key]
        if type(config[key]) in kinds:
            given[name] = config.pop(key)
    top_k: Any = config.get("topK")
    if type(top_k) is float and top_k.is_integer():
        form.append(FLOAT_K)
        given["top_k"] = int(config.pop("topK"))
    if are_texts(config.get("stopSequences")):
        given["stop"] = tuple(config.pop("stopSequences"))
    if config.get("responseModalities") == ["TEXT"]:
        form.append(TEXT_ONLY)
        del config["responseModalities"]
    given["logprobs"] = _take_logprobs(config)
    given["output"] = decode_output(config)
    given["reasoning"] = _take_reasoning(config, form)
    routing = [key for key in ROUTING_SETTINGS if config.get(key) is not None]
    given["routing"] = tuple([RoutingField(dialect=NAME, name=key, raw=config.pop(key)) for key in routing])
    return given


def _take_logprobs(config: JsonObject) -> Logprobs | None:
    if config.get("responseLogprobs") is not True:
        return None
    del config["responseLogprobs"]
    return Logprobs(top=config.pop("logprobs") if type(config.get("logprobs")) is int else None)


def _take_reasoning(config: JsonObject, form: list[str]) -> Any:
    thinking: Any = config.get("thinkingConfig")
    if not is_object(thinking):
        return None
    config["thinkingConfig"] = thinking = dict(thinking)
    unsnake(thinking, _THINKING_NAMES, form, f"{_PLACE}thinkingConfig.")
    return decode_reasoning(config)


_Write: TypeAlias = Callable[[Encoding, GenerateRequest, Any, JsonObject], None]


def _write_plain(key: str) -> _Write:
    def write(_ctx: Encoding, _request: GenerateRequest, content: Any, config: JsonObject) -> None:
        config[key] = content

    return write


def _lose_unless(name: str, *neutral: object) -> _Write:
    """A setting that the dialect lacks; a neutral value asks for nothing but what happens anyway."""

    def write(ctx: Encoding, request: GenerateRequest, content: Any, _config: JsonObject) -> None:
        if content not in neutral:
            ctx.log.lose("setting.unsupported", request, name)

    return write


def _write_temperature(ctx: Encoding, request: GenerateRequest, content: float, config: JsonObject) -> None:
    clamped = content if ctx.authored else min(max(content, 0), 2)
    if clamped != content:
        ctx.log.lose("setting.clamped", request, "temperature")
    config["temperature"] = clamped


_MOST_STOPS: Final = 5
"""Stop sequences that a request may hold (googleapis/python-genai of 2026-08-21, read 2026-11-23)."""


def _write_stop(ctx: Encoding, request: GenerateRequest, content: tuple[str, ...], config: JsonObject) -> None:
    kept = content
    if not ctx.authored:
        named = [(n, each) for n, each in enumerate(content) if each][:_MOST_STOPS]
        kept = tuple(each for _, each in named)
        for position in range(len(content)):
            if all(position != n for n, _ in named):
                ctx.log.lose("setting.unsupported", request, f"stop[{position}]")
    if kept or not content:
        config["stopSequences"] = list(kept)


def _write_logprobs(_ctx: Encoding, _request: GenerateRequest, content: Logprobs, config: JsonObject) -> None:
    config["responseLogprobs"] = True
    if content.top is not None:
        config["logprobs"] = content.top


def _lose_cache(ctx: Encoding, request: GenerateRequest, _content: Any, _config: JsonObject) -> None:
    ctx.log.lose("cache", request, "cache")


def _write_routing(
    ctx: Encoding, _request: GenerateRequest, content: tuple[RoutingField, ...], config: JsonObject
) -> None:
    for each in content:
        if each.dialect == NAME and each.name in ROUTING_SETTINGS:
            config[each.name] = each.raw
        elif each.dialect != NAME or each.name not in (*ROUTING, *ROUTING_TOOLS):
            ctx.log.lose("routing_field", each)


_ELSEWHERE: Final = frozenset(
    {
        *("messages", "model", "stream", "tools", "tool_choice", "parallel_tool_calls", "wire"),
        *("service_tier", "metadata", "store"),
    }
)
"""Fields that stand outside of `generationConfig`."""

_WRITERS: Final[Mapping[str, _Write]] = {
    **{name: _write_plain(key) for name, key in _KEYS.items()},
    "temperature": _write_temperature,
    "output": encode_output,
    "reasoning": encode_reasoning,
    "stop": _write_stop,
    "logprobs": _write_logprobs,
    "cache": _lose_cache,
    "routing": _write_routing,
}

_FIELDS: Final = tuple(each.name for each in fields(GenerateRequest) if each.name not in _ELSEWHERE)
_TABLE: Final = tuple((name, _WRITERS.get(name) or _lose_unless(name)) for name in _FIELDS)
_read_all: Final = attrgetter(*_FIELDS)
_NOTHING_GIVEN: Final = _read_all(GenerateRequest(()))


def encode_config(ctx: Encoding, request: GenerateRequest, form: tuple[str, ...]) -> JsonObject:
    """Every setting that the request gives; a field that no writer knows is a loss."""
    config: JsonObject = {}
    given = _read_all(request)
    if given == _NOTHING_GIVEN and not form:
        return config
    for content, (_, write) in zip(given, _TABLE, strict=True):
        if content is not None and content != ():
            write(ctx, request, content, config)
    # An empty list of stop sequences differs from none.
    if request.stop == ():
        config["stopSequences"] = []
    if FLOAT_K in form and request.top_k is not None:
        config["topK"] = float(request.top_k)
    if TEXT_ONLY in form:
        config["responseModalities"] = ["TEXT"]
    return config


def encode_outer(ctx: Encoding, request: GenerateRequest, body: JsonObject) -> None:
    """The settings that stand outside of `generationConfig`."""
    tier = request.service_tier
    if tier is not None and (ctx.authored or tier.lower() in _TIERS):
        body["serviceTier"] = tier
    elif tier is not None:
        ctx.log.lose("setting.unsupported", request, "service_tier")
    if request.metadata and not ctx.allows("labels"):
        ctx.log.lose("setting.unsupported", request, "metadata")
    elif request.metadata or (request.metadata is not None and ctx.authored):
        body["labels"] = request.metadata
    if request.store is not None and ctx.allows("store"):
        body["store"] = request.store
    elif request.store:
        ctx.log.lose("setting.unsupported", request, "store")
    for each in request.routing:
        if each.dialect == NAME and each.name in ROUTING:
            body[each.name] = each.raw
