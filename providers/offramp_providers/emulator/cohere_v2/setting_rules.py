"""Rules on the headers and on the settings of a request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from offramp_providers.emulator.json_values import is_list, is_number, object_of, objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule, within
from offramp_providers.emulator.schema_walk import subschemas
from offramp_providers.emulator.shapes import Fault, record

from .body_shapes import SETTINGS
from .sources import ERRORS, OPENAPI, STRUCTURED, UNREAD

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_FIELDS: Final = 200


def _key(ask: Ask) -> Iterator[Fault]:
    given = ask.headers.get("authorization", "")
    if not given.startswith("Bearer "):
        yield Fault("", "no api key supplied")
    elif ask.state.key is not None and given != f"Bearer {ask.state.key}":
        yield Fault("", "invalid api token")


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
        yield Fault("", f"model '{ask.model}' not found, make sure the correct model ID was used")


def _both_penalties(ask: Ask) -> Iterator[Fault]:
    if all(is_number(ask.body.get(key)) for key in ("frequency_penalty", "presence_penalty")):
        yield Fault("presence_penalty", "only one of the penalties can be specified for this model")


def _stop_count(ask: Ask) -> Iterator[Fault]:
    stops: Any = ask.body.get("stop_sequences")
    if is_list(stops) and len(stops) > 5:
        yield Fault("stop_sequences", "at most 5")


def _budget(ask: Ask) -> Iterator[Fault]:
    budget: Any = object_of(ask.body.get("thinking")).get("token_budget", 1)
    if budget < 1:
        yield Fault("thinking.token_budget", "must be at least 1")


def _names(ask: Ask) -> Iterator[Fault]:
    for index, tool in enumerate(objects_of(ask.body.get("tools"))):
        name = text_of(object_of(tool.get("function")).get("name"))
        if not _NAME.fullmatch(name):
            yield Fault(f"tools[{index}]", "names hold letters, digits and _, and begin with no digit")


def _strict_fields(ask: Ask) -> Iterator[Fault]:
    if ask.body.get("strict_tools") is not True:
        return
    schemas = [
        object_of(object_of(tool.get("function")).get("parameters")) for tool in objects_of(ask.body.get("tools"))
    ]
    count = sum(len(object_of(node.get("properties"))) for schema in schemas for node in subschemas(schema))
    if count > _MOST_FIELDS:
        yield Fault("strict_tools", f"at most {_MOST_FIELDS} fields across all tools")


def _choice(ask: Ask) -> Iterator[Fault]:
    if ask.body.get("tool_choice") == "REQUIRED" and not ask.body.get("tools"):
        yield Fault("tool_choice", "needs tools")


def _documents(ask: Ask) -> Iterator[Fault]:
    if ask.body.get("documents") == []:
        yield Fault("documents", "list of documents must not be empty")


def _document_ids(ask: Ask) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, document in enumerate(objects_of(ask.body.get("documents"))):
        name = text_of(document.get("id"))
        if name and name in seen:
            yield Fault(f"documents[{index}].id", f"duplicate document ID at index {index} and {seen[name]}")
        seen.setdefault(name, index)


def _format_with_documents(ask: Ask) -> Iterator[Fault]:
    is_json = object_of(ask.body.get("response_format")).get("type") == "json_object"
    if is_json and ask.body.get("documents"):
        yield Fault("response_format", "is not supported with RAG")


HEADER_RULES: Final = (Rule("key", "A key in a bearer token.", "D", ERRORS, _key, 401, ""),)

SETTING_RULES: Final = (
    Rule("known_parameters", "A request has the published parameters.", "S", OPENAPI, _known),
    Rule("required", "model and messages are required.", "S", OPENAPI, _required),
    Rule("setting_shapes", "Each setting has its published shape.", "S", OPENAPI, _shape),
    Rule("model_exists", "An unknown model is 404.", "D", ERRORS, _model, 404),
    Rule("temperature_range", "temperature is 0 to 1.", "D", ERRORS, within("temperature", 0, 1)),
    Rule("p_range", "p is 0.01 to 0.99.", "S", OPENAPI, within("p", 0.01, 0.99)),
    Rule("k_range", "k is 0 to 500.", "S", OPENAPI, within("k", 0, 500)),
    Rule("seed_range", "seed is 0 to 2^64.", "S", OPENAPI, within("seed", 0, 2**64)),
    Rule("frequency_penalty_range", "Penalties are 0 to 1.", "D", ERRORS, within("frequency_penalty", 0, 1)),
    Rule("presence_penalty_range", "Penalties are 0 to 1.", "D", ERRORS, within("presence_penalty", 0, 1)),
    Rule("one_penalty", "Some models take one penalty only.", "D", ERRORS, _both_penalties),
    Rule("stop_count", "At most 5 stop sequences.", "S", OPENAPI, _stop_count),
    Rule("token_budget", "A budget is at least 1.", "S", OPENAPI, _budget),
    Rule("priority_range", "priority is 0 to 999.", "S", OPENAPI, within("priority", 0, 999)),
    Rule("tool_names", "Tool names have letters, digits and _.", "D", ERRORS, _names),
    Rule("strict_fields", "Strict tools have at most 200 fields.", "D", STRUCTURED, _strict_fields),
    Rule("tools_for_choice", "A required call needs tools.", "R", UNREAD, _choice),
    Rule("documents_not_empty", "A list of documents holds some.", "D", ERRORS, _documents),
    Rule("document_ids", "Each document has an id of its own.", "D", ERRORS, _document_ids),
    Rule("format_without_documents", "No JSON beside documents.", "D", ERRORS, _format_with_documents),
)
