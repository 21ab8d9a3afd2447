"""What a vendor can be asked besides an answer: a count of tokens, embeddings, the models that it has."""

from dataclasses import KW_ONLY, field
from typing import Literal, TypeAlias

from offramp.types._value import JsonObject, value
from offramp.types.identity import Origin
from offramp.types.losses import Loss
from offramp.types.parts import Media, Text
from offramp.types.provenance import Wire
from offramp.types.responses import Timings, Usage


@value
class TokenCount:
    """How many tokens a request has, by the counter of the vendor in `origin`. Others count otherwise."""

    input_tokens: int | None
    """All of them. None where the vendor's answer does not say."""
    _: KW_ONLY
    origin: Origin | None = None
    losses: tuple[Loss, ...] = ()
    """What was not counted, since it could not be said to this vendor."""
    warnings: tuple[str, ...] = ()
    timings: Timings = field(default_factory=Timings)
    raw: JsonObject | None = None
    wire: Wire | None = None


EmbedPurpose: TypeAlias = Literal["query", "document", "classification", "clustering", "similarity"]
"""What embeddings are for, where a model makes different ones for each. Search needs `query` against `document`."""


@value
class EmbedInput:
    """What one embedding is made of: mostly one text."""

    parts: tuple[Text | Media, ...]
    _: KW_ONLY
    wire: Wire | None = None


@value
class EmbedRequest:
    """One embedding is asked for each input, in order. None in a setting means: not given."""

    inputs: tuple[EmbedInput, ...]
    _: KW_ONLY
    model: str | None = None
    """The model in the vendor's own spelling. None: the endpoint's."""
    purpose: EmbedPurpose | None = None
    dimensions: int | None = None
    """Length of each vector, where the model can be told."""
    end_user: str | None = None
    wire: Wire | None = None


@value
class Embedding:
    """One vector. It can be compared with vectors of the same model, length and purpose only."""

    vector: tuple[float, ...] | None
    """None where the vendor wrote it in an encoding that was not asked for."""
    _: KW_ONLY
    wire: Wire | None = None


@value
class Embeddings:
    """The embeddings of one request, in the order of its inputs."""

    embeddings: tuple[Embedding, ...]
    _: KW_ONLY
    usage: Usage = field(default_factory=Usage)
    origin: Origin | None = None
    """Who says to have made them. Keep it beside them: vectors of another model are not comparable."""
    losses: tuple[Loss, ...] = ()
    warnings: tuple[str, ...] = ()
    timings: Timings = field(default_factory=Timings)
    raw: JsonObject | None = None
    wire: Wire | None = None

    @property
    def vectors(self) -> tuple[tuple[float, ...], ...]:
        """The vectors alone; one that could not be read is empty."""
        return tuple(each.vector or () for each in self.embeddings)


@value
class ListModels:
    """A question for the models that the endpoint's account may use."""

    _: KW_ONLY
    page: str | None = None
    """Where to go on, as the page before has said. None: at the beginning."""
    wire: Wire | None = None


@value
class ModelInfo:
    """One model as its host tells of it. None is not told."""

    name: str
    """In the host's own spelling, as an endpoint's `model`."""
    _: KW_ONLY
    title: str | None = None
    developer: str | None = None
    """Whose it is, in the host's word; it may name the host itself."""
    created: str | None = None
    """The moment in ISO 8601."""
    retires: str | None = None
    """The day of its end, as the host writes it."""
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    wire: Wire | None = None


@value
class ModelList:
    """Models, all or one page of them."""

    models: tuple[ModelInfo, ...]
    _: KW_ONLY
    next_page: str | None = None
    """None: there are no more."""
    origin: Origin | None = None
    losses: tuple[Loss, ...] = ()
    warnings: tuple[str, ...] = ()
    timings: Timings = field(default_factory=Timings)
    raw: JsonObject | None = None
    wire: Wire | None = None
