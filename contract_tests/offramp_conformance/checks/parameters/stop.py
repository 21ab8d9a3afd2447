"""Stop sequences: where an answer ends, and what it then says."""

from typing import Final

from offramp.types import AnyResponse, JsonObject, OutcomeKind
from offramp_conformance.checks.json_walk import objects_in
from offramp_conformance.checks.probing import is_refused, numbers_in, room_for
from offramp_conformance.checks.prompts import count_up, say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, Seen, Unaskable, broken, expect, held, ignored, unclear
from offramp_conformance.suite.subject import Subject
from offramp_conformance.suite.tampering import edited_body

_FAR_TOO_MANY: Final = 64
_BEYOND: Final = "the answer goes on beyond the stop sequence"


async def _counted(subject: Subject, stop: tuple[str, ...], *, streams: bool = False) -> AnyResponse:
    """It counts to 20 and has to stop at one of these, between 7 and 12.

    Raises:
        Seen: it did not come so far.
    """
    asks = subject.stream if streams else subject.ask
    answer = (await asks(count_up(20), stop=stop, max_output_tokens=room_for(subject, 200))).answer
    if numbers_in(answer.text)[:5] != [1, 2, 3, 4, 5]:
        raise Seen(unclear("it did not count, so that it never came to the stop sequence"))
    return answer


def _goes_beyond(answer: AnyResponse, last: int) -> bool:
    return max(numbers_in(answer.text)) > last


@check(
    "parameters.stop.enforced",
    level="MUST",
    axis="behaviour",
    proves="The answer ends before the stop sequence.",
    look_at="Whether the stop sequences reach the vendor under the name that it reads.",
    verifies="stop",
)
async def enforced(subject: Subject) -> Observation:
    return ignored(_BEYOND) if _goes_beyond(await _counted(subject, ("7",)), 7) else held()


@check(
    "parameters.stop.told",
    level="MUST",
    axis="wire",
    proves="An answer that ended at a stop sequence is not said to be cut.",
    look_at="The stop reason of an answer that met a stop sequence.",
    verifies="stop",
)
async def told(subject: Subject) -> Observation:
    answer = await _counted(subject, ("7",))
    if _goes_beyond(answer, 7):
        return unclear(_BEYOND)
    good = (OutcomeKind.STOP_SEQUENCE, OutcomeKind.COMPLETED)
    expect(answer.outcome.kind in good, f"an answer that met a stop sequence says {answer.outcome.kind}")
    named = answer.outcome.stop_sequence
    expect(named in (None, "7"), "it names a stop sequence that it was not given")
    return held()


@check(
    "parameters.stop.left_out",
    level="SHOULD",
    axis="behaviour",
    proves="The stop sequence itself is not in the answer.",
    look_at="Whether the host cuts behind the sequence instead of before it.",
    verifies="stop",
)
async def left_out(subject: Subject) -> Observation:
    answer = await _counted(subject, ("7",))
    if _goes_beyond(answer, 7):
        return unclear(_BEYOND)
    return broken("the answer ends with the stop sequence itself") if "7" in answer.text else held()


@check(
    "parameters.stop.several",
    level="MUST",
    axis="behaviour",
    proves="Of several stop sequences the first that is met ends the answer, wherever it stands in the list.",
    look_at="Whether only the first sequence of the list is read.",
    verifies="stop",
    calls=2,
)
async def several(subject: Subject) -> Observation:
    if _goes_beyond(await _counted(subject, ("unheard-of", "7")), 7):
        return ignored("the second stop sequence of a list is not heeded")
    if _goes_beyond(await _counted(subject, ("7", "unheard-of")), 7):
        return ignored("the first stop sequence of a list is not heeded")
    return held()


@check(
    "parameters.stop.unicode",
    level="SHOULD",
    axis="behaviour",
    proves="A stop sequence outside ASCII ends the answer.",
    look_at="Whether stop sequences are compared by bytes, tokens or letters.",
    verifies="stop",
)
async def unicode(subject: Subject) -> Observation:
    text = "eins zwei 東京 drei vier"
    made = await subject.ask(say(text), stop=("東京",), max_output_tokens=room_for(subject, 100))
    said = made.answer.text
    if "eins" not in said:
        return unclear("the model did not repeat the text, so that it never came to the stop sequence")
    return ignored("the answer goes on beyond a stop sequence outside ASCII") if "vier" in said else held()


@check(
    "parameters.stop.many",
    level="SHOULD",
    axis="behaviour",
    proves="More stop sequences than are taken are refused, or all of them are heeded.",
    look_at="Whether the host drops what is over its limit without a word.",
    verifies="stop",
)
async def many(subject: Subject) -> Observation:
    def multiply(body: JsonObject) -> None:
        if not _multiplied(body):
            raise Unaskable("its dialect keeps stop sequences in a place that is not known here")

    made = await subject.ask(
        count_up(20), tamper=edited_body(multiply), stop=("7",), max_output_tokens=room_for(subject, 200)
    )
    if is_refused(made):
        return held("more stop sequences than it takes are refused")
    if numbers_in(made.answer.text)[:5] != [1, 2, 3, 4, 5]:
        return unclear("it did not count, so that it never came to the stop sequence")
    if _goes_beyond(made.answer, 7):
        return ignored(f"the last of {_FAR_TOO_MANY + 1} stop sequences is dropped without a word")
    return held()


def _multiplied(body: JsonObject) -> bool:
    """Whether the list of stop sequences was found, and many others put before the one in it."""
    for each in objects_in(body):
        for key, content in each.items():
            if content == ["7"]:
                each[key] = [*(f"unheard-of {place}" for place in range(_FAR_TOO_MANY)), "7"]
                return True
    return False


@check(
    "parameters.stop.streamed",
    level="MUST",
    axis="behaviour",
    proves="A streamed answer ends before the stop sequence, too.",
    look_at="Whether pieces are sent before they are searched for the sequence.",
    verifies="stop",
    needs=("streaming",),
)
async def streamed(subject: Subject) -> Observation:
    return ignored(_BEYOND) if _goes_beyond(await _counted(subject, ("7",), streams=True), 7) else held()
