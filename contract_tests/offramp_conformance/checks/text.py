"""Text goes in and comes out as it is."""

from typing import Final

from offramp.types import OutcomeKind
from offramp_conformance.checks.prompts import say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, expect, held
from offramp_conformance.suite.subject import Subject

_BEYOND_ASCII: Final = "Zürich, 東京, Kraków, שלום, नमस्ते, 🚁"


@check(
    "text.answers",
    level="MUST",
    axis="wire",
    proves="A plain question gets an answer with text and an outcome that means completed.",
    look_at="The response body: where the text stands, and the stop reason.",
    verifies="text",
)
async def answers(subject: Subject) -> Observation:
    answer = (await subject.ask(say(subject.word()))).answer
    expect(answer.text.strip(), "the answer has no text")
    expect(answer.outcome.kind is OutcomeKind.COMPLETED, f"the outcome of a whole answer is {answer.outcome.kind}")
    return held()


@check(
    "text.follows",
    level="MUST",
    axis="behaviour",
    proves="The answer holds the word that was asked for.",
    look_at="Whether the prompt reaches the model as it was sent.",
    verifies="text",
    trust="most",
    share=0.6,
)
async def follows(subject: Subject) -> Observation:
    word = subject.word()
    answer = (await subject.ask(say(word))).answer
    return held() if word.lower() in answer.text.lower() else broken("the word that was asked for is not in the answer")


@check(
    "text.unicode",
    level="MUST",
    axis="behaviour",
    proves="Letters outside ASCII come back unharmed.",
    look_at="The encoding of the request and the response; a gateway that rewrites JSON.",
    verifies="text",
    trust="most",
    share=0.6,
)
async def unicode(subject: Subject) -> Observation:
    answer = (await subject.ask(say(_BEYOND_ASCII))).answer
    return held() if _BEYOND_ASCII in answer.text else broken("letters outside ASCII did not come back as they were")
