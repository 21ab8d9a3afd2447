"""What a vendor's support asks for, and what a client paces itself by: request ids and limits."""

import re
from collections.abc import Mapping
from typing import Final

from offramp.errors import ProviderError
from offramp.types import JsonObject
from offramp_conformance.checks.probing import room_for
from offramp_conformance.checks.prompts import say
from offramp_conformance.checks.wire_events import require_wire
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, absent, broken, held, unclear
from offramp_conformance.suite.subject import Subject
from offramp_conformance.suite.tampering import edited_body

_ID_HEADER: Final = re.compile(r"request-?id|correlation-id|trace-id|cf-ray|x-debug-trace", re.ASCII)


def _id_of(made: Exchanged) -> str | None:
    """By which the vendor would find this exchange: of the headers, else of the answer itself."""
    for name, content in made.wire.headers.items():
        if _ID_HEADER.search(name) and content:
            return content
    origin = made.response.origin if made.response else None
    if isinstance(made.error, ProviderError) and made.error.request_id:
        return made.error.request_id
    return origin.response_id if origin else None


@check(
    "errors.request_id.of_answers",
    level="MAY",
    axis="wire",
    proves="An answer has an id by which the vendor would find it.",
    look_at="The headers of an answer; a proxy that drops them.",
)
async def of_answers(subject: Subject) -> Observation:
    made = await subject.ask(say(subject.word()), max_output_tokens=room_for(subject, 60))
    made.answer  # noqa: B018  # an error in its place ends the try
    return held() if _id_of(made) else broken("an answer has no id")


@check(
    "errors.request_id.of_errors",
    level="MAY",
    axis="wire",
    proves="An error has an id by which the vendor would find it.",
    look_at="The headers and the body of an error: it is errors that one asks about.",
    tries=1,
)
async def of_errors(subject: Subject) -> Observation:
    def spoil(body: JsonObject) -> None:
        body.update(dict.fromkeys(body, 7))

    made = await subject.ask(say("yes"), tamper=edited_body(spoil), max_output_tokens=32)
    if made.error is None:
        return unclear("the request was not refused")
    require_wire(made)
    return held() if _id_of(made) else broken("an error has no id")


@check(
    "errors.request_id.unique",
    level="SHOULD",
    axis="wire",
    proves="Two answers never have the same id.",
    look_at="Answers that come from a store of earlier ones; a proxy with a fixed id.",
    calls=3,
)
async def unique(subject: Subject) -> Observation:
    question = say(subject.word())
    made = [await subject.ask(question, max_output_tokens=room_for(subject, 60)) for _ in range(3)]
    ids = [each.answer.origin.response_id for each in made if each.answer.origin and each.answer.origin.response_id]
    if len(ids) < len(made):
        return unclear("the answers have no ids of their own")
    return held() if len(set(ids)) == len(ids) else broken("two answers have the same id")


async def _limits(subject: Subject) -> Mapping[str, str]:
    """All that an answer's headers tell of limits."""
    made = await subject.ask(say(subject.word()), max_output_tokens=room_for(subject, 60))
    made.answer  # noqa: B018  # an error in its place ends the try
    require_wire(made)
    return {name: content for name, content in made.wire.headers.items() if "ratelimit" in name}


@check(
    "errors.limits.told",
    level="MAY",
    axis="wire",
    proves="An answer tells how much of the limits is left.",
    look_at="The headers of an answer. Without them a client learns of a limit by running into it.",
    tries=1,
)
async def limits_told(subject: Subject) -> Observation:
    return held() if await _limits(subject) else absent("it tells nothing of its limits")


@check(
    "errors.limits.possible",
    level="SHOULD",
    axis="wire",
    proves="No more is left of a limit than the limit is.",
    look_at="The headers of an answer: a client that paces itself believes them.",
)
async def limits_possible(subject: Subject) -> Observation:
    limits = await _limits(subject)
    for name, left in limits.items():
        whole = limits.get(name.replace("remaining", "limit"), "")
        if "remaining" in name and left.isdigit() and whole.isdigit() and int(left) > int(whole):
            return broken("more is left of a limit than the limit is")
    return held()
