"""How a try asks so that an answer tells something: with a bound, with a control, and with samples that can differ."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from statistics import fmean
from typing import Final

from typing_extensions import Unpack  # pydantic requires it; `typing` types it for keywords in every checker from 3.12

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import AnyResponse, Message, OutcomeKind, assistant, user, value
from offramp_conformance.checks.prompts import IMPROVISE, RECALL, code_word, count_up
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, Seen, Unaskable, broken, held, unclear
from offramp_conformance.suite.settings import Settings
from offramp_conformance.suite.subject import Subject

_WORDS_OF_A_SENTENCE: Final = 8
"""An improvised answer with fewer says too little to be compared."""

_TO_REASON: Final = 2_000
"""Tokens for a model that reasons before it answers, and counts that as output."""

NOT_AN_ANSWER: Final = frozenset({OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER})
"""The model would not, whatever was asked."""


def room_for(subject: Subject, tokens: int) -> int:
    """A bound for an answer of so many tokens: with room to reason where it may, and within what is stated of it."""
    claim, stated = subject.claim("reasoning"), subject.endpoint.offered("max_output_tokens")
    wanted = tokens + _TO_REASON if claim is not None and claim.support == "native" else tokens
    return wanted if stated is None else min(wanted, int(stated[0]))


def says(answer: AnyResponse, text: str) -> bool:
    """Whether the answer's text holds this, whatever the case."""
    return text.casefold() in answer.text.casefold()


def is_refused(made: Exchanged) -> bool:
    """Whether the request was refused as such."""
    refusals = (ProviderErrorKind.INVALID_REQUEST, ProviderErrorKind.TOO_LARGE)
    return isinstance(made.error, ProviderError) and made.error.kind in refusals


# Controls.


async def unless_it_follows(subject: Subject, otherwise: str) -> Observation:
    """What it means that an answer lacks what was asked for.

    Returns:
        `broken` where the endpoint does follow another simple wish; `unclear` where it follows none.
    """
    answer = (await subject.ask(count_up(5), max_output_tokens=room_for(subject, 60))).answer
    if numbers_in(answer.text)[:5] == [1, 2, 3, 4, 5]:
        return broken(otherwise)
    return unclear("the model follows not even a simple wish, so that nothing can be told")


async def unless_it_recalls(subject: Subject, otherwise: str) -> Observation:
    """What it means that a word was not recalled: `broken` where one is recalled that the question itself holds."""
    word = subject.word("control")
    answer = (await subject.ask(f"{code_word(word)} {RECALL}", max_output_tokens=room_for(subject, 60))).answer
    if says(answer, word):
        return broken(otherwise)
    return unclear("the model recalls not even what stands in the question, so that nothing can be told")


async def recalled(subject: Subject, given: Sequence[Message], **settings: Unpack[Settings]) -> AnyResponse:
    """The answer to a conversation that ends in a question for a code word."""
    bounded: Settings = {"max_output_tokens": room_for(subject, 60), **settings}
    return (await subject.ask(given, **bounded)).answer


def told_in_turn(words: Iterable[str], question: str) -> tuple[Message, ...]:
    """A conversation in which code words are given one by one, and then the question is asked."""
    turns = [each for word in words for each in (user(code_word(word)), assistant("Noted."))]
    return (*turns, user(question))


def require_said(subject: Subject, given: Sequence[Message]) -> None:
    """Go on where the messages can be said to the endpoint as they are: none is dropped, moved or rewritten.

    Raises:
        Unaskable: the dialect has no such message.
    """
    for loss in subject.losses_of(given):
        if loss.path.startswith("messages") and loss.action in ("dropped", "moved", "rewritten"):
            raise Unaskable(f"{loss.path} was {loss.action}: {loss.why}")


# Answers that can be compared.


def numbers_in(text: str) -> list[int]:
    """The whole numbers of a text, in order."""
    spaced = "".join(each if each.isdigit() else " " for each in text)
    return [int(word) for word in spaced.split() if len(word) < 9]


def told_where_cut(answer: AnyResponse, *, bound: int, last: int) -> Observation:
    """Whether an answer to `count_up(last)` says that the bound, in tokens, cut it.

    Of its own accord a model may end at any token, so at the very last one too. Only a count that breaks off was cut.
    """
    if answer.outcome.kind is OutcomeKind.MAX_OUTPUT:
        return held()
    if answer.usage.output_tokens != bound:
        return unclear("the answer did not end at the bound, as far as can be told")
    if not _breaks_off(answer.text, last):
        return unclear("the answer is no count that breaks off, so that it may have come to its end just at the bound")
    return broken(f"a count that breaks off at exactly as many tokens as the bound says {answer.outcome.kind}")


def _breaks_off(text: str, last: int) -> bool:
    """Whether this is nothing but a count from 1 that stops short of `last`, after a number or within one."""
    words = text.replace(",", " ").split()
    count = [str(number) for number in range(1, len(words) + 1)]
    if not 5 <= len(words) <= last or words[-1] == str(last):
        return False
    return words[:-1] == count[:-1] and count[-1].startswith(words[-1])


@value
class Variety:
    """Several answers to one question."""

    texts: tuple[str, ...]

    @property
    def is_one(self) -> bool:
        """Whether they are the same, word for word."""
        return len({text.strip() for text in self.texts}) == 1

    @property
    def likeness(self) -> float:
        """How alike two of them are on average, from 0 to 1: the share of words in common runs."""
        pairs = combinations([text.split() for text in self.texts], 2)
        return fmean(SequenceMatcher(None, one, other, autojunk=False).ratio() for one, other in pairs)


async def improvised(subject: Subject, settings: Sequence[Settings]) -> Variety:
    """An improvised sentence under each of these settings, one after the other.

    Raises:
        Seen: it did not improvise, so that nothing can be told.
    """
    texts: list[str] = []
    for each in settings:
        bounded: Settings = {"max_output_tokens": room_for(subject, 120), **each}
        text = (await subject.ask(IMPROVISE, **bounded)).answer.text
        if len(text.split()) < _WORDS_OF_A_SENTENCE:
            raise Seen(unclear("it did not make up a sentence, so that nothing can be compared"))
        texts.append(text)
    return Variety(tuple(texts))
