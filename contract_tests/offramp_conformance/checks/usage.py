"""Usage: what is counted is told, adds up, and is of this exchange."""

from typing import Any, Final

from offramp.types import AnyResponse, JsonObject
from offramp_conformance.checks.filler import filler
from offramp_conformance.checks.probing import room_for, says
from offramp_conformance.checks.prompts import count_up, say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, Seen, broken, expect, held, unclear
from offramp_conformance.suite.subject import Subject

_TOTALS: Final = ("total_tokens", "totalTokens", "totalTokenCount")
_FEWEST_A_TOKEN: Final = 0.8
_MOST_A_TOKEN: Final = 12.0
"""Characters of English: from a tokenizer of single letters, with some slack, to one of long words."""
_FILLER_WORDS: Final = 120
_OF_A_COUNT: Final = frozenset("0123456789 ,\n")
_CLEARLY_LONGER: Final = 100
"""Characters."""


async def _short(subject: Subject) -> AnyResponse:
    return (await subject.ask(say(subject.word()), max_output_tokens=room_for(subject, 100))).answer


def read_tokens(answer: AnyResponse) -> int:
    """How many the prompt has. Raises Seen where it is not told."""
    if answer.usage.input_tokens is None:
        raise Seen(unclear("what it tells does not amount to the tokens that it has read"))
    return answer.usage.input_tokens


def written_tokens(answer: AnyResponse) -> int:
    """How many the answer has. Raises Seen where it is not told."""
    if answer.usage.output_tokens is None:
        raise Seen(unclear("it does not tell how many tokens the answer has"))
    return answer.usage.output_tokens


@check(
    "usage.told",
    level="SHOULD",
    axis="wire",
    proves="An answer tells how many tokens were read and written.",
    look_at="The usage object. Without it no budget holds.",
)
async def told(subject: Subject) -> Observation:
    usage = (await _short(subject)).usage
    expect(usage.output_tokens is not None, "it does not tell how many tokens the answer has")
    if usage.input_tokens is None and usage.raw:
        return unclear("what it tells does not amount to the tokens that it has read")
    expect(usage.input_tokens is not None, "it does not tell how many tokens it has read")
    return held()


@check(
    "usage.told_by_streams",
    level="SHOULD",
    axis="wire",
    proves="A stream tells how many tokens were read and written.",
    look_at="Whether usage has to be asked for, and whether a proxy drops the last event.",
    needs=("streaming",),
)
async def told_by_streams(subject: Subject) -> Observation:
    answer = (await subject.stream(say(subject.word()), max_output_tokens=room_for(subject, 100))).answer
    expect(answer.usage.output_tokens is not None, "the stream does not tell how many tokens the answer has")
    if answer.usage.input_tokens is None and answer.usage.raw:
        return unclear("what it tells does not amount to the tokens that it has read")
    expect(answer.usage.input_tokens is not None, "the stream does not tell how many tokens it has read")
    return held()


@check(
    "usage.counts_something",
    level="MUST",
    axis="wire",
    proves="Neither side of an exchange is counted as nothing.",
    look_at="A usage object that is always zero.",
)
async def counts_something(subject: Subject) -> Observation:
    answer = await _short(subject)
    usage = answer.usage
    if usage.input_tokens is None and usage.output_tokens is None:
        return unclear("no tokens are told")
    expect(usage.input_tokens is None or usage.input_tokens > 0, "a question is counted as no tokens")
    expect(not answer.text or usage.output_tokens is None or usage.output_tokens > 0, "an answer counts no tokens")
    return held()


@check(
    "usage.total",
    level="MUST",
    axis="wire",
    proves="Input and output add up to the total.",
    look_at="Which of the counts has reasoning or cached tokens in it.",
)
async def total(subject: Subject) -> Observation:
    answer = await _short(subject)
    stated = _stated_total(answer.usage.raw or {})
    if stated is None:
        return held("no total is told, so that none contradicts")
    summed = read_tokens(answer) + written_tokens(answer)
    # Some hosts count reasoning outside of the output, and add it to the total.
    allowed = {summed, summed + (answer.usage.reasoning_tokens or 0)}
    return held() if stated in allowed else broken(f"input and output add up to {summed}, the total is {stated}")


def _stated_total(raw: JsonObject) -> int | None:
    found: list[Any] = [raw[key] for key in _TOTALS if type(raw.get(key)) is int]
    return int(found[0]) if found else None


