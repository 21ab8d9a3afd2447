"""Settings of a request: enforced, ignored or rejected, as found by probing."""

from offramp.types import OutcomeKind
from offramp_conformance.checks.prompts import count_up, essay
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, expect, held, unclear
from offramp_conformance.suite.subject import Subject


@check(
    "parameters.stop.enforced",
    level="MUST",
    axis="behaviour",
    proves="The answer ends before the stop sequence.",
    look_at="Whether the stop sequences reach the vendor under the name that it reads.",
    verifies="stop",
)
async def stop_enforced(subject: Subject) -> Observation:
    answer = (await subject.ask(count_up(20), stop=("7",), max_output_tokens=200)).answer
    if "5" not in answer.text:
        return unclear("it did not count, so that it never came to the stop sequence")
    return broken("the answer goes on beyond the stop sequence") if "8" in answer.text else held()


@check(
    "parameters.max_output.enforced",
    level="MUST",
    axis="behaviour",
    proves="An answer is cut at the bound, and says so.",
    look_at="Which name the vendor reads the bound under, and the stop reason.",
)
async def max_output_enforced(subject: Subject) -> Observation:
    answer = (await subject.ask(essay("rivers"), max_output_tokens=32)).answer
    expect(len(answer.text.split()) <= 64, "the answer is longer than the bound allows")
    if len(answer.text.split()) < 8 and answer.outcome.kind is OutcomeKind.COMPLETED:
        return unclear("the answer was too short to reach the bound")
    expect(answer.outcome.kind is OutcomeKind.MAX_OUTPUT, f"an answer that was cut says {answer.outcome.kind}")
    return held()
