"""Settings of a request, each way: what samples the answer stands in `options`, the rest beside it."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, TypeAlias

from offramp.types import GenerateRequest, JsonObject, Logprobs, RoutingField
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.ollama_native import output, reasoning
from offramp_providers.dialects.ollama_native.encoding import Encoding
from offramp_providers.dialects.ollama_native.output import EMPTY_FORMAT
from offramp_providers.dialects.shapes import are_texts, take_count

_SCALARS: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    # wire key: (our field, the types that it may have)
    "num_predict": ("max_output_tokens", (int,)),
    "temperature": ("temperature", (int, float)),
    "top_p": ("top_p", (int, float)),
    "top_k": ("top_k", (int,)),
    "seed": ("seed", (int,)),
    "presence_penalty": ("presence_penalty", (int, float)),
    "frequency_penalty": ("frequency_penalty", (int, float)),
}
_KEYS: Final = {ours: key for key, (ours, _) in _SCALARS.items()}
_NO_OPTIONS: Final = "options=empty"
_ONE_STOP: Final = "stop=text"
"""Marks a single stop sequence that was given without a list."""


def decode_settings(left: JsonObject, marks: list[str]) -> dict[str, Any]:
    """Take what has a name."""
    given: dict[str, Any] = {"output": output.take_output(left, marks), "reasoning": reasoning.take_settings(left)}
    given["logprobs"] = _take_logprobs(left)
    options = take_object(left, "options")
    if options is None:
        return given
    marks += [] if options else [_NO_OPTIONS]
    for key in [key for key in options if key in _SCALARS]:
        name, kinds = _SCALARS[key]
        # A bound below 1 means that there is none, or the rest of the context: words of this wire alone.
        if type(options[key]) in kinds and not (key == "num_predict" and options[key] < 1):
            given[name] = options.pop(key)
    given["stop"] = _take_stop(options, marks)
    keep_rest(left, "options", options)
    return given


def _take_logprobs(left: JsonObject) -> Logprobs | None:
    if left.get("logprobs") is not True:
        return None
    del left["logprobs"]
    return Logprobs(top=take_count(left, "top_logprobs"))


def _take_stop(options: JsonObject, marks: list[str]) -> tuple[str, ...] | None:
    found: Any = options.get("stop")
    if type(found) is str:
        marks.append(_ONE_STOP)
        return (options.pop("stop"),)
    return tuple(options.pop("stop")) if are_texts(found) else None


_Write: TypeAlias = Callable[[Encoding, GenerateRequest, Any, JsonObject], None]


def _write_option(key: str) -> _Write:
    def write(_encoding: Encoding, _request: GenerateRequest, content: Any, body: JsonObject) -> None:
        body.setdefault("options", {})[key] = content

    return write


def _write_bound(encoding: Encoding, request: GenerateRequest, content: int, body: JsonObject) -> None:
    if content < 1:
        encoding.log.lose("setting.unsupported", request, "max_output_tokens")
    else:
        body.setdefault("options", {})["num_predict"] = content


def _write_stop(_encoding: Encoding, _request: GenerateRequest, content: tuple[str, ...], body: JsonObject) -> None:
    body.setdefault("options", {})["stop"] = list(content)


_MOST_LOGPROBS: Final = 20


def _write_logprobs(encoding: Encoding, request: GenerateRequest, content: Logprobs, body: JsonObject) -> None:
    body["logprobs"] = True
    if content.top is None:
        return
    clamped = content.top if encoding.native else min(max(content.top, 0), _MOST_LOGPROBS)
    if clamped != content.top:
        encoding.log.lose("setting.clamped", request, "logprobs.top")
    body["top_logprobs"] = clamped


def _lose_unless(name: str, *neutral: object) -> _Write:
    """A setting that the dialect lacks; a neutral value asks for nothing but what happens anyway."""

    def write(encoding: Encoding, request: GenerateRequest, content: Any, _body: JsonObject) -> None:
        if content not in neutral:
            encoding.log.lose("setting.unsupported", request, name)

    return write


def _lose_cache(encoding: Encoding, request: GenerateRequest, _content: Any, _body: JsonObject) -> None:
    encoding.log.lose("cache", request, "cache")


def _lose_routing(
    encoding: Encoding, _request: GenerateRequest, content: tuple[RoutingField, ...], _body: JsonObject
) -> None:
    for each in content:
        encoding.log.lose("routing_field", each)


_ELSEWHERE: Final = frozenset(
    {"messages", "model", "stream", "tools", "tool_choice", "parallel_tool_calls", "wire"},
)
"""Fields that are written by others."""

_WRITERS: Final[Mapping[str, _Write]] = {
    **{name: _write_option(key) for name, key in _KEYS.items()},
    "max_output_tokens": _write_bound,
    "stop": _write_stop,
    "logprobs": _write_logprobs,
    "output": output.encode_output,
    "reasoning": reasoning.encode_settings,
    "cache": _lose_cache,
    "routing": _lose_routing,
    "candidates": _lose_unless("candidates", 1),
    "store": _lose_unless("store", False),  # noqa: FBT003  # a value among values
    "metadata": _lose_unless("metadata", {}),
}

_FIELDS: Final = tuple(each.name for each in fields(GenerateRequest) if each.name not in _ELSEWHERE)
_TABLE: Final = tuple((name, _WRITERS.get(name) or _lose_unless(name)) for name in _FIELDS)
_read_all: Final = attrgetter(*_FIELDS)
_NOTHING_GIVEN: Final = _read_all(GenerateRequest(()))


def encode_settings(encoding: Encoding, request: GenerateRequest, form: tuple[str, ...], body: JsonObject) -> None:
    """Every setting that the request gives; a field that no writer knows is a loss."""
    given = _read_all(request)
    for content, (name, write) in zip(given, _TABLE, strict=True) if given != _NOTHING_GIVEN else ():
        # An empty list of stop sequences differs from none.
        if content is not None and (content != () or name == "stop"):
            write(encoding, request, content, body)
    if _NO_OPTIONS in form:
        body.setdefault("options", {})
    if _ONE_STOP in form and request.stop is not None and len(request.stop) == 1:
        body["options"]["stop"] = request.stop[0]
    if EMPTY_FORMAT in form:
        body.setdefault("format", "")
    _keep_whole(encoding, body)


def _keep_whole(encoding: Encoding, body: JsonObject) -> None:
    """Have a prompt refused that the context does not hold. Otherwise the server cuts its oldest turns in silence."""
    cuts = encoding.given("cuts_history")
    if cuts is False or (cuts is None and not encoding.native):
        body["truncate"] = body["shift"] = False
    num_ctx: Any = encoding.option("num_ctx")
    if num_ctx:
        body.setdefault("options", {})["num_ctx"] = num_ctx
