"""Rules on all of a request. The server has few: it reads what it understands, and passes over the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from offramp_providers.emulator.json_values import is_number, is_object, object_of, objects_of
from offramp_providers.emulator.rules import Ask, Rule, within
from offramp_providers.emulator.shapes import Fault, one_of
from offramp_providers.emulator.words import tokens_in

from .body_shapes import BODY, OPTIONS
from .sources import MEASURED, ROUTES, SCHEMA, TYPES

_ROLE: Final = one_of("system", "user", "assistant", "tool")


def _shape(ask: Ask) -> Iterator[Fault]:
    yield from BODY(ask.body, "")


def _think(ask: Ask) -> Iterator[Fault]:
    if isinstance(ask.body.get("think"), str):
        yield from one_of("high", "medium", "low", "max")(ask.body["think"], "think")


def _model_named(ask: Ask) -> Iterator[Fault]:
    if not ask.model:
        yield Fault("model", "is required")


def _model_known(ask: Ask) -> Iterator[Fault]:
    if ask.state.models and ask.model not in ask.state.models:
        yield Fault("", f"model '{ask.model}' not found")


def _options(ask: Ask) -> Iterator[Fault]:
    for key, held in object_of(ask.body.get("options")).items():
        if key in OPTIONS:
            yield from OPTIONS[key](held, f"options.{key}")


def _roles(ask: Ask) -> Iterator[Fault]:
    for index, message in enumerate(ask.messages):
        role: Any = message.get("role")
        yield from _ROLE(role.lower() if isinstance(role, str) else role, f"messages.{index}.role")


def _format(ask: Ask) -> Iterator[Fault]:
    form: Any = ask.body.get("format")
    if form not in (None, "", "json") and not is_object(form):
        yield Fault("format", 'expected "json" or a JSON schema')


def _tools(ask: Ask) -> Iterator[Fault]:
    for index, tool in enumerate(objects_of(ask.body.get("tools"))):
        function = object_of(tool.get("function"))
        if tool.get("type") != "function":
            yield Fault(f"tools.{index}.type", "must be function")
        for key in ("name", "parameters"):
            if not function.get(key):
                yield Fault(f"tools.{index}.function.{key}", "is required")


def _context(ask: Ask) -> Iterator[Fault]:
    num_ctx: Any = object_of(ask.body.get("options")).get("num_ctx")
    size = tokens_in(json.dumps(ask.body.get("messages"), ensure_ascii=False))
    if ask.body.get("truncate") is False and is_number(num_ctx) and size > num_ctx:
        told = {"code": 400, "message": "the prompt is too long", "type": "exceed_context_size_error"}
        yield Fault("", json.dumps({"error": {**told, "n_prompt_tokens": size, "n_ctx": num_ctx}}))


RULES: Final[tuple[Rule, ...]] = (
    Rule("shapes", "A request is read into the server's types.", "S", TYPES, _shape),
    Rule("think_levels", "think is on, off, or one of four levels.", "S", TYPES, _think),
    Rule("top_logprobs_range", "top_logprobs is 0 to 20.", "S", ROUTES, within("top_logprobs", 0, 20)),
    Rule("model_named", "A model is required.", "S", ROUTES, _model_named),
    Rule("model_known", "An unknown model is 404.", "S", ROUTES, _model_known, 404),
    Rule("option_types", "Each option has its type.", "S", TYPES, _options),
    Rule("roles", "There are four roles.", "S", SCHEMA, _roles),
    Rule("format", "A format is the word json, or a schema.", "S", SCHEMA, _format),
    Rule("tool_parameters", "A tool is a function with a name and parameters.", "S", SCHEMA, _tools),
    Rule("context_size", "A prompt beyond num_ctx is refused where truncate is false.", "T", MEASURED, _context),
)
