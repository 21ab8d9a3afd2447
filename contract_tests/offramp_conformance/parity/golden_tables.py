"""A golden set as it stands in a file: its tables, and the JSON Schema that is published of them."""

import json
from dataclasses import KW_ONLY
from importlib.resources import files
from typing import Any, Literal

from pydantic import TypeAdapter

from offramp.types import JsonObject, value
from offramp_conformance.parity.golden_set import FORMAT
from offramp_conformance.parity.graders.specs import Grader


@value
class MessageTable:
    """A message in short: a role and a text."""

    _: KW_ONLY
    role: Literal["system", "user", "assistant"]
    text: str


@value
class CaseTable:
    """A case. One of `ask`, `messages` and `request` says what is asked."""

    _: KW_ONLY
    id: str
    cluster: str | None = None
    """None: the case comes from nowhere that another comes from."""
    slices: tuple[str, ...] = ()
    weight: float = 1.0
    ask: str | None = None
    """One user message."""
    messages: tuple[MessageTable, ...] | None = None
    request: JsonObject | None = None
    """A canonical request in its JSON form; what it leaves out is not given."""
    graders: tuple[Grader, ...]


@value
class HeadTable:
    """The head of a golden set: the first line of JSON lines."""

    _: KW_ONLY
    schema: Literal["offramp-golden-set/1"]
    name: str


@value
class GoldenFile(HeadTable):
    """A whole golden set, as TOML has it."""

    _: KW_ONLY
    cases: tuple[CaseTable, ...]


def derived_schema() -> JsonObject:
    """The JSON Schema (2020-12) of the tables. Of JSON lines, each after the first is one of its `cases`."""
    made: JsonObject = TypeAdapter[Any](GoldenFile).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": FORMAT}


def golden_set_schema() -> JsonObject:
    """The schema as it is published beside this file."""
    found: JsonObject = json.loads((files("offramp_conformance.parity") / "golden-set.schema.json").read_text("utf-8"))
    return found
