"""Rules on the headers and on the settings of a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp_providers.emulator.json_values import is_list, is_number, object_of, objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule, within
from offramp_providers.emulator.shapes import Fault, integer, record, text

from .part_shapes import SETTINGS
from .sources import SCHEMA, SDK, THIRD, UNREAD, has_no_stop, is_reasoning

_NAME: Final = text(pattern=r"[a-zA-Z0-9_-]{1,64}")
_REASONING_FIELDS: Final = ("thinking", "reasoning", "output_config", "max_output_tokens")


def _key(ask: Ask) -> Iterator[Fault]:
    given = ask.headers.get("authorization", "")
    if not given.startswith("Bearer "):
        yield Fault("", "no API key was given; send it as Authorization: Bearer")
    elif ask.state.key is not None and given != f"Bearer {ask.state.key}":
        yield Fault("", "this API key is not correct")


def _top_k(ask: Ask) -> Iterator[Fault]:
    if "top_k" in ask.body:
        yield Fault("top_k", "is not a known parameter")


def _reasoning_fields(ask: Ask) -> Iterator[Fault]:
    for key in _REASONING_FIELDS:
        if key in ask.body:
            yield Fault(key, "is not a known parameter")


def _known(ask: Ask) -> Iterator[Fault]:
    for key in ask.body:
        if key not in SETTINGS:
            yield Fault(key, "is not a known parameter")


def _required(ask: Ask) -> Iterator[Fault]:
    for key in ("model", "messages"):
        if key not in ask.body:
            yield Fault(key, "is required")


def _shape(ask: Ask) -> Iterator[Fault]:
    yield from record(SETTINGS)(ask.body, "")


def _model(ask: Ask) -> Iterator[Fault]:
    if ask.state.models and ask.model not in ask.state.models:
        yield Fault("", f"the model {ask.model} does not exist or is not open to you")


def _old_limit(ask: Ask) -> Iterator[Fault]:
    if ask.body.get("max_tokens") is not None and is_reasoning(ask.model):
        yield Fault("max_tokens", "is not supported with this model; use max_completion_tokens")


def _two_limits(ask: Ask) -> Iterator[Fault]:
    if ask.body.get("max_tokens") is not None and ask.body.get("max_completion_tokens") is not None:
        yield Fault("max_tokens", "cannot stand beside max_completion_tokens")


def _fixed_sampling(ask: Ask) -> Iterator[Fault]:
    for key in ("temperature", "top_p"):
        if is_number(ask.body.get(key)) and ask.body[key] != 1 and is_reasoning(ask.model):
            yield Fault(key, "this model takes only the default of 1")


def _stop_count(ask: Ask) -> Iterator[Fault]:
    stop: Any = ask.body.get("stop")
    if is_list(stop) and not 1 <= len(stop) <= 4:
        yield Fault("stop", "must be 1 to 4 sequences")


def _stop_ended(ask: Ask) -> Iterator[Fault]:
    if ask.body.get("stop") is not None and has_no_stop(ask.model):
        yield Fault("stop", "is not supported with this model")


def _bias(ask: Ask) -> Iterator[Fault]:
    for token, bias in object_of(ask.body.get("logit_bias")).items():
        yield from integer(bias, f"logit_bias.{token}")
        if not -100 <= bias <= 100:
            yield Fault(f"logit_bias.{token}", "must be between -100 and 100")


def _logprobs_first(ask: Ask) -> Iterator[Fault]:
    if ask.body.get("top_logprobs") is not None and not ask.body.get("logprobs"):
        yield Fault("top_logprobs", "needs logprobs to be true")


def _metadata(ask: Ask) -> Iterator[Fault]:
    pairs = object_of(ask.body.get("metadata"))
    if len(pairs) > 16:
        yield Fault("metadata", "at most 16 pairs")
    for name, content in pairs.items():
        if len(name) > 64:
            yield Fault("metadata", "names have at most 64 characters")
        yield from text(at_most=512)(content, f"metadata.{name}")


def _safety_identifier(ask: Ask) -> Iterator[Fault]:
    if len(text_of(ask.body.get("safety_identifier"))) > 64:
        yield Fault("safety_identifier", "at most 64 characters")


def _tool_names(ask: Ask) -> Iterator[Fault]:
    for index, tool in enumerate(objects_of(ask.body.get("tools"))):
        if tool["type"] == "function":
            yield from _NAME(tool["function"]["name"], f"tools.{index}.function.name")


def _tool_count(ask: Ask) -> Iterator[Fault]:
    if len(objects_of(ask.body.get("tools"))) > 128:
        yield Fault("tools", "at most 128 tools")


def _tools_for_choice(ask: Ask) -> Iterator[Fault]:
    if not ask.body.get("tools"):
        for key in ("tool_choice", "parallel_tool_calls"):
            if key in ask.body:
                yield Fault(key, "is only allowed with tools")


def _choice_exists(ask: Ask) -> Iterator[Fault]:
    chosen = object_of(object_of(ask.body.get("tool_choice")).get("function")).get("name")
    names = [object_of(tool.get("function")).get("name") for tool in objects_of(ask.body.get("tools"))]
    if chosen is not None and chosen not in names:
        yield Fault("tool_choice", "names no tool that was given")


def _stream_options(ask: Ask) -> Iterator[Fault]:
    if ask.body.get("stream_options") is not None and not ask.body.get("stream"):
        yield Fault("stream_options", "is only allowed with stream")


def _format_name(ask: Ask) -> Iterator[Fault]:
    form = object_of(ask.body.get("response_format"))
    if form.get("type") == "json_schema":
        yield from _NAME(form["json_schema"]["name"], "response_format.json_schema.name")


_UNKNOWN: Final = "unknown_parameter"

HEADER_RULES: Final = (Rule("key", "The key travels as a bearer token.", "S", SDK, _key, 401, code="invalid_api_key"),)

SETTING_RULES: Final = (
    Rule("no_top_k", "top_k does not exist.", "S", SCHEMA, _top_k, code=_UNKNOWN),
    Rule("no_foreign_fields", "Other vendors' fields do not exist.", "S", SCHEMA, _reasoning_fields, code=_UNKNOWN),
    Rule("known_parameters", "A request has the published parameters.", "S", SCHEMA, _known, code=_UNKNOWN),
    Rule("required", "model and messages are required.", "S", SCHEMA, _required, code="missing_required_parameter"),
    Rule("setting_shapes", "Each setting has its published shape.", "S", SCHEMA, _shape, code="invalid_type"),
    Rule("model_exists", "An unknown model is 404.", "T", THIRD, _model, 404, code="model_not_found"),
    Rule("temperature_range", "temperature is 0 to 2.", "S", SCHEMA, within("temperature", 0, 2)),
    Rule("top_p_range", "top_p is 0 to 1.", "S", SCHEMA, within("top_p", 0, 1)),
    Rule("frequency_penalty_range", "Penalties are -2 to 2.", "S", SCHEMA, within("frequency_penalty", -2, 2)),
    Rule("presence_penalty_range", "Penalties are -2 to 2.", "S", SCHEMA, within("presence_penalty", -2, 2)),
    Rule("n_range", "n is 1 to 128.", "S", SCHEMA, within("n", 1, 128)),
    Rule("top_logprobs_range", "top_logprobs is 0 to 20.", "S", SCHEMA, within("top_logprobs", 0, 20)),
    Rule("stop_count", "1 to 4 stop sequences.", "S", SCHEMA, _stop_count),
    Rule("stop_ended", "Later reasoning models take no stop.", "S", SCHEMA, _stop_ended, code="unsupported_parameter"),
    Rule("logit_bias_range", "A bias is -100 to 100.", "S", SCHEMA, _bias),
    Rule("old_limit", "Reasoning models reject max_tokens.", "S", SCHEMA, _old_limit, code="unsupported_parameter"),
    Rule("metadata_size", "Metadata is 16 pairs of 64 and 512 characters.", "S", SCHEMA, _metadata),
    Rule("safety_identifier_size", "At most 64 characters.", "S", SCHEMA, _safety_identifier),
    Rule("tool_names", "Tool names are 1 to 64 of letters, digits, _ and -.", "S", SCHEMA, _tool_names),
    Rule("format_name", "A format name is 1 to 64 of letters, digits, _ and -.", "S", SCHEMA, _format_name),
    Rule("two_limits", "Only one of the two limits.", "R", UNREAD, _two_limits),
    Rule("fixed_sampling", "Reasoning models reject other than default.", "R", UNREAD, _fixed_sampling),
    Rule("logprobs_first", "top_logprobs needs logprobs.", "R", UNREAD, _logprobs_first),
    Rule("tool_count", "At most 128 tools.", "R", UNREAD, _tool_count),
    Rule("tools_for_choice", "A choice needs tools.", "R", UNREAD, _tools_for_choice),
    Rule("tool_choice_exists", "A chosen tool is one of the tools.", "R", UNREAD, _choice_exists),
    Rule("stream_options_for_stream", "Stream options need a stream.", "R", UNREAD, _stream_options),
)
