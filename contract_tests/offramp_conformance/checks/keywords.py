"""Each keyword of JSON Schema by itself, held against a wish that breaks it."""

from dataclasses import KW_ONLY
from typing import Any, Final

from offramp.types import GenerateRequest, JsonObject, SchemaOutput, user, value
from offramp_conformance.checks.prompts import fill_in
from offramp_conformance.checks.structured import closed, fits
from offramp_conformance.suite.check import Check, CheckLevel, check
from offramp_conformance.suite.observations import Observation, Unaskable
from offramp_conformance.suite.subject import Subject


@value
class Keyword:
    """One keyword of JSON Schema, and a wish that breaks it."""

    name: str
    field: JsonObject
    """The schema of the field `x`."""
    wish: Any
    """What the user asks `x` to be."""
    _: KW_ONLY
    level: CheckLevel = "MAY"
    """Vendors differ in the keywords that they enforce; the plainest are expected of each."""
    root: JsonObject | None = None
    """Of the whole schema, where it is not a closed object with `x`."""

    @property
    def schema(self) -> JsonObject:
        """The whole schema."""
        return closed({"x": self.field}, **(self.root or {}))


_KEYWORDS: Final = (
    Keyword("type.string", {"type": "string"}, 7, level="SHOULD"),
    Keyword("type.integer", {"type": "integer"}, 2.5, level="SHOULD"),
    Keyword("type.number", {"type": "number"}, "seven", level="SHOULD"),
    Keyword("type.boolean", {"type": "boolean"}, "yes", level="SHOULD"),
    Keyword("type.null", {"type": ["string", "null"]}, 7, level="SHOULD"),
    Keyword("enum", {"type": "string", "enum": ["red", "green"]}, "purple", level="SHOULD"),
    Keyword("enum.integer", {"type": "integer", "enum": [3, 5]}, 4),
    Keyword("const", {"type": "string", "const": "fixed"}, "other"),
    Keyword("minimum", {"type": "integer", "minimum": 10}, 3),
    Keyword("maximum", {"type": "integer", "maximum": 10}, 400),
    Keyword("multipleOf", {"type": "integer", "multipleOf": 5}, 7),
    Keyword("minLength", {"type": "string", "minLength": 8}, "abc"),
    Keyword("maxLength", {"type": "string", "maxLength": 5}, "abcdefghijkl"),
    Keyword("pattern", {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2}$"}, "nothing of it"),
    Keyword("format.date", {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}, "soon"),
    Keyword("items", {"type": "array", "items": {"type": "integer"}}, ["one", "two"], level="SHOULD"),
    Keyword("minItems", {"type": "array", "items": {"type": "integer"}, "minItems": 3}, [1]),
    Keyword("maxItems", {"type": "array", "items": {"type": "integer"}, "maxItems": 2}, [1, 2, 3, 4]),
    Keyword("anyOf", {"anyOf": [{"type": "integer"}, closed({"n": {"type": "integer"}})]}, "neither", level="SHOULD"),
    Keyword(
        "$ref",
        {"$ref": "#/$defs/unit"},
        "a unit",
        root={"$defs": {"unit": closed({"n": {"type": "integer"}})}},
        level="SHOULD",
    ),
)


def _of_keyword(keyword: Keyword) -> Check:
    async def run(subject: Subject) -> Observation:
        request = GenerateRequest(
            (user(fill_in(x=keyword.wish)),), output=SchemaOutput(keyword.schema, name="answer", strict=True)
        )
        lost = [loss.code for loss in subject.prepared(request).losses if loss.path.startswith("output.schema")]
        if lost:
            raise Unaskable(f"this keyword is not told to this vendor ({lost[0]}); Offramp holds the answer to it")
        return fits((await subject.ask(request)).answer.text, keyword.schema)

    return check(
        f"structured.keyword.{keyword.name}",
        level=keyword.level,
        axis="behaviour",
        proves=f"The keyword of `{keyword.name}` holds, though the user asks for something else.",
        look_at="Which keywords the vendor enforces; Offramp validates what it does not.",
        verifies="structured_output",
    )(run)


KEYWORDS: Final = tuple(_of_keyword(each) for each in _KEYWORDS)
