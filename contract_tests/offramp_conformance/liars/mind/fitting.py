"""The skill of doing as one is told as far as a schema lets one."""

from offramp.types import JsonObject
from offramp_conformance.checks.validating import why_invalid
from offramp_conformance.liars.mind.spelling import example_of
from offramp_providers.emulator.json_values import is_object, object_of


def fitted(wished: JsonObject, schema: JsonObject, made: object) -> object:
    """What fits the schema anyhow, with each wished field in it that the schema admits."""
    if not is_object(made):
        return made
    taken = _spelt(made, schema)
    for name, held in wished.items():
        tried = {**taken, name: held}
        taken = tried if why_invalid(tried, schema) is None else taken
    return taken


def _spelt(made: JsonObject, schema: JsonObject) -> JsonObject:
    """With an example of each pattern that a field must match."""
    patterns = {name: object_of(held).get("pattern") for name, held in object_of(schema.get("properties")).items()}
    spelt = {name: example_of(pattern) for name, pattern in patterns.items() if isinstance(pattern, str)}
    return {**made, **{name: text for name, text in spelt.items() if text is not None}}
