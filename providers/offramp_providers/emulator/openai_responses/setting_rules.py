"""Rules on the headers and on the settings of a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from offramp_providers.emulator.json_values import object_of, objects_of
from offramp_providers.emulator.rules import Ask, Rule, within
from offramp_providers.emulator.shapes import Fault, record, text

from .item_shapes import SETTINGS
from .sources import SCHEMA, SDK, UNREAD

_NAME: Final = text(pattern=r"[a-zA-Z0-9_-]{1,64}")


def _key(ask: Ask) -> Iterator[Fault]:
    given = ask.headers.get("authorization", "")
    if not given.startswith("Bearer "):
        yield Fault("", "no API key was given; send it as Authorization: Bearer")
    elif ask.state.key is not None and given != f"Bearer {ask.state.key}":
        yield Fault("", "this API key is not correct")


def _known(ask: Ask) -> Iterator[Fault]:
    for key in ask.body:
        if key not in SETTINGS:
            yield Fault(key, "is not a known parameter")


def _shape(ask: Ask) -> Iterator[Fault]:
    yield from record(SETTINGS)(ask.body, "")


def _one_state(ask: Ask) -> Iterator[Fault]:
    if ask.body.get("previous_response_id") and ask.body.get("conversation"):
        yield Fault("previous_response_id", "cannot stand beside conversation")


def _metadata(ask: Ask) -> Iterator[Fault]:
    pairs = object_of(ask.body.get("metadata"))
    if len(pairs) > 16:
        yield Fault("metadata", "at most 16 pairs")
    for name, content in pairs.items():
        yield from text(at_most=64)(name, "metadata")
        yield from text(at_most=512)(content, f"metadata.{name}")


def _safety_identifier(ask: Ask) -> Iterator[Fault]:
    yield from text(at_most=64)(ask.body.get("safety_identifier") or "", "safety_identifier")


def _tool_names(ask: Ask) -> Iterator[Fault]:
    for index, tool in enumerate(objects_of(ask.body.get("tools"))):
        if tool.get("type") == "function":
            yield from _NAME(tool["name"], f"tools[{index}].name")


def _format_name(ask: Ask) -> Iterator[Fault]:
    form = object_of(object_of(ask.body.get("text")).get("format"))
    if form.get("type") == "json_schema":
        yield from _NAME(form["name"], "text.format.name")


def _model(ask: Ask) -> Iterator[Fault]:
    if ask.state.models and ask.model not in ask.state.models:
        yield Fault("", f"the model {ask.model} does not exist or is not open to you")


def _previous(ask: Ask) -> Iterator[Fault]:
    """Nothing is stored here: an id of an earlier answer is always another's, or forgotten."""
    previous = ask.body.get("previous_response_id")
    if previous:
        yield Fault("previous_response_id", f"the response {previous} is not found")


_UNKNOWN: Final = "unknown_parameter"

HEADER_RULES: Final = (Rule("key", "The key travels as a bearer token.", "S", SDK, _key, 401, code="invalid_api_key"),)

SETTING_RULES: Final = (
    Rule("known_parameters", "A request has the published parameters.", "S", SCHEMA, _known, code=_UNKNOWN),
    Rule("one_state", "An earlier answer and a conversation exclude each other.", "S", SCHEMA, _one_state),
    Rule("setting_shapes", "Settings and items have their published shapes.", "S", SCHEMA, _shape, code="invalid_type"),
    Rule("temperature_range", "temperature is 0 to 2.", "S", SCHEMA, within("temperature", 0, 2)),
    Rule("top_p_range", "top_p is 0 to 1.", "S", SCHEMA, within("top_p", 0, 1)),
    Rule("top_logprobs_range", "top_logprobs is 0 to 20.", "S", SCHEMA, within("top_logprobs", 0, 20)),
    Rule("least_bound", "A bound is at least 16.", "S", SCHEMA, within("max_output_tokens", 16, float("inf"))),
    Rule("metadata_size", "Metadata is 16 pairs of 64 and 512 characters.", "S", SCHEMA, _metadata),
    Rule("safety_identifier_size", "At most 64 characters.", "S", SCHEMA, _safety_identifier),
    Rule("format_name", "A format name is 1 to 64 of letters, digits, _ and -.", "S", SCHEMA, _format_name),
    Rule("tool_names", "Tool names are 1 to 64 of letters, digits, _ and -.", "R", UNREAD, _tool_names),
    Rule("model_exists", "An unknown model is 404.", "R", UNREAD, _model, 404, code="model_not_found"),
    Rule("previous_known", "An unknown id is refused.", "R", UNREAD, _previous, code="previous_response_not_found"),
)
