"""Refusals are told as such. Only the vendor's own published trigger provokes them; nothing asks for harm."""

from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import OutcomeKind, Refusal, SchemaOutput
from offramp_conformance.checks.prompts import say
from offramp_conformance.checks.structured import closed
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, Unaskable, broken, held
from offramp_conformance.suite.subject import Subject

TRIGGER: Final = "refusal_trigger"
"""The option of a run that holds the vendor's published trigger."""
_LOOK_AT: Final = "The stop reason and the parts of a refusal; a host that turns refusals into plain text."
_TOLD: Final = frozenset({OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER})


def _trigger(subject: Subject) -> str:
    trigger = subject.options.get(TRIGGER)
    if not isinstance(trigger, str):
        raise Unaskable("no trigger for a refusal is published by this vendor, or the run was not given it")
    return trigger


def _told(made: Exchanged) -> Observation:
    match made.error:
        case ProviderError(kind=ProviderErrorKind.CONTENT_FILTER):
            return held("as an error")
        case _:
            answer = made.answer
    is_told = answer.outcome.kind in _TOLD or any(isinstance(part, Refusal) for part in answer.message.parts)
    return (
        held() if is_told else broken(f"a refusal is passed off as an answer, with the outcome {answer.outcome.kind}")
    )


@check(
    "refusal.told",
    level="MUST",
    axis="wire",
    proves="A refusal says that it is one.",
    look_at=_LOOK_AT,
)
async def told(subject: Subject) -> Observation:
    return _told(await subject.ask(_trigger(subject)))


@check(
    "refusal.told.streamed",
    level="MUST",
    axis="wire",
    proves="A refusal in a stream says that it is one.",
    look_at=_LOOK_AT,
    verifies="streaming",
)
async def told_in_stream(subject: Subject) -> Observation:
    return _told(await subject.stream(_trigger(subject)))


@check(
    "refusal.told.structured",
    level="MUST",
    axis="wire",
    proves="A refusal in place of JSON says that it is one.",
    look_at=_LOOK_AT,
    verifies="structured_output",
)
async def told_in_place_of_json(subject: Subject) -> Observation:
    schema = closed({"name": {"type": "string"}})
    return _told(await subject.ask(_trigger(subject), output=SchemaOutput(schema, name="report")))


@check(
    "refusal.plain",
    level="MUST",
    axis="behaviour",
    proves="A plain wish is not refused.",
    look_at="A filter in front of the model.",
    verifies="text",
    trust="most",
    share=0.6,
)
async def plain(subject: Subject) -> Observation:
    answer = (await subject.ask(say(subject.word()))).answer
    is_refused = answer.outcome.kind in _TOLD or any(isinstance(part, Refusal) for part in answer.message.parts)
    return broken("a plain wish is refused") if is_refused else held()
