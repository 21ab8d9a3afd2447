"""Rules on the headers and on the settings of a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp_providers.emulator.json_values import object_of, objects_of
from offramp_providers.emulator.rules import Ask, Rule, within
from offramp_providers.emulator.shapes import Fault, record, text

from .body_shapes import SETTINGS
from .sources import GLOSSARY, LIMITS, SCHEMA, SDK, UNREAD

_NAME: Final = text(pattern=r"[a-zA-Z0-9_-]{1,64}")
_MOST_TOOLS: Final = 128


def _key(ask: Ask) -> Iterator[Fault]:
    given = ask.headers.get("authorization", "")
    if not given.startswith("Bearer ") or (ask.state.key is not None and given != f"Bearer {ask.state.key}"):
        yield Fault("", "Invalid API Key")


def _known(ask: Ask) -> Iterator[Fault]:
    for key in ask.body:
        if key not in SETTINGS:
            yield Fault(key, "Extra inputs are not permitted")


def _required(ask: Ask) -> Iterator[Fault]:
    for key in ("model", "messages"):
        if key not in ask.body:
            yield Fault(key, "Field required")


def _shape(ask: Ask) -> Iterator[Fault]:
    yield from record(SETTINGS)(ask.body, "")


def _not_negative(ask: Ask) -> Iterator[Fault]:
    for key in ("max_tokens", "random_seed"):
        found: Any = ask.body.get(key)
        if found is not None and found < 0:
            yield Fault(key, "Input should be greater than or equal to 0")


def _candidates(ask: Ask) -> Iterator[Fault]:
    found: Any = ask.body.get("n")
    if found is not None and found < 1:
        yield Fault("n", "Input should be greater than or equal to 1")


def _format(ask: Ask) -> Iterator[Fault]:
    form = object_of(ask.body.get("response_format"))
    if form.get("type") == "json_schema" and not form.get("json_schema"):
        yield Fault("response_format.json_schema", "Field required")


def _tool_count(ask: Ask) -> Iterator[Fault]:
    if len(objects_of(ask.body.get("tools"))) > _MOST_TOOLS:
        yield Fault("tools", f"at most {_MOST_TOOLS} tools")


def _model(ask: Ask) -> Iterator[Fault]:
    if ask.state.models and ask.model not in ask.state.models:
        yield Fault("", f"Invalid model: {ask.model}")


def _tool_names(ask: Ask) -> Iterator[Fault]:
    for index, tool in enumerate(objects_of(ask.body.get("tools"))):
        yield from _NAME(object_of(tool.get("function")).get("name"), f"tools.{index}.function.name")


def _choice_exists(ask: Ask) -> Iterator[Fault]:
    chosen = object_of(object_of(ask.body.get("tool_choice")).get("function")).get("name")
    names = [object_of(tool.get("function")).get("name") for tool in objects_of(ask.body.get("tools"))]
    if chosen is not None and chosen not in names:
        yield Fault("tool_choice", "names no tool that was given")


HEADER_RULES: Final = (Rule("key", "The key travels as a bearer token.", "S", SDK, _key, 401),)

SETTING_RULES: Final = (
    Rule("known_parameters", "A request has the published parameters.", "S", SCHEMA, _known, 422),
    Rule("required", "model and messages are required.", "S", SCHEMA, _required, 422),
    Rule("setting_shapes", "Each setting has its published shape.", "S", SCHEMA, _shape, 422),
    Rule("temperature_range", "temperature is 0 to 1.", "D", GLOSSARY, within("temperature", 0, 1)),
    Rule("top_p_range", "top_p is 0 to 1.", "S", SCHEMA, within("top_p", 0, 1), 422),
    Rule("presence_penalty_range", "Penalties are -2 to 2.", "S", SCHEMA, within("presence_penalty", -2, 2), 422),
    Rule("frequency_penalty_range", "Penalties are -2 to 2.", "S", SCHEMA, within("frequency_penalty", -2, 2), 422),
    Rule("not_negative", "A bound and a seed are not negative.", "S", SCHEMA, _not_negative, 422),
    Rule("n_range", "n is at least 1.", "S", SCHEMA, _candidates, 422),
    Rule("format_has_schema", "A schema format has a schema.", "S", SCHEMA, _format, 422),
    Rule("tool_count", "At most 128 tools.", "D", LIMITS, _tool_count),
    Rule("model_exists", "An unknown model is refused.", "R", UNREAD, _model, type="invalid_model", code="1500"),
    Rule("tool_names", "Tool names are 1 to 64 of letters, digits, _ and -.", "R", UNREAD, _tool_names),
    Rule("tool_choice_exists", "A chosen tool is one of the tools.", "R", UNREAD, _choice_exists),
)
