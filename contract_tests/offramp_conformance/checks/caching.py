"""Prompt caching: it shows in the usage, and what is cached is neither stale nor somebody else's."""

from typing import Final

from offramp.types import AnyResponse, Cache, GenerateRequest, user
from offramp_conformance.checks.filler import filler
from offramp_conformance.checks.probing import room_for, says, unless_it_follows, unless_it_recalls
from offramp_conformance.checks.prompts import RECALL, code_word, say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, held, inexcusable, unclear
from offramp_conformance.suite.subject import Subject

_WORDS: Final = 3_600
"""Of a prefix that is long enough for hosts that cache from 4,096 tokens on."""
_WORDS_A_TOKEN: Final = 0.25
"""So many words fit into a context of a token, with room for the rest."""
_ASKED_AGAIN: Final = 3


def _prefix(subject: Subject, purpose: str = "prefix") -> str:
    stated = subject.options.get("context_tokens") or (subject.endpoint.offered("context_tokens") or [None])[0]
    words = _WORDS if stated is None else min(_WORDS, int(stated * _WORDS_A_TOKEN))
    return filler(subject.random(purpose), words)


async def _asked(subject: Subject, *parts: str) -> AnyResponse:
    """An answer to a question behind a long prefix that is marked for the cache, where the dialect has marks."""
    request = GenerateRequest((user("\n\n".join(parts)),), cache=Cache(), max_output_tokens=room_for(subject, 60))
    return (await subject.ask(request)).answer


@check(
    "caching.told",
    level="MUST",
    axis="behaviour",
    proves="A long prompt that is asked again is told as read from the cache.",
    look_at="The usage of the second call; the shortest prefix that the host caches; a proxy that shares calls out.",
    verifies="caching",
    trust="most",
    share=0.3,
    tolerated=0.5,  # calls are shared out over machines with caches of their own
    calls=_ASKED_AGAIN + 1,
)
async def told(subject: Subject) -> Observation:
    prefix = _prefix(subject)
    usage = (await _asked(subject, prefix, say(subject.word()))).usage
    for again in range(_ASKED_AGAIN):
        usage = (await _asked(subject, prefix, say(subject.word()))).usage
        if usage.cache_read_tokens:
            return held(f"{usage.cache_read_tokens} of {usage.input_tokens} tokens, by call {again + 2}")
    if usage.cache_read_tokens is None:
        return broken("it does not tell whether anything was read from a cache")
    return broken(f"nothing was read from the cache in {_ASKED_AGAIN} calls with a prompt that it knew")


@check(
    "caching.not_made_up",
    level="MUST",
    axis="wire",
    proves="A long prompt that nobody has sent before is not told as read from the cache.",
    look_at="How a reseller fills in the usage; whose prompts share a cache.",
    verifies="caching",
)
async def not_made_up(subject: Subject) -> Observation:
    # The word comes first, so that no earlier prompt begins alike; what a host puts before it may be cached.
    usage = (await _asked(subject, subject.word("new"), _prefix(subject), say(subject.word()))).usage
    if usage.cache_read_tokens is None or usage.input_tokens is None:
        return unclear("it does not tell whether anything was read from a cache")
    if usage.cache_read_tokens <= usage.input_tokens // 2:
        return held()
    return broken(
        f"{usage.cache_read_tokens} of {usage.input_tokens} tokens are told as cached of a prompt that is new"
    )


@check(
    "caching.own_answer",
    level="MUST",
    axis="behaviour",
    proves="Two questions behind the same prefix get an answer each.",
    look_at="A store of answers whose key leaves out the end of the prompt.",
    verifies="caching",
    trust="most",
    share=0.6,
    calls=3,
    controls=2,
)
async def own_answer(subject: Subject) -> Observation:
    prefix, first, second = _prefix(subject), subject.word("first"), subject.word("second")
    await _asked(subject, prefix, say(first))
    answer = await _asked(subject, prefix, say(second))
    if says(answer, second):
        return held()
    if says(answer, first):
        return inexcusable("a question got the answer to the one before it, which had the same beginning")
    word, new = subject.word("control"), _prefix(subject, "new prefix")
    control = await _asked(subject, new, say(word))
    if says(control, word) and new not in control.text:
        return await unless_it_follows(subject, "a question behind a cached prefix is not answered")
    return unclear("the model answers no question behind a long prefix, be it cached or not")


@check(
    "caching.fresh",
    level="MUST",
    axis="behaviour",
    proves="A change at the beginning of a long prompt is read.",
    look_at="A store of prefixes whose key is too short.",
    verifies="caching",
    trust="most",
    share=0.6,
    calls=3,
    controls=1,
)
async def fresh(subject: Subject) -> Observation:
    prefix, old, new = _prefix(subject), subject.word("old"), subject.word("new")
    await _asked(subject, code_word(old), prefix, RECALL)
    answer = await _asked(subject, code_word(new), prefix, RECALL)
    if says(answer, new):
        return held()
    if says(answer, old):
        return inexcusable("the beginning of an earlier prompt is taken for that of this one")
    word = subject.word("control")
    control = await _asked(subject, code_word(word), _prefix(subject, "new prefix"), RECALL)
    if says(control, word) and RECALL not in control.text:
        return await unless_it_recalls(subject, "the beginning of a long prompt is not read")
    return unclear("the model recalls nothing from before a long text, be it new or not")


@check(
    "caching.not_replayed",
    level="SHOULD",
    axis="behaviour",
    proves="The same question asked twice is answered twice.",
    look_at="A proxy that gives an earlier answer again, with its id and its usage.",
    calls=2,
)
async def not_replayed(subject: Subject) -> Observation:
    question, room = say(subject.word()), room_for(subject, 60)
    first = (await subject.ask(question, max_output_tokens=room)).answer
    again = (await subject.ask(question, max_output_tokens=room)).answer
    ids = [each.origin.response_id if each.origin else None for each in (first, again)]
    if None in ids:
        return unclear("answers have no ids of their own")
    return broken("an earlier answer is given again, under its own id") if ids[0] == ids[1] else held()
