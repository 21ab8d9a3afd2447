"""Settings of a request, each way: sampling, stopping, routing, and whatever else is one value."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, TypeAlias

from offramp.types import GenerateRequest, JsonObject, RoutingField
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.anthropic_messages.encoding import NAME, Encoding
from offramp_providers.dialects.anthropic_messages.output import encode_output
from offramp_providers.dialects.anthropic_messages.reasoning import encode_reasoning
from offramp_providers.dialects.shapes import take_text

ROUTING: Final = ("container", "fallbacks", "inference_geo", "mcp_servers")
"""Fields that decide who sees the data (anthropic-sdk-python 0.121.0, read 2026-11-23)."""

_TIERS: Final = ("auto", "standard_only")


def decode_routing(left: JsonObject) -> tuple[RoutingField, ...]:
    """Take the fields that decide who sees the data. An explicit null routes nothing, and stays."""
    found = [name for name in ROUTING if left.get(name) is not None]
    return tuple([RoutingField(dialect=NAME, name=name, raw=left.pop(name)) for name in found])


def decode_end_user(left: JsonObject) -> str | None:
    """Take the id of the person served from `metadata`."""
    nested = take_object(left, "metadata")
    if nested is None:
        return None
    if not nested:
        left["metadata"] = {}
        return None
    end_user = take_text(nested, "user_id")
    keep_rest(left, "metadata", nested)
    return end_user


_Write: TypeAlias = Callable[[Encoding, GenerateRequest, Any, JsonObject], None]


def _write_stream(ctx: Encoding, _request: GenerateRequest, content: Any, body: JsonObject) -> None:
    if ctx.option("body_stream"):
        body["stream"] = content


def _lose_unless(name: str, *neutral: object) -> _Write:
    """A setting that the dialect lacks; a neutral value asks for nothing but what happens anyway."""

    def write(ctx: Encoding, request: GenerateRequest, content: Any, _body: JsonObject) -> None:
        if content not in neutral:
            ctx.log.lose("setting.unsupported", request, name)

    return write


def _write_temperature(ctx: Encoding, request: GenerateRequest, content: float, body: JsonObject) -> None:
    if not ctx.allows("sampling"):
        ctx.log.lose("setting.unsupported", request, "temperature")
        return
    body["temperature"] = _within(ctx, request, "temperature", content)


def _within(ctx: Encoding, request: GenerateRequest, name: str, content: float) -> float:
    """The number within 0 and 1, as the vendor takes it (anthropic-sdk-python 0.121.0, read 2026-11-23)."""
    clamped = content if ctx.authored else min(max(content, 0), 1)
    if clamped != content:
        ctx.log.lose("setting.clamped", request, name)
    return clamped


def _write_top_p(ctx: Encoding, request: GenerateRequest, content: float, body: JsonObject) -> None:
    if not ctx.allows("sampling") or ("temperature" in body and not ctx.allows("temperature_with_top_p")):
        ctx.log.lose("setting.unsupported", request, "top_p")
    else:
        body["top_p"] = _within(ctx, request, "top_p", content)


def _write_top_k(ctx: Encoding, request: GenerateRequest, content: int, body: JsonObject) -> None:
    if ctx.allows("sampling"):
        body["top_k"] = content
    else:
        ctx.log.lose("setting.unsupported", request, "top_k")


def _write_stop(ctx: Encoding, request: GenerateRequest, content: tuple[str, ...], body: JsonObject) -> None:
    kept = content if ctx.authored else [each for each in content if each.strip()]
    for position, each in enumerate(content):
        if len(kept) < len(content) and not each.strip():
            ctx.log.lose("setting.unsupported", request, f"stop[{position}]")
    if kept or not content:
        body["stop_sequences"] = list(kept)


def _write_service_tier(ctx: Encoding, request: GenerateRequest, content: str, body: JsonObject) -> None:
    if ctx.authored or content in _TIERS:
        body["service_tier"] = content
    else:
        ctx.log.lose("setting.unsupported", request, "service_tier")


def _write_end_user(_ctx: Encoding, _request: GenerateRequest, content: str, body: JsonObject) -> None:
    body["metadata"] = {"user_id": content}


def _write_cache(ctx: Encoding, request: GenerateRequest, _content: Any, body: JsonObject) -> None:
    if request.cache is not None:
        body["cache_control"] = ctx.cache_control(request, request.cache.ttl_s)
        ctx.marks.append((request, body))


def _write_routing(
    ctx: Encoding, _request: GenerateRequest, content: tuple[RoutingField, ...], body: JsonObject
) -> None:
    for each in content:
        if each.dialect == NAME and each.name in ROUTING:
            body[each.name] = each.raw
        else:
            ctx.log.lose("routing_field", each)


_ELSEWHERE: Final = frozenset(
    {"messages", "model", "tools", "tool_choice", "parallel_tool_calls", "max_output_tokens", "wire"}
)
"""Fields that the request's own encoder writes."""

_WRITERS: Final[Mapping[str, _Write]] = {
    "output": lambda ctx, _request, content, body: encode_output(ctx, content, body),
    "reasoning": lambda ctx, _request, content, body: encode_reasoning(ctx, content, body),
    "temperature": _write_temperature,
    "top_p": _write_top_p,
    "top_k": _write_top_k,
    "frequency_penalty": _lose_unless("frequency_penalty", 0),
    "presence_penalty": _lose_unless("presence_penalty", 0),
    "stop": _write_stop,
    "candidates": _lose_unless("candidates", 1),
    "stream": _write_stream,
    "service_tier": _write_service_tier,
    "end_user": _write_end_user,
    "metadata": _lose_unless("metadata", {}),
    # Nothing is kept for later retrieval here, so a wish not to keep is met.
    "store": _lose_unless("store", 0),
    "cache": _write_cache,
    "routing": _write_routing,
}

_NAMES: Final = tuple(each.name for each in fields(GenerateRequest) if each.name not in _ELSEWHERE)
_TABLE: Final = tuple((name, _WRITERS.get(name) or _lose_unless(name)) for name in _NAMES)
_read_all: Final = attrgetter(*_NAMES)
_NOTHING_GIVEN: Final = _read_all(GenerateRequest(()))


def encode_settings(ctx: Encoding, request: GenerateRequest, body: JsonObject) -> None:
    """Write every setting that the request gives; a field that no writer knows is a loss."""
    given = _read_all(request)
    if given == _NOTHING_GIVEN:
        return
    for content, (_, write) in zip(given, _TABLE, strict=True):
        if content is not None and content != ():
            write(ctx, request, content, body)
    # An empty list of stop sequences differs from none.
    if request.stop == ():
        body["stop_sequences"] = []
