"""Stop sequences: where an answer ends, and what it then says."""

from typing import Final

from offramp.types import AnyResponse, JsonObject, OutcomeKind
from offramp_conformance.checks.json_walk import objects_in
from offramp_conformance.checks.probing import NOT_AN_ANSWER, is_refused, numbers_in, room_for
from offramp_conformance.checks.prompts import count_up, say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, Seen, Unaskable, broken, expect, held, ignored, unclear
from offramp_conformance.suite.subject import Subject
from offramp_conformance.suite.tampering import edited_body

_FAR_TOO_MANY: Final = 64
_ROOM: Final = 200
"""Tokens."""
_OF_THE_MODEL: Final = NOT_AN_ANSWER | {OutcomeKind.TOOL_CALLS}
_BEYOND: Final = "the answer goes on beyond the stop sequence"


async def _counted(subject: Subject, stop: tuple[str, ...], *, streams: bool = False) -> AnyResponse:
    """It counts to 20 and has to stop at one of these, between 7 and 12.

    Raises:
        Seen: it did not come so far.
    """
    asks = subject.stream if streams else subject.ask
    answer = (await asks(count_up(20), stop=stop, max_output_tokens=room_for(subject, _ROOM))).answer
    if numbers_in(answer.text)[:5] != [1, 2, 3, 4, 5]:
        raise Seen(unclear("it did not count, so that it never came to the stop sequence"))
    return answer


def goes_beyond(text: str, stop: str) -> bool:
    """Whether a text holds the stop sequence and more behind it. One that leaves it out has not met it."""
    _, met, rest = text.partition(stop)
    return bool(met and rest.strip())


def _heeded(text: str, otherwise: str) -> Observation:
    return ignored(otherwise) if goes_beyond(text, "7") else held()


@check(
    "parameters.stop.enforced",
    level="MUST",
    axis="behaviour",
    proves="The answer ends before the stop sequence.",
    look_at="Whether the stop sequences reach the vendor under the name that it reads.",
    verifies="stop",
)
async def enforced(subject: Subject) -> Observation:
    return _heeded((await _counted(subject, ("7",))).text, _BEYOND)


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
    if goes_beyond(answer.text, "7"):
        return unclear(_BEYOND)
    expect(answer.outcome.stop_sequence in (None, "7"), "it names a stop sequence that it was not given")
    return told_where_stopped(answer, bound=room_for(subject, _ROOM))


def told_where_stopped(answer: AnyResponse, *, bound: int) -> Observation:
    """Whether an answer that may have met the stop sequence says why it ended.

    A model may go on without meeting it until the bound, call a tool, or be stopped for what it says.
    """
    kind, written = answer.outcome.kind, answer.usage.output_tokens
    if kind in (OutcomeKind.STOP_SEQUENCE, OutcomeKind.COMPLETED):
        return held()
    if kind in _OF_THE_MODEL:
        return unclear(f"the answer ended for another reason: {kind}")
    if kind is OutcomeKind.MAX_OUTPUT and (written is None or written >= bound):
        return unclear("the answer may have gone on to the bound without meeting the stop sequence")
    return broken(f"an answer that met a stop sequence says {kind}")


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
    if goes_beyond(answer.text, "7"):
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
    second = await _counted(subject, ("unheard-of", "7"))
    if goes_beyond(second.text, "7"):
        return ignored("the second stop sequence of a list is not heeded")
    first = await _counted(subject, ("7", "unheard-of"))
    return _heeded(first.text, "the first stop sequence of a list is not heeded")


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
    if "vier" not in said:
        return held()
    if not goes_beyond(said, "東京"):
        return unclear("the model left out the stop sequence")
    return ignored("the answer goes on beyond a stop sequence outside ASCII")


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
        count_up(20), tamper=edited_body(multiply), stop=("7",), max_output_tokens=room_for(subject, _ROOM)
    )
    if is_refused(made):
        return held("more stop sequences than it takes are refused")
    if numbers_in(made.answer.text)[:5] != [1, 2, 3, 4, 5]:
        return unclear("it did not count, so that it never came to the stop sequence")
    return _heeded(made.answer.text, f"the last of {_FAR_TOO_MANY + 1} stop sequences is dropped without a word")


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
    return _heeded((await _counted(subject, ("7",), streams=True)).text, _BEYOND)
