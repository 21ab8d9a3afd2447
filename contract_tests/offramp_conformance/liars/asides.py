"""Questions besides an answer, as an apt vendor answers them: a count of tokens, embeddings, its models."""

import hashlib
from collections.abc import Mapping
from random import Random
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from offramp.contracts.dialect import Dialect, OperationCodec, Target
from offramp.errors import OfframpError
from offramp.types import (
    Embedding,
    Embeddings,
    EmbedInput,
    EmbedRequest,
    GenerateRequest,
    ListModels,
    ModelInfo,
    ModelList,
    Origin,
    Text,
    TokenCount,
    Usage,
    changed,
    user,
)
from offramp_conformance.liars.places import Place
from offramp_conformance.liars.tokens import tokens_of
from offramp_providers.emulator.words import tokens_in

Question: TypeAlias = GenerateRequest | EmbedRequest | ListModels
Told: TypeAlias = TokenCount | Embeddings | ModelList

_DIMENSIONS: Final = 16
_SAMPLES: Final[Mapping[str, tuple[Any, ...]]] = {
    "count_tokens": (GenerateRequest((user("a"),)),),
    "embeddings": (
        EmbedRequest((EmbedInput((Text("a"),)),), purpose="document"),
        EmbedRequest((EmbedInput((Text("a"),)), EmbedInput((Text("b"),))), purpose="document"),
    ),
    "models": (ListModels(),),
}
"""What is encoded once to learn the paths."""


class Asides:
    """The questions that a dialect has, by method and path."""

    def __init__(self, dialect: Dialect, place: Place) -> None:
        self._origin = Origin(developer=place.vendor, host=place.vendor, dialect=dialect.name, model=place.model)
        self._model = place.model
        self._paths = dict(_paths(dialect, place, self._origin))

    def codec(self, method: str, path: str) -> OperationCodec[Any, Any] | None:
        """Which question a path asks. None: none."""
        return self._paths.get((method, urlsplit(path).path))

    def understood(self, codec: OperationCodec[Any, Any], body: Any, headers: Mapping[str, str]) -> Question:
        """What is asked."""
        asked: Question = codec.decode_request(body, headers, self._origin)
        return asked

    def answered(self, asked: Question) -> Told:
        """The honest answer."""
        match asked:
            case GenerateRequest():
                return TokenCount(tokens_of(asked), origin=self._origin)
            case EmbedRequest():
                texts = [_text(each) for each in asked.inputs]
                made = tuple(Embedding(_vector(text, asked.dimensions or _DIMENSIONS)) for text in texts)
                return Embeddings(made, usage=Usage(input_tokens=sum(map(tokens_in, texts))), origin=self._origin)
            case ListModels():
                return ModelList((ModelInfo(self._model, created="2026-01-01T00:00:00Z"),), origin=self._origin)


def _paths(dialect: Dialect, place: Place, origin: Origin) -> list[tuple[tuple[str, str], OperationCodec[Any, Any]]]:
    found: list[tuple[tuple[str, str], OperationCodec[Any, Any]]] = []
    for codec in dialect.operations:
        for sample in _SAMPLES[codec.operation.name]:
            asked = sample if isinstance(sample, ListModels) else changed(sample, model=place.model)
            try:
                path = codec.encode_request(asked, Target(origin=origin)).path
            except OfframpError:  # the official vendor has no such call
                continue
            found.append(((codec.method, urlsplit(place.base_path + path).path), codec))
    return found


def _text(asked: EmbedInput) -> str:
    return " ".join(part.text for part in asked.parts if isinstance(part, Text))


def _vector(text: str, size: int) -> tuple[float, ...]:
    """Texts that share words lie near to each other; the same text has the same vector, of length 1."""
    sums = [0.0] * size
    for word in text.lower().split() or [""]:
        rng = Random(hashlib.sha256(word.encode()).digest())  # noqa: S311  # no secret
        sums = [each + rng.gauss(0, 1) for each in sums]
    length = sum(each * each for each in sums) ** 0.5 or 1.0
    return tuple(each / length for each in sums)
