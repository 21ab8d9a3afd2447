"""Rules on settings, tools and the model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from offramp_providers.emulator.json_values import is_list, is_number, is_object, object_of, objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.shapes import Fault

from .body_shapes import SETTINGS
from .sources import MODEL, RECORDED, UNREAD

TOLD: Final = (":model", ":stream")
"""What the path says of a request stands in the body under these names, which no sender can use."""


def _known(ask: Ask) -> Iterator[Fault]:
    for key in ask.body:
        if key not in SETTINGS and key not in TOLD:
            yield Fault(key, "is not a known member")


def _shapes(ask: Ask) -> Iterator[Fault]:
    for key, check in SETTINGS.items():
        if key in ask.body:
            yield from check(ask.body[key], key)


def _model(ask: Ask) -> Iterator[Fault]:
    if ask.state.models and ask.body.get(":model") not in ask.state.models:
        yield Fault("", "The provided model identifier is invalid.")


def _between(key: str, low: float, high: float) -> Any:
    def check(ask: Ask) -> Iterator[Fault]:
        found: Any = object_of(ask.body.get("inferenceConfig")).get(key)
        if is_number(found) and not low <= found <= high:
            yield Fault(f"inferenceConfig.{key}", f"must be between {low:g} and {high:g}")

    return check


def _stops(ask: Ask) -> Iterator[Fault]:
    found: Any = object_of(ask.body.get("inferenceConfig")).get("stopSequences")
    if is_list(found) and len(found) > 2500:
        yield Fault("inferenceConfig.stopSequences", "must have at most 2500 items")


def _schema(ask: Ask) -> Iterator[Fault]:
    structure = object_of(object_of(object_of(ask.body.get("outputConfig")).get("textFormat")).get("structure"))
    text = object_of(structure.get("jsonSchema")).get("schema")
    if text is None:
        return
    try:
        schema = json.loads(text_of(text))
    except ValueError:
        schema = None
    if not is_object(schema):
        yield Fault("outputConfig.textFormat.structure.jsonSchema.schema", "must be the text of a JSON Schema")


def _metadata(ask: Ask) -> Iterator[Fault]:
    found = ask.body.get("requestMetadata")
    if found is None:
        return
    plain = is_object(found) and all(isinstance(each, str) and len(each) <= 256 for each in found.values())
    if not plain or not 1 <= len(found) <= 16 or not all(1 <= len(key) <= 256 for key in found):
        yield Fault("requestMetadata", "must have 1 to 16 members of at most 256 characters")


def _named_tool(ask: Ask) -> Iterator[Fault]:
    config = object_of(ask.body.get("toolConfig"))
    named = object_of(object_of(config.get("toolChoice")).get("tool")).get("name")
    offered = [object_of(tool.get("toolSpec")).get("name") for tool in objects_of(config.get("tools"))]
    if named is not None and named not in offered:
        yield Fault("toolConfig.toolChoice.tool.name", "is none of the tools")


def _rule(name: str, fact: str, check: Any) -> Rule:
    return Rule(name, fact, "S", MODEL, check, type="ValidationException")


SETTING_RULES: Final = (
    _rule("known_members", "A request has the published members only.", _known),
    _rule("shapes", "Members have their published shapes; a union has one member.", _shapes),
    Rule("model_exists", "An unknown model is refused.", "D", RECORDED, _model, type="ValidationException"),
    _rule("max_tokens", "maxTokens is at least 1.", _between("maxTokens", 1, 10**9)),
    _rule("temperature", "temperature is between 0 and 1.", _between("temperature", 0, 1)),
    _rule("top_p", "topP is between 0 and 1.", _between("topP", 0, 1)),
    _rule("stops", "At most 2,500 stop sequences.", _stops),
    _rule("schema_text", "The schema of the output is a text.", _schema),
    _rule("metadata", "At most 16 entries, of at most 256 characters.", _metadata),
    Rule("named_tool", "The tool to call is offered.", "R", UNREAD, _named_tool, type="ValidationException"),
)
