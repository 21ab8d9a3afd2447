"""Rules on the headers and on the settings of a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp_providers.emulator.json_values import is_number, object_of, objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule, within
from offramp_providers.emulator.shapes import Fault, record, text

from . import families
from .block_shapes import SETTINGS
from .sources import ERRORS, LATER_SDK, SCHEMA, SDK, SKILL, UNREAD

_FOREIGN: Final = ("n", "seed", "logprobs", "top_logprobs", "frequency_penalty", "presence_penalty", "logit_bias")
_SAMPLING: Final = ("temperature", "top_p", "top_k")
_VERSIONS: Final = ("2023-06-01", "2026-10-21")
"""The second is what the official SDK sends from 2.14.0 on (read 2026-11-26)."""


def _one_credential(ask: Ask) -> Iterator[Fault]:
    if "x-api-key" in ask.headers and "authorization" in ask.headers:
        yield Fault("", "give x-api-key or Authorization, not both")


def _key(ask: Ask) -> Iterator[Fault]:
    bearer = ask.headers.get("authorization", "").removeprefix("Bearer ")
    given = ask.headers.get("x-api-key", bearer)
    if not given:
        yield Fault("", "x-api-key header is required")
    elif ask.state.key is not None and given != ask.state.key:
        yield Fault("", "invalid x-api-key")


def _version(ask: Ask) -> Iterator[Fault]:
    if ask.headers.get("anthropic-version") not in _VERSIONS:
        yield Fault("", f"anthropic-version: header is required, one of {', '.join(_VERSIONS)}")


def _foreign(ask: Ask) -> Iterator[Fault]:
    for key in _FOREIGN:
        if key in ask.body:
            yield Fault(key, "is not a parameter of this API")


def _known(ask: Ask) -> Iterator[Fault]:
    if "anthropic-beta" in ask.headers:
        return  # a beta may bring parameters that nobody here has read about
    for key in ask.body:
        if key not in SETTINGS:
            yield Fault(key, "is not a known parameter")


def _max_tokens(ask: Ask) -> Iterator[Fault]:
    if "max_tokens" not in ask.body:
        yield Fault("max_tokens", "is required")


def _shape(ask: Ask) -> Iterator[Fault]:
    yield from record(SETTINGS, required=("model", "messages"), closed=False)(ask.body, "")


def _model(ask: Ask) -> Iterator[Fault]:
    if ask.state.models and ask.model not in ask.state.models:
        yield Fault("", f"model: {ask.model}")


def _max_tokens_sign(ask: Ask) -> Iterator[Fault]:
    if ask.body["max_tokens"] < 0:
        yield Fault("max_tokens", "must not be negative")


def _sampling_removed(ask: Ask) -> Iterator[Fault]:
    for key in _SAMPLING:
        if key in ask.body and families.has_no_sampling(ask.model):
            yield Fault(key, "is not supported by this model")


def _sampling_default(ask: Ask) -> Iterator[Fault]:
    temperature = ask.body.get("temperature")
    if families.samples_by_default_only(ask.model) and is_number(temperature) and temperature != 1:
        yield Fault("temperature", "this model takes only the default of 1")


def _sampling_once(ask: Ask) -> Iterator[Fault]:
    if {"temperature", "top_p"} <= ask.body.keys() and families.samples_one_way(ask.model):
        yield Fault("top_p", "give temperature or top_p to this model, not both")


def _stop_blank(ask: Ask) -> Iterator[Fault]:
    stops: list[Any] = ask.body.get("stop_sequences") or []
    for index, stop in enumerate(stops):
        if not text_of(stop).strip():
            yield Fault(f"stop_sequences.{index}", "must hold more than white space")


def _budget(ask: Ask) -> Iterator[Fault]:
    budget = object_of(ask.body.get("thinking")).get("budget_tokens")
    if budget is not None and budget < 1024:
        yield Fault("thinking.budget_tokens", "must be at least 1024")
    elif budget is not None and budget >= ask.body["max_tokens"]:
        yield Fault("thinking.budget_tokens", "must be below max_tokens")


def _budget_ended(ask: Ask) -> Iterator[Fault]:
    if object_of(ask.body.get("thinking")).get("type") == "enabled" and families.refuses_budgets(ask.model):
        yield Fault("thinking.type", "this model takes adaptive thinking, no fixed budget")


def _always_thinks(ask: Ask) -> Iterator[Fault]:
    if object_of(ask.body.get("thinking")).get("type") == "disabled" and families.always_thinks(ask.model):
        yield Fault("thinking.type", "thinking cannot be disabled on this model")


def _tool_names(ask: Ask) -> Iterator[Fault]:
    name = text(at_least=1, pattern=r"[a-zA-Z0-9_-]{1,128}")
    for index, tool in enumerate(objects_of(ask.body.get("tools"))):
        if tool.get("type") in (None, "custom"):
            yield from name(tool["name"], f"tools.{index}.name")


def _tool_names_once(ask: Ask) -> Iterator[Fault]:
    names = [tool.get("name") for tool in objects_of(ask.body.get("tools"))]
    if len(names) != len({str(name) for name in names}):
        yield Fault("tools", "names must differ")


def _choice_exists(ask: Ask) -> Iterator[Fault]:
    choice = object_of(ask.body.get("tool_choice"))
    names = [tool.get("name") for tool in objects_of(ask.body.get("tools"))]
    if choice.get("type") == "tool" and choice.get("name") not in names:
        yield Fault("tool_choice.name", "is not one of the tools")


_AUTH: Final = "authentication_error"

HEADER_RULES: Final = (
    Rule("one_credential", "Sending both credentials is rejected.", "S", SDK, _one_credential, 401, _AUTH),
    Rule("key", "A missing or wrong key is 401 authentication_error.", "D", ERRORS, _key, 401, _AUTH),
    Rule("version_header", "The header anthropic-version is one that an official SDK has sent.", "S", SDK, _version),
)

SETTING_RULES: Final = (
    Rule("foreign_parameters", "n, seed, logprobs, penalties, logit_bias do not exist.", "S", SDK, _foreign),
    Rule("known_parameters", "A request has no other parameters.", "S", SCHEMA, _known),
    Rule("max_tokens_required", "max_tokens is required.", "S", SDK, _max_tokens),
    Rule("setting_shapes", "Each setting has its published shape.", "S", SCHEMA, _shape),
    Rule("model_exists", "An unknown model is 404 not_found_error.", "D", ERRORS, _model, 404, "not_found_error"),
    Rule("max_tokens_range", "max_tokens is 0 or more.", "S", SCHEMA, _max_tokens_sign),
    Rule("temperature_range", "temperature is 0 to 1.", "S", SDK, within("temperature", 0, 1)),
    Rule("top_p_range", "top_p is 0 to 1.", "S", SCHEMA, within("top_p", 0, 1)),
    Rule("top_k_range", "top_k is 0 or more.", "S", SCHEMA, within("top_k", 0, float("inf"))),
    Rule("sampling_removed", "No sampling from Opus 4.7 and Fable 5 on.", "S", LATER_SDK, _sampling_removed),
    Rule("sampling_default", "Sonnet 5 rejects a temperature but the default.", "S", SKILL, _sampling_default),
    Rule("sampling_once", "Claude 4.x takes one of temperature and top_p.", "S", SKILL, _sampling_once),
    Rule("stop_sequences_blank", "Stop sequences are not white space.", "R", UNREAD, _stop_blank),
    Rule("thinking_budget", "A budget is at least 1024 and below max_tokens.", "S", SDK, _budget),
    Rule("thinking_budget_ended", "Newer models reject fixed budgets.", "S", SKILL, _budget_ended),
    Rule("thinking_always_on", "Fable 5 rejects thinking disabled.", "S", SKILL, _always_thinks),
    Rule("tool_names", "Tool names are 1 to 128 of letters, digits, _ and -.", "S", SCHEMA, _tool_names),
    Rule("tool_names_once", "Tool names differ.", "R", UNREAD, _tool_names_once),
    Rule("tool_choice_exists", "A chosen tool is one of the tools.", "R", UNREAD, _choice_exists),
)
