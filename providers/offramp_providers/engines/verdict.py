"""LiteLLM's reading of an answer, corrected by what the vendor really said. Where it said nothing, nothing is known."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from offramp.types import AnyResponse, Origin, Outcome, OutcomeKind, Usage, changed, status_of
from offramp_providers.dialects.anthropic_messages.response import decode_outcome as decode_anthropic
from offramp_providers.dialects.gemini.outcomes import decode_outcome as decode_gemini
from offramp_providers.dialects.openai_chat.outcomes import decode_outcome as decode_chat
from offramp_providers.engines.witness import Witness

_Kind = OutcomeKind

_OTHERS: Final[Mapping[str, OutcomeKind]] = {
    # Words of others (docs.cohere.com and huggingface.co text-generation-inference; recalled).
    "COMPLETE": _Kind.COMPLETED,
    "eos_token": _Kind.COMPLETED,
    "eos": _Kind.COMPLETED,
    "TOOL_CALL": _Kind.TOOL_CALLS,
    "ERROR_TOXIC": _Kind.CONTENT_FILTER,
}


def judged(outcome: Outcome, word: str | None) -> Outcome:
    """Why the answer ended, by the vendor's own word.

    Args:
        outcome: as LiteLLM's word was decoded.
        word: the vendor's; None where it gave none.
    """
    if word is None:
        return Outcome(_Kind.UNKNOWN)
    if outcome.raw == word:
        return outcome
    empty, called = outcome.kind is _Kind.EMPTY, outcome.kind is _Kind.TOOL_CALLS
    for decode in _DECODERS:
        found = decode(word, empty, called)
        if found.kind is not _Kind.UNKNOWN:
            return found
    kind = _OTHERS.get(word, _Kind.UNKNOWN)
    if kind is _Kind.COMPLETED and (empty or called):
        kind = _Kind.EMPTY if empty else _Kind.TOOL_CALLS
    return Outcome(kind, raw=word)


_DECODERS: Final[tuple[Callable[[str, bool, bool], Outcome], ...]] = (
    lambda word, empty, called: decode_chat(word, refused=False, called=called, empty=empty),
    lambda word, empty, called: decode_anthropic(word, stop_sequence=None, category=None, empty=empty, calls=called),
    lambda word, empty, called: decode_gemini(word, empty=empty, called=called),
)
"""The tables of our dialects. No two of them give one word two meanings."""


def corrected(response: AnyResponse, witness: Witness, model: str | None) -> AnyResponse:
    """A whole answer as the vendor gave it; `model` is the served one, in the endpoint's spelling."""
    outcome = judged(response.outcome, witness.stops.get(0))
    alternatives = tuple(
        replace(each, outcome=judged(each.outcome, witness.stops.get(place)))
        for place, each in enumerate(response.alternatives, start=1)
    )
    origin = stamped(response.origin, witness, model)
    message = replace(response.message, status=status_of(outcome), origin=origin)
    return changed(
        response,
        message=message,
        outcome=outcome,
        alternatives=alternatives,
        origin=origin,
        usage=response.usage if witness.counted else Usage(),
        warnings=(*response.warnings, *_warnings(witness)),
        raw=witness.whole,
    )


def stamped(origin: Origin | None, witness: Witness, model: str | None) -> Origin | None:
    """Who says to have answered: LiteLLM fills in the model that was asked for where the vendor does not say."""
    if origin is None:
        return None
    return replace(origin, model=model, response_id=witness.response_id)


def _warnings(witness: Witness) -> tuple[Any, ...]:
    if not witness.readable:
        return ("the raw answer cannot be read here, so what LiteLLM made of it is not checked",)
    if not witness.stops:
        return ("the vendor does not say why its answer ended",)
    return ()
