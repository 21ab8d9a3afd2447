"""How a try asks so that an answer tells something: with a bound, with a control, and with samples that can differ."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from statistics import fmean
from typing import Final

from typing_extensions import Unpack  # pydantic requires it; `typing` types it for keywords in every checker from 3.12

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import AnyResponse, Message, OutcomeKind, assistant, user, value
from offramp_conformance.checks.prompts import (
    IMPROVISE,
    RECALL,
    RECALL_FIRST,
    RECALL_LAST,
    code_word,
    count_up,
    repeat,
    say,
)
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, Seen, Unaskable, broken, held, unclear
from offramp_conformance.suite.settings import Settings
from offramp_conformance.suite.subject import Subject

_WORDS_OF_A_SENTENCE: Final = 8
"""An improvised answer with fewer says too little to be compared."""

_ALOUD: Final = (say("yes"), count_up(9), IMPROVISE, say("no"), count_up(3), repeat("blue", 3))
"""Whoever answers none of these with any text says nothing at all."""

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


async def unless_it_follows(subject: Subject, otherwise: str | Observation) -> Observation:
    """What it means that an answer lacks what was asked for.

    The control is asked twice, each time for another thing, so that no answer that is always the same will do.

    Returns:
        `otherwise`, a sentence for `broken`, where the endpoint does follow other simple wishes; `unclear` where it
        does not.
    """
    for last in (4, 7):
        answer = (await subject.ask(count_up(last), max_output_tokens=room_for(subject, 60))).answer
        if numbers_in(answer.text) != list(range(1, last + 1)):
            return unclear("the model does not follow even a simple wish, so that nothing can be told")
    return broken(otherwise) if isinstance(otherwise, str) else otherwise


async def unless_it_recalls(subject: Subject, otherwise: str) -> Observation:
    """What it means that a word was not recalled: `broken` where one is recalled that the question itself holds.

    It stands between two others that are not asked for: a model that repeats what it reads, all or a piece of it,
    recalls nothing.
    """
    word, before, after = (subject.word(name) for name in ("control", "before", "after"))
    told = f"The gate word is {before}. {code_word(word)} The road word is {after}."
    answer = (await subject.ask(f"{told} {RECALL}", max_output_tokens=room_for(subject, 60))).answer
    if says(answer, word) and not says(answer, before) and not says(answer, after):
        return broken(otherwise)
    return unclear("the model recalls not even what stands in the question, so that nothing can be told")


async def unless_it_mixes_up(subject: Subject, count: int, otherwise: str) -> Observation:
    """What it means that one of several words was taken for another, or not known.

    Returns:
        `broken` where the first and the last of as many are told apart within one message; `unclear` where not.
    """
    words = [subject.word(f"of one message {place}") for place in range(count)]
    told = " ".join(map(code_word, words))
    for question, wanted, other in ((RECALL_FIRST, words[0], words[-1]), (RECALL_LAST, words[-1], words[0])):
        answer = (await subject.ask(f"{told} {question}", max_output_tokens=room_for(subject, 60))).answer
        if not says(answer, wanted) or says(answer, other):
            return unclear("the model mixes up even the words of one message, so that nothing can be told")
    return broken(otherwise)


async def unless_it_speaks(subject: Subject, seen: AnyResponse, *, streams: bool = False) -> Observation:
    """What it means that an answer has no text.

    Returns:
        `broken` where the endpoint follows simple wishes, or answers none of several questions with any text;
        `unclear` where its model says nothing now and then, or nothing but blanks.
    """
    if seen.text:
        return unclear("the text is nothing but blanks")
    otherwise = f"there is no text, and the outcome is {seen.outcome.kind}"
    followed = await unless_it_follows(subject, otherwise)
    if followed.sight == "broken":
        return followed
    asks = subject.stream if streams else subject.ask
    for question in _ALOUD:
        if (await asks(question, max_output_tokens=room_for(subject, 60))).answer.text:
            return unclear("the model says nothing now and then")
    return broken(otherwise)


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


async def told_where_cut(subject: Subject, *, bound: int, last: int, streams: bool = False) -> Observation:
    """Whether an answer to `count_up(last)` says that the bound, in tokens, cut it.

    Of its own accord a model may end at any token, so at the very last one too. Only a count that breaks off was cut,
    and only where another bound cuts another one: no model ends wherever it happens to be bound.
    """
    asks = subject.stream if streams else subject.ask
    first = cut_at_bound((await asks(count_up(last), max_output_tokens=bound)).answer, bound=bound, last=last)
    if first.sight != "broken":
        return first
    for further in (bound + 7, bound + 16, bound + 27):
        answer = (await asks(count_up(last), max_output_tokens=further)).answer
        if cut_at_bound(answer, bound=further, last=last).sight == "broken":
            return first
    return unclear("no other bound cuts the answer, so that it may have come to its end just at the first")


def cut_at_bound(answer: AnyResponse, *, bound: int, last: int) -> Observation:
    """Whether this answer to `count_up(last)` says that the bound cut it. A count that breaks off there seems cut."""
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
