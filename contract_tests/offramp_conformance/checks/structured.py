"""Answers in JSON: by a schema, keyword by keyword, with wishes that break it, whole and in a stream."""

import json
from collections.abc import Mapping
from typing import Any, Final

from offramp.types import JsonObject, JsonOutput, OutcomeKind, SchemaOutput
from offramp_conformance.checks.probing import unless_it_follows
from offramp_conformance.checks.prompts import essay, fill_in
from offramp_conformance.checks.toolbox import BELL, calls_of
from offramp_conformance.checks.validating import why_invalid
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, expect, held
from offramp_conformance.suite.subject import Subject
from offramp_providers.emulator.json_values import object_of


def closed(properties: Mapping[str, JsonObject], **more: Any) -> JsonObject:
    """An object with these properties, all required and no others."""
    held = dict(properties)
    return {"type": "object", "properties": held, "required": list(held), "additionalProperties": False, **more}


_PLAIN: Final = closed({"name": {"type": "string"}, "urgent": {"type": "boolean"}})
_DEEP: Final = closed(
    {
        "site": closed(
            {
                "units": {
                    "type": "array",
                    "items": closed(
                        {"count": {"type": "integer"}, "kind": {"type": "string", "enum": ["boat", "truck"]}}
                    ),
                }
            }
        )
    }
)


def _read(text: str) -> Any:
    """The answer as JSON, a code fence around it taken off. The ellipsis: it is none."""
    bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        return json.loads(bare)
    except ValueError:
        return ...


def _field(made: Any, name: str) -> object:
    return object_of(made).get(name)


def fits(text: str, schema: JsonObject) -> Observation:
    """Whether a text is JSON that fits a schema."""
    made = _read(text)
    if made is ...:
        return broken("the answer is not JSON")
    why = why_invalid(made, schema)
    return held() if why is None else broken(f"the answer does not fit the schema: {why}")


@check(
    "structured.schema",
    level="MUST",
    axis="behaviour",
    proves="An answer fits its schema, though the user asks for something else.",
    look_at="Whether the schema reaches the vendor, and whether it is enforced.",
    verifies="structured_output",
)
async def schema(subject: Subject) -> Observation:
    asked = fill_in(name=subject.word(), urgent="perhaps", colour="red")
    return fits((await subject.ask(asked, output=SchemaOutput(_PLAIN, name="report"))).answer.text, _PLAIN)


@check(
    "structured.bare",
    level="MUST",
    axis="wire",
    proves="An answer by a schema is JSON and nothing else.",
    look_at="Code fences and words around the JSON.",
    verifies="structured_output",
)
async def bare(subject: Subject) -> Observation:
    asked = fill_in(name=subject.word(), urgent=True)
    answer = (await subject.ask(asked, output=SchemaOutput(_PLAIN, name="report"))).answer
    try:
        json.loads(answer.text)
    except ValueError:
        return broken("something stands around the JSON, or it is none")
    return held()


@check(
    "structured.content",
    level="MUST",
    axis="behaviour",
    proves="Within the schema, the answer holds what was asked for.",
    look_at="A host that fills a schema without reading the prompt.",
    verifies="structured_output",
    trust="most",
    share=0.6,
    calls=2,
    controls=1,
)
async def content(subject: Subject) -> Observation:
    word = subject.word()
    answer = (await subject.ask(fill_in(name=word, urgent=True), output=SchemaOutput(_PLAIN, name="report"))).answer
    made = _read(answer.text)
    is_it = str(_field(made, "name")).lower() == word.lower()
    if is_it:
        return held()
    return await unless_it_follows(subject, "the field does not hold what was asked for")


@check(
    "structured.nested",
    level="MUST",
    axis="behaviour",
    proves="The schema holds three levels down.",
    look_at="The innermost objects: a host that enforces the outer levels only.",
    verifies="structured_output",
)
async def nested(subject: Subject) -> Observation:
    wish = fill_in(site={"units": [{"count": "two", "kind": "helicopter", "name": subject.word()}]})
    return fits((await subject.ask(wish, output=SchemaOutput(_DEEP, name="sites"))).answer.text, _DEEP)


@check(
    "structured.streamed",
    level="MUST",
    axis="behaviour",
    proves="A streamed answer fits its schema too.",
    look_at="Whether the schema is enforced in streams.",
    verifies="structured_output",
    needs=("streaming",),
)
async def streamed(subject: Subject) -> Observation:
    asked = fill_in(name=subject.word(), urgent="perhaps")
    return fits((await subject.stream(asked, output=SchemaOutput(_PLAIN, name="report"))).answer.text, _PLAIN)


@check(
    "structured.unicode",
    level="SHOULD",
    axis="behaviour",
    proves="Letters outside ASCII and quotes come whole within JSON.",
    look_at="Escaping within JSON; a tokeniser that constrained decoding breaks.",
    verifies="structured_output",
    trust="most",
    share=0.6,
    calls=2,
    controls=1,
)
async def unicode(subject: Subject) -> Observation:
    wish = 'Kraków "north", 東京'
    answer = (await subject.ask(fill_in(name=wish, urgent=True), output=SchemaOutput(_PLAIN, name="report"))).answer
    made = _read(answer.text)
    is_it = _field(made, "name") == wish
    if is_it:
        return held()
    return await unless_it_follows(subject, "letters outside ASCII did not come back as they were")


@check(
    "structured.cut",
    level="MUST",
    axis="wire",
    proves="JSON that was cut by the bound on output is not passed off as whole.",
    look_at="The outcome of an answer that ends in its middle.",
    verifies="structured_output",
)
async def cut(subject: Subject) -> Observation:
    asked = fill_in(name=" ".join(subject.word(str(number)) for number in range(120)), urgent=True)
    answer = (await subject.ask(asked, output=SchemaOutput(_PLAIN, name="report"), max_output_tokens=24)).answer
    if _read(answer.text) is ...:
        expect(
            answer.outcome.kind is not OutcomeKind.COMPLETED, "JSON ends in its middle, and the outcome says completed"
        )
    return held()


@check(
    "structured.json",
    level="MUST",
    axis="behaviour",
    proves="Where JSON without a schema is asked for, the answer is JSON.",
    look_at="How JSON mode is spelt for this vendor.",
    verifies="json_output",
)
async def some_json(subject: Subject) -> Observation:
    answer = (
        await subject.ask(f"{essay('rivers')} Answer in JSON.", output=JsonOutput(), max_output_tokens=2000)
    ).answer
    if answer.outcome.kind is OutcomeKind.MAX_OUTPUT:
        return held("it was cut before its end")
    return broken("the answer is not JSON") if _read(answer.text) is ... else held()


@check(
    "structured.with_tools",
    level="SHOULD",
    axis="behaviour",
    proves="A schema holds while tools are offered.",
    look_at="A vendor that takes tools and a schema, and drops one of them.",
    verifies="structured_output",
    needs=("tools",),
)
async def with_tools(subject: Subject) -> Observation:
    asked = fill_in(name=subject.word(), urgent="perhaps")
    answer = (await subject.ask(asked, output=SchemaOutput(_PLAIN, name="report"), tools=(BELL,))).answer
    return held("it called the tool") if calls_of(answer) else fits(answer.text, _PLAIN)
