"""The skill of answering in JSON, with the fields that were asked for and by the schema that was given."""

import json
import re
from typing import Final

from offramp.types import JsonObject, JsonOutput, SchemaOutput
from offramp_conformance.checks import prompts
from offramp_conformance.liars.mind.calling import leading_object
from offramp_conformance.liars.mind.fitting import fitted
from offramp_conformance.liars.mind.turn import Turn
from offramp_providers.emulator.instances import instance_of

_FILL: Final = re.compile(re.escape(prompts.fill_in()).replace(r"\{\}", r"(?=\{)"))


def filled(turn: Turn, wish: str) -> str | None:
    """An answer in JSON. None: nobody asked for one."""
    fields = _wished(wish)
    match turn.request.output:
        case SchemaOutput(schema=schema):
            return _dumped(fitted(fields or {}, schema, instance_of(schema, turn.chance)))
        case JsonOutput():
            return _dumped(fields if fields is not None else {"answer": wish[:40]})
        case _:
            return None if fields is None else _dumped(fields)


def _wished(wish: str) -> JsonObject | None:
    found = _FILL.search(wish)
    return None if found is None else leading_object(wish[found.end() :])


def _dumped(made: object) -> str:
    return json.dumps(made, ensure_ascii=False)
