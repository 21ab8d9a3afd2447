"""Lies about who answers, and whom: other models, foreign seals, other people's answers."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Final, TypeVar

from offramp.types import Embeddings, GenerateRequest, JsonObject, Message, ModelList, changed, value
from offramp_conformance.liars.asides import Told
from offramp_conformance.liars.lies.lie import lie
from offramp_conformance.liars.streams import edited
from offramp_conformance.liars.twists import Twist, in_the_words_of
from offramp_providers.emulator.config import Dialect
from offramp_providers.emulator.signatures import Issuer
from offramp_providers.emulator.wire import WireEvent, Writing

_T = TypeVar("_T")
_REMEMBERED: Final = 6
"""Messages of earlier callers."""
_NAMES_MODEL: Final[tuple[Dialect, ...]] = (
    *("anthropic_messages", "openai_chat", "openai_responses", "gemini", "ollama_native", "mistral"),
)
_EMBEDS: Final[tuple[Dialect, ...]] = (
    *("openai_chat", "openai_responses", "gemini", "ollama_native", "cohere_v2", "mistral"),
)

OTHER_MODEL = lie(
    "other_model",
    "Another model answers than was asked.",
    Twist(writes=lambda writing: changed(writing, fate=changed(writing.fate, served_model="cheap-and-quick-1"))),
    "served.model",
    "served.stream",
    dialects=_NAMES_MODEL,
)


def _now_and_then() -> Twist:
    calls = iter(range(1_000_000))

    def writes(writing: Writing) -> Writing:
        served = "cheap-and-quick-1" if next(calls) % 3 == 2 else None
        return changed(writing, fate=changed(writing.fate, served_model=served))

    return Twist(writes=writes)


OTHER_MODEL_NOW_AND_THEN = lie(
    "other_model_now_and_then",
    "Each third answer is another model's.",
    _now_and_then,
    "served.steady",
    "served.model",
    dialects=_NAMES_MODEL,
)


def _nameless(body: JsonObject) -> JsonObject:
    return {key: held for key, held in body.items() if key not in ("model", "modelVersion")}


MODEL_UNTOLD = lie(
    "model_untold",
    "An answer does not say which model has given it.",
    Twist(puts=_nameless),
    "served.told",
    dialects=_NAMES_MODEL,
)


@value
class _OneAnswerWriting(Writing):
    """Every answer has the same id."""

    def id(self, prefix: str, purpose: str = "", *, size: int = 24) -> str:
        return prefix + "A" * size if purpose in ("", "answer", "response") else _of(self, prefix, purpose, size)


def _of(writing: Writing, prefix: str, purpose: str, size: int) -> str:
    return Writing.id(writing, prefix, purpose, size=size)


ANSWER_IDS_ALIKE = lie(
    "answer_ids_alike",
    "Every answer has the same id.",
    Twist(writes=lambda writing: in_the_words_of(_OneAnswerWriting, writing)),
    "errors.request_id.unique",
    "caching.not_replayed",
    dialects=("openai_chat", "anthropic_messages", "openai_responses", "gemini", "cohere_v2", "mistral"),
)

FOREIGN_SEAL = lie(
    "foreign_seal",
    "Reasoning is sealed with another key each day, so that what it gave is not taken back.",
    Twist(writes=lambda writing: replace(writing, issuer=Issuer("another", 1))),
    "reasoning.round_trip",
    dialects=("anthropic_messages", "openai_responses"),
)


def _crossed() -> Twist:
    """Whoever asks while another's answer is under way gets the other's."""
    under_way: list[Writing] = []

    def writes(writing: Writing) -> Writing:
        mine = replace(writing, answers=under_way[-1].answers) if under_way else writing
        under_way.append(writing)
        return mine

    def ends(passing: _T) -> _T:
        if under_way:
            under_way.pop(0)
        return passing

    return Twist(writes=writes, puts=ends, sends=ends)


CROSS_TALK = lie(
    "cross_talk",
    "Who asks while another is answered gets the other's answer.",
    _crossed,
    "isolation.answers",
    "isolation.streams",
    "isolation.system",
    first_s=0.03,
)


def _remembering() -> Twist:
    """What one caller said is known to the next."""
    heard: list[Message] = []

    def hears(request: GenerateRequest) -> GenerateRequest:
        known = tuple(heard)
        heard.extend(each for each in request.messages if each.role == "user")
        return changed(request, messages=(*known[-_REMEMBERED:], *request.messages))

    return Twist(hears=hears)


REMEMBERING = lie(
    "remembering", "What one caller has said is known to the next.", _remembering, "isolation.stateless", "usage.input"
)


def _halfway(events: list[WireEvent]) -> list[WireEvent]:
    middle = len(events) // 2
    return [*events[:middle], *(edited(each, _renamed) for each in events[middle:])]


def _renamed(data: JsonObject) -> JsonObject:
    return {key: "cheap-and-quick-1" if key in ("model", "modelVersion") else held for key, held in data.items()}


MODEL_CHANGES_HALFWAY = lie(
    "model_changes_halfway",
    "Another model goes on in the middle of a stream.",
    Twist(sends=_halfway),
    "served.throughout",
    dialects=("openai_chat", "gemini", "mistral", "ollama_native"),
)


def _embeddings(change: Callable[[Embeddings], Embeddings]) -> Twist:
    def tells(told: Told) -> Told:
        return change(told) if isinstance(told, Embeddings) else told

    return Twist(tells=tells)


EMBEDDINGS_REVERSED = lie(
    "embeddings_reversed",
    "Embeddings come in another order than the texts.",
    _embeddings(lambda told: changed(told, embeddings=told.embeddings[::-1])),
    "operations.embeddings.order",
    dialects=_EMBEDS,
)

EMBEDDINGS_MISSING = lie(
    "embeddings_missing",
    "The last text of several has no embedding.",
    _embeddings(lambda told: changed(told, embeddings=told.embeddings[: max(1, len(told.embeddings) - 1)])),
    "operations.embeddings.counted",
    dialects=_EMBEDS,
)

EMBEDDINGS_CONSTANT = lie(
    "embeddings_constant",
    "Whatever the text, the embedding is the same.",
    _embeddings(lambda told: changed(told, embeddings=told.embeddings[:1] * len(told.embeddings))),
    "operations.embeddings.order",
    "operations.embeddings.apart",
    dialects=_EMBEDS,
)


def _noisy() -> Twist:
    chance = Random("noise")  # noqa: S311  # no secret

    def shaken(told: Embeddings) -> Embeddings:
        made = tuple(
            changed(each, vector=tuple(chance.gauss(0, 1) for _ in each.vector or ())) for each in told.embeddings
        )
        return changed(told, embeddings=made)

    return _embeddings(shaken)


EMBEDDINGS_NOISY = lie(
    "embeddings_noisy",
    "The same text has another embedding each time.",
    _noisy,
    "operations.embeddings.repeats",
    dialects=_EMBEDS,
)


def _no_models(told: Told) -> Told:
    return changed(told, models=()) if isinstance(told, ModelList) else told


MODELS_HIDDEN = lie(
    "models_hidden",
    "The list of models does not have the one that answers.",
    Twist(tells=_no_models),
    "operations.models.listed",
    dialects=("openai_chat", "anthropic_messages", "openai_responses", "gemini", "ollama_native", "mistral"),
)
