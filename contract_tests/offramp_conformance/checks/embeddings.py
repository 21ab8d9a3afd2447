"""Embeddings: one vector a text, in order, and the same one for the same text."""

import math
from itertools import combinations
from typing import Final

from offramp.contracts.operations import EMBED
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import EmbedInput, EmbedRequest, Text
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import NotAnswered, Observation, Seen, broken, expect, held, unclear
from offramp_conformance.suite.subject import Subject

_TEXTS: Final = (
    "The cat sleeps on the warm window sill.",
    "The cat sleeps on the cold window sill.",
    "Annual tax returns are due before March ends.",
)
_UNLIKE: Final = (_TEXTS[0], _TEXTS[2], "7 4 19 233 0 0 5", "Zürich, Kraków, 東京!")
_HARDLY_TOLD_APART: Final = 0.99
_SAME: Final = 0.999
"""Cosine from which on two vectors are of one text: batches and number formats make small differences."""
_NEARLY_SAME: Final = 0.99
_NOT_OF_THIS_MODEL: Final = frozenset(
    {
        ProviderErrorKind.INVALID_REQUEST,
        ProviderErrorKind.MODEL_NOT_FOUND,
        ProviderErrorKind.PERMISSION,
        ProviderErrorKind.SERVER,
    }
)


async def _vectors(subject: Subject, *texts: str) -> list[tuple[float, ...]]:
    """One each.

    Raises:
        Seen: the endpoint's model makes none, or there are more or fewer.
    """
    asked = EmbedRequest(tuple(EmbedInput((Text(text),)) for text in texts), purpose="document")
    try:
        told = await subject.perform(EMBED, asked)
    except NotAnswered as failed:
        if isinstance(failed.error, ProviderError) and failed.error.kind in _NOT_OF_THIS_MODEL:
            why = "the endpoint's own model makes no embeddings; ask an endpoint whose model does"
            raise Seen(unclear(why)) from failed
        raise
    vectors = list(told.vectors)
    expect(len(vectors) == len(texts), f"{len(vectors)} vectors came for {len(texts)} texts")
    expect(all(vectors), "a vector cannot be read")
    return vectors


def cosine(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """How alike two vectors are: 1 where they point the same way."""
    expect(len(one) == len(other), "two vectors are of different lengths")
    product = math.hypot(*one) * math.hypot(*other)
    expect(product > 0 and math.isfinite(product), "a vector is zero, or not finite")
    return math.fsum(left * right for left, right in zip(one, other, strict=True)) / product


@check(
    "operations.embeddings.counted",
    level="MUST",
    axis="wire",
    proves="There is one vector for each text, and all are of one length.",
    look_at="The list of vectors, and the encoding that was asked for.",
    verifies="embeddings",
)
async def counted(subject: Subject) -> Observation:
    vectors = await _vectors(subject, *_TEXTS)
    lengths = {len(each) for each in vectors}
    expect(len(lengths) == 1, f"the vectors are of {len(lengths)} different lengths")
    expect(all(math.isfinite(each) for vector in vectors for each in vector), "a vector holds what is no number")
    return held(f"each of {lengths.pop()} numbers")


@check(
    "operations.embeddings.repeats",
    level="MUST",
    axis="behaviour",
    proves="The same text has the same vector each time.",
    look_at="Whether several models or versions answer to one name.",
    verifies="embeddings",
    calls=2,
)
async def repeats(subject: Subject) -> Observation:
    first, again = await _vectors(subject, _TEXTS[0]), await _vectors(subject, _TEXTS[0])
    return held() if cosine(first[0], again[0]) >= _SAME else broken("the same text has another vector each time")


@check(
    "operations.embeddings.among_others",
    level="SHOULD",
    axis="behaviour",
    proves="A text has the same vector alone and among others.",
    look_at="How the host puts texts into a batch: what is indexed in bulk would not be found by a single question.",
    verifies="embeddings",
    calls=2,
)
async def among_others(subject: Subject) -> Observation:
    alone, among = await _vectors(subject, _UNLIKE[0]), await _vectors(subject, *_UNLIKE)
    likeness = cosine(alone[0], among[0])
    if likeness >= _NEARLY_SAME:
        return held()
    return broken(f"a text's vector among others has a cosine of {likeness:.3f} with the one that it has alone")


@check(
    "operations.embeddings.order",
    level="MUST",
    axis="behaviour",
    proves="The vectors of several texts come in the order of the texts.",
    look_at="Whether vectors are put back by their index.",
    verifies="embeddings",
    calls=5,
)
async def order(subject: Subject) -> Observation:
    together = await _vectors(subject, *_UNLIKE)
    single = [(await _vectors(subject, text))[0] for text in _UNLIKE]
    if max(cosine(one, other) for one, other in combinations(single, 2)) > _HARDLY_TOLD_APART:
        return unclear("the model hardly tells different texts apart")
    for place, vector in enumerate(together):
        nearest = max(range(len(single)), key=lambda other: cosine(vector, single[other]))
        if nearest != place:
            return broken(f"vector {place + 1} of several is that of text {nearest + 1}")
    return held()


@check(
    "operations.embeddings.apart",
    level="SHOULD",
    axis="behaviour",
    proves="Texts on one matter are nearer to each other than to one on another.",
    look_at="Whether the vectors are of the texts at all.",
    verifies="embeddings",
)
async def apart(subject: Subject) -> Observation:
    warm, cold, tax = await _vectors(subject, *_TEXTS)
    near, far = cosine(warm, cold), cosine(warm, tax)
    if near >= _SAME and far >= _SAME:
        return broken("different texts have one and the same vector")
    return held() if near > far else broken("two texts on one matter are further apart than two on different ones")
