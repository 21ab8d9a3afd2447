"""Who has answered: the model that was asked, and the same one from beginning to end."""

from collections.abc import Iterator

from offramp.catalog import served_model_matches
from offramp.types import JsonObject
from offramp_conformance.checks.probing import room_for
from offramp_conformance.checks.prompts import count_up, say
from offramp_conformance.checks.wire_events import json_events
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, broken, held
from offramp_conformance.suite.subject import Subject
from offramp_providers.emulator.json_values import object_of, text_of

_NOT_SAID = "it does not say which model has answered"


def _as_asked(subject: Subject, made: Exchanged) -> Observation:
    origin = made.answer.origin
    served = origin.model if origin else None
    matches = served_model_matches(subject.endpoint.identity.model, served, subject.endpoint.facts)
    if matches is None:
        return held(_NOT_SAID)
    return held() if matches else broken("another model than the one asked for says to have answered")


@check(
    "served.model",
    level="MUST",
    axis="wire",
    proves="No answer says to be of another model than the one that was asked.",
    look_at="An alias that now stands for another model, or a host that falls back by itself.",
)
async def model(subject: Subject) -> Observation:
    return _as_asked(subject, await subject.ask(say(subject.word()), max_output_tokens=room_for(subject, 60)))


@check(
    "served.stream",
    level="MUST",
    axis="wire",
    proves="No stream says to be of another model than the one that was asked.",
    look_at="An alias that now stands for another model, or a host that falls back by itself.",
    needs=("streaming",),
)
async def stream(subject: Subject) -> Observation:
    return _as_asked(subject, await subject.stream(say(subject.word()), max_output_tokens=room_for(subject, 60)))


@check(
    "served.told",
    level="MAY",
    axis="wire",
    proves="An answer says which model has given it.",
    look_at="The answer's envelope. Without it a substitution is not seen.",
)
async def told(subject: Subject) -> Observation:
    answer = (await subject.ask(say(subject.word()), max_output_tokens=room_for(subject, 60))).answer
    return held() if answer.origin and answer.origin.model else broken(_NOT_SAID)


@check(
    "served.throughout",
    level="MUST",
    axis="wire",
    proves="The model and the id do not change in the middle of a stream.",
    look_at="A host that goes on with another model, or mixes two streams.",
    needs=("streaming",),
)
async def throughout(subject: Subject) -> Observation:
    made = await subject.stream(count_up(30), max_output_tokens=room_for(subject, 300))
    made.answer  # noqa: B018  # an error in its place ends the try
    events = json_events(made)
    names, ids = set(_named(events, "model", "modelVersion")), set(_named(events, "id", "responseId"))
    if len(names) > 1:
        return broken(f"{len(names)} models are named within one stream")
    return held() if len(ids) <= 1 else broken(f"{len(ids)} answers are named within one stream")


def _named(events: tuple[JsonObject, ...], *keys: str) -> Iterator[str]:
    """What the events' envelopes say under one of these keys."""
    for event in events:
        for envelope in (event, object_of(event.get("message")), object_of(event.get("response"))):
            yield from filter(None, (text_of(envelope.get(key)) for key in keys))


@check(
    "served.steady",
    level="SHOULD",
    axis="wire",
    proves="The same name answers each time.",
    look_at="A host that shares requests out among several models or versions.",
    calls=3,
)
async def steady(subject: Subject) -> Observation:
    names: set[str] = set()
    for _ in range(3):
        answer = (await subject.ask(say(subject.word()), max_output_tokens=room_for(subject, 60))).answer
        if answer.origin is None or not answer.origin.model:
            return held(_NOT_SAID)
        names.add(answer.origin.model)
    return held() if len(names) == 1 else broken(f"{len(names)} different models answer to one name")