@check(
    "usage.cached_within_input",
    level="MUST",
    axis="wire",
    proves="No more tokens are cached than were read.",
    look_at="Whether cached tokens are counted in the input or beside it.",
)
async def cached_within_input(subject: Subject) -> Observation:
    answer = await _short(subject)
    cached, read = (
        (answer.usage.cache_read_tokens or 0) + (answer.usage.cache_write_tokens or 0),
        answer.usage.input_tokens,
    )
    if read is None:
        return held("it does not tell how many tokens it has read, so that nothing contradicts")
    return held() if cached <= read else broken(f"{cached} tokens are cached of {read} that were read")


@check(
    "usage.reasoning_within_output",
    level="MUST",
    axis="wire",
    proves="No more tokens of reasoning are counted than were written in all.",
    look_at="Whether reasoning is counted in the output or beside it.",
)
async def reasoning_within_output(subject: Subject) -> Observation:
    answer = await _short(subject)
    reasoning, written = answer.usage.reasoning_tokens or 0, answer.usage.output_tokens
    if written is None:
        return held("it does not tell how many tokens the answer has, so that nothing contradicts")
    return held() if reasoning <= written else broken(f"{reasoning} of {written} tokens are reasoning")


@check(
    "usage.input.grows",
    level="MUST",
    axis="behaviour",
    proves="A longer prompt counts more tokens, in proportion to its length.",
    look_at="Whether the count is of this prompt, and of all of it.",
    calls=2,
)
async def input_grows(subject: Subject) -> Observation:
    added = filler(subject.random("filler"), _FILLER_WORDS)
    question, room = say(subject.word()), room_for(subject, 100)
    short = read_tokens((await subject.ask(question, max_output_tokens=room)).answer)
    long = read_tokens((await subject.ask(f"{added}\n\n{question}", max_output_tokens=room)).answer)
    grown = long - short
    expect(grown > 0, f"{len(added)} more characters count {grown} more tokens")
    return _proportionate(len(added), grown, "more characters count")


def _proportionate(characters: int, tokens: int, what: str) -> Observation:
    if _FEWEST_A_TOKEN <= characters / tokens <= _MOST_A_TOKEN:
        return held()
    return broken(f"{characters} {what} {tokens} tokens, which no tokenizer would")


@check(
    "usage.output.grows",
    level="MUST",
    axis="behaviour",
    proves="A longer answer counts more tokens, in proportion to its length.",
    look_at="Whether the count is of this answer, and of all of it.",
    calls=2,
)
async def output_grows(subject: Subject) -> Observation:
    word = subject.word()
    short = (await subject.ask(say(word), max_output_tokens=room_for(subject, 100))).answer
    long = (await subject.ask(count_up(80), max_output_tokens=room_for(subject, 600))).answer
    letters, written = len(long.text), written_tokens(long)
    if not (set(long.text) <= _OF_A_COUNT and says(short, word)):
        return unclear("the model did not do as it was told, and other texts may be of tokens of any length")
    expect(letters <= _MOST_A_TOKEN * written, f"an answer of {letters} characters counts {written} tokens")
    added, grown = len(long.text) - len(short.text), _spoken(long) - _spoken(short)
    if added < _CLEARLY_LONGER:
        return unclear("the longer answer is hardly longer")
    if _reasons_untold(subject, long):
        expect(grown > 0, f"an answer of {added} more characters counts {grown} more tokens")
        return held("reasoning may be counted as well, which is not told apart")
    expect(grown > 0, f"an answer of {added} more characters counts {grown} more tokens")
    return _proportionate(added, grown, "more characters of answer count")


def _spoken(answer: AnyResponse) -> int:
    """Tokens of the answer without its reasoning, where that is told apart."""
    return written_tokens(answer) - (answer.usage.reasoning_tokens or 0)


def _reasons_untold(subject: Subject, answer: AnyResponse) -> bool:
    claim = subject.claim("reasoning")
    return answer.usage.reasoning_tokens is None and claim is not None and claim.support == "native"


@check(
    "usage.input.repeats",
    level="MUST",
    axis="wire",
    proves="The same prompt counts the same tokens each time.",
    look_at="Whether cached tokens are left out, and whether something is added to prompts now and then.",
    calls=3,
)
async def input_repeats(subject: Subject) -> Observation:
    question, room = say(subject.word()), room_for(subject, 100)
    counts = {read_tokens((await subject.ask(question, max_output_tokens=room)).answer) for _ in range(3)}
    return held() if len(counts) == 1 else broken(f"one prompt counts from {min(counts)} to {max(counts)} tokens")
