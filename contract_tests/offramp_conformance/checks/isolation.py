"""Nobody gets an answer to another's question, however many ask at once."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import AnyResponse, system, user
from offramp_conformance.checks.probing import recalled, room_for, says
from offramp_conformance.checks.prompts import RECALL, code_word, say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import NotAnswered, Observation, broken, held, unclear
from offramp_conformance.suite.sending import HungUp
from offramp_conformance.suite.subject import Subject

_AT_ONCE: Final = 12
"""Where the run does not say how many: enough to share connections and batches, and no storm."""


def _words(subject: Subject) -> list[str]:
    """One for each who asks."""
    return [subject.word(f"caller {place}") for place in range(int(subject.options.get("concurrency", _AT_ONCE)))]


async def _all_at_once(subject: Subject, ask: Callable[[str], asyncio.Future[AnyResponse]]) -> Observation:
    words = _words(subject)
    came = await asyncio.gather(*map(ask, words), return_exceptions=True)
    answers = [(word, each) for word, each in zip(words, came, strict=True) if not isinstance(each, BaseException)]
    crossed = sum(any(says(answer, other) for other in words if other != word) for word, answer in answers)
    if crossed:
        return broken(f"{crossed} of {len(words)} who asked at once got an answer to another's question")
    hung = sum(isinstance(each, NotAnswered) and isinstance(each.error, HungUp) for each in came)
    if hung:
        return broken(f"{hung} of {len(words)} who asked at once got no end of an answer")
    own = sum(says(answer, word) for word, answer in answers)
    judged = _judged(own, words, came)
    return judged if judged.sight != "broken" else await _unless_it_fails_alone(subject, ask, judged)


async def _unless_it_fails_alone(
    subject: Subject, ask: Callable[[str], asyncio.Future[AnyResponse]], otherwise: Observation
) -> Observation:
    """What it means that some got no answer of their own: nothing, where one who asks alone may get none either."""
    for place in range(len(_words(subject))):
        word = subject.word(f"alone {place}")
        if not says(await ask(word), word):
            return unclear("not even who asks alone gets an answer to the question, so that nothing can be told")
    return otherwise


def _judged(own: int, words: Sequence[str], came: Sequence[object]) -> Observation:
    for each in came:
        if isinstance(each, BaseException) and not isinstance(each, NotAnswered):
            raise each
    limited = sum(isinstance(each, NotAnswered) and _is_limited(each) for each in came)
    if own >= 0.6 * (len(words) - limited) and own > 1:
        return held(f"{own} of {len(words)} who asked at once got their own answer, {limited} were put off")
    if limited > len(words) // 2:
        return unclear(f"{limited} of {len(words)} who asked at once were put off")
    return broken(f"{len(words) - own} of {len(words)} got no answer to their question")


def _is_limited(failed: NotAnswered) -> bool:
    kinds = (ProviderErrorKind.RATE_LIMITED, ProviderErrorKind.OVERLOADED)
    return isinstance(failed.error, ProviderError) and failed.error.kind in kinds


@check(
    "isolation.answers",
    level="MUST",
    axis="behaviour",
    proves="Each of many who ask at once gets the answer to the own question.",
    look_at="Connections, batches and stores that several requests share.",
    calls=_AT_ONCE + 1,
    alone=True,
    controls=_AT_ONCE,
)
async def answers(subject: Subject) -> Observation:
    async def ask(word: str) -> AnyResponse:
        return (await subject.ask(say(word), max_output_tokens=room_for(subject, 60))).answer

    return await _all_at_once(subject, lambda word: asyncio.ensure_future(ask(word)))


@check(
    "isolation.streams",
    level="MUST",
    axis="behaviour",
    proves="No piece of a stream reaches another's stream.",
    look_at="Connections, batches and buffers that several streams share.",
    needs=("streaming",),
    calls=_AT_ONCE + 1,
    alone=True,
    controls=_AT_ONCE,
)
async def streams(subject: Subject) -> Observation:
    async def ask(word: str) -> AnyResponse:
        return (await subject.stream(say(f"{word} {word} {word}"), max_output_tokens=room_for(subject, 100))).answer

    return await _all_at_once(subject, lambda word: asyncio.ensure_future(ask(word)))


@check(
    "isolation.system",
    level="MUST",
    axis="behaviour",
    proves="Each of many who ask the same at once is answered by the own system prompt.",
    look_at="Stores of prompts and answers whose key leaves out the system prompt.",
    needs=("system",),
    calls=_AT_ONCE + 1,
    alone=True,
    controls=_AT_ONCE,
)
async def systems(subject: Subject) -> Observation:
    async def ask(word: str) -> AnyResponse:
        return await recalled(subject, (system(code_word(word)), user(RECALL)))

    return await _all_at_once(subject, lambda word: asyncio.ensure_future(ask(word)))


@check(
    "isolation.stateless",
    level="MUST",
    axis="behaviour",
    proves="What one request says is not known to the next one.",
    look_at="A host that keeps a conversation by key, by connection or by user.",
    calls=2,
)
async def stateless(subject: Subject) -> Observation:
    word = subject.word()
    told = (await subject.ask(code_word(word), max_output_tokens=room_for(subject, 60))).answer
    asked = (await subject.ask(RECALL, max_output_tokens=room_for(subject, 60))).answer
    del told
    return broken("a word that an earlier request had given is known") if says(asked, word) else held()
