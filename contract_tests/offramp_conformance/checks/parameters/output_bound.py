"""The bound of an answer's length."""

from typing import Final

from offramp.types import OutcomeKind
from offramp_conformance.checks.probing import told_where_cut, unless_it_speaks
from offramp_conformance.checks.prompts import count_up
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, held, ignored, unclear
from offramp_conformance.suite.subject import Subject

_BOUND: Final = 32
"""Tokens. Some APIs take no bound below 16."""
_LAST: Final = 300
"""Even a terse answer has to be longer than the bound, and two numbers in one token are more than any tokenizer has."""


@check(
    "parameters.max_output.enforced",
    level="MUST",
    axis="behaviour",
    proves="An answer does not go on beyond the bound.",
    look_at="Which name the vendor reads the bound under.",
)
async def enforced(subject: Subject) -> Observation:
    answer = (await subject.ask(count_up(_LAST), max_output_tokens=_BOUND)).answer
    if len(answer.text.split()) > 2 * _BOUND:
        return ignored("the answer is longer than the bound allows")
    if answer.outcome.kind is OutcomeKind.COMPLETED and len(answer.text.split()) < _BOUND // 3:
        return unclear("the answer was too short to reach the bound")
    return held()


@check(
    "parameters.max_output.told",
    level="MUST",
    axis="wire",
    proves="An answer that was cut at the bound says so.",
    look_at="The stop reason of an answer that ends in the middle of a sentence.",
    controls=3,
)
async def told(subject: Subject) -> Observation:
    return await told_where_cut(subject, bound=_BOUND, last=_LAST)


@check(
    "parameters.max_output.counted",
    level="MUST",
    axis="wire",
    proves="No more output is counted than the bound allows.",
    look_at="Whether reasoning is counted beside the bound, and whether the count is of this answer.",
)
async def counted(subject: Subject) -> Observation:
    answer = (await subject.ask(count_up(_LAST), max_output_tokens=_BOUND)).answer
    count = answer.usage.output_tokens
    if count is None:
        return unclear("it does not tell how many tokens the answer has")
    # One token more is the end mark, which some servers count.
    if count > _BOUND + 1:
        return broken(f"{count} tokens are counted under a bound of {_BOUND}")
    return held()


@check(
    "parameters.max_output.prefix",
    level="SHOULD",
    axis="behaviour",
    proves="A bound cuts an answer; it does not empty it.",
    look_at="Whether all of the bound goes into reasoning that is not shown.",
    trust="most",
    share=0.6,
    controls=8,
)
async def prefix(subject: Subject) -> Observation:
    answer = (await subject.ask(count_up(_LAST), max_output_tokens=_BOUND)).answer
    if answer.text.strip():
        return held()
    if answer.usage.reasoning_tokens:
        return unclear("all of the bound went into reasoning")
    if answer.outcome.kind is not OutcomeKind.MAX_OUTPUT:
        return unclear("the answer was not cut")
    return await unless_it_speaks(subject, answer)
