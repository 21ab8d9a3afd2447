"""Lies about settings: taken without a word, and not heeded."""

from dataclasses import replace
from typing import Any, Final

from offramp.types import GenerateRequest, JsonObject, changed
from offramp_conformance.liars.lies.lie import lie
from offramp_conformance.liars.twists import Twist
from offramp_providers.emulator.answers import Answer, Saying
from offramp_providers.emulator.config import Dialect
from offramp_providers.emulator.json_values import objects_of
from offramp_providers.emulator.wire import Writing

_STOPS: Final[tuple[Dialect, ...]] = (
    *("anthropic_messages", "openai_chat", "bedrock_converse", "gemini", "ollama_native", "cohere_v2", "mistral"),
)
_SEEDS: Final[tuple[Dialect, ...]] = ("openai_chat", "gemini", "ollama_native", "cohere_v2", "mistral")
_SEVERAL: Final[tuple[Dialect, ...]] = ("openai_chat", "gemini", "mistral")
_WARM: Final[tuple[Dialect, ...]] = (
    *("openai_chat", "anthropic_messages", "bedrock_converse", "gemini", "ollama_native", "cohere_v2", "mistral"),
)


def _without(*names: str) -> Twist:
    """As if these settings had not been given."""
    nothing: dict[str, Any] = dict.fromkeys(names)
    return Twist(hears=lambda request: changed(request, **nothing))


STOP_IGNORED = lie(
    "stop_ignored",
    "Stop sequences are taken and not heeded.",
    _without("stop"),
    "parameters.stop.enforced",
    dialects=_STOPS,
)

LATER_STOPS_IGNORED = lie(
    "later_stops_ignored",
    "Only the first stop sequence is heeded.",
    Twist(hears=lambda request: changed(request, stop=request.stop and request.stop[:1])),
    "parameters.stop.several",
    dialects=_STOPS,
)


def _with_stop(answer: Answer, _: GenerateRequest) -> Answer:
    if answer.ending != "stop" or not answer.parts:
        return answer
    last = answer.parts[-1]
    grown = Saying(f"{last.text}{answer.stop}") if isinstance(last, Saying) else last
    return changed(answer, parts=(*answer.parts[:-1], grown))


STOP_KEPT = lie(
    "stop_kept",
    "The stop sequence itself stands in the answer.",
    Twist(says=_with_stop),
    "parameters.stop.left_out",
    dialects=_STOPS,
)

STOP_CALLED_BOUND = lie(
    "stop_called_bound",
    "An answer that met a stop sequence is said to be cut at its bound.",
    Twist(says=lambda answer, _: changed(answer, ending="max") if answer.ending == "stop" else answer),
    "parameters.stop.told",
    dialects=_STOPS,
)

BOUND_IGNORED = lie(
    "bound_ignored",
    "The bound of output is taken and not heeded.",
    _without("max_output_tokens"),
    "parameters.max_output.enforced",
)

BOUND_DOUBLED = lie(
    "bound_doubled",
    "Twice as much is written as the bound allows.",
    Twist(
        hears=lambda asked: changed(asked, max_output_tokens=asked.max_output_tokens and asked.max_output_tokens * 2)
    ),
    "parameters.max_output.counted",
)

BOUND_EMPTIES = lie(
    "bound_empties",
    "An answer that would be cut at its bound comes without any text.",
    Twist(says=lambda answer, _: changed(answer, parts=()) if answer.ending == "max" else answer),
    "parameters.max_output.prefix",
)

CUT_CALLED_WHOLE = lie(
    "cut_called_whole",
    "An answer that was cut at its bound is said to be complete.",
    Twist(says=lambda answer, _: changed(answer, ending="end") if answer.ending == "max" else answer),
    "parameters.max_output.told",
    "streaming.bounded",
)

TEMPERATURE_IGNORED = lie(
    "temperature_ignored",
    "The temperature is taken and not heeded.",
    Twist(hears=lambda request: changed(request, temperature=1.0)),
    "parameters.temperature.enforced",
    dialects=_WARM,
)

ALWAYS_COLD = lie(
    "always_cold",
    "Every answer is given at temperature 0.",
    Twist(hears=lambda request: changed(request, temperature=0.0)),
    "parameters.temperature.enforced",
    dialects=_WARM,
    is_steady=True,
)

SEED_IGNORED = lie(
    "seed_ignored",
    "The seed is taken and not heeded.",
    _without("seed"),
    "parameters.seed.enforced",
    dialects=_SEEDS,
)

SEED_FIXED = lie(
    "seed_fixed",
    "Whatever the seed, the answer is the same.",
    Twist(hears=lambda request: changed(request, seed=None, temperature=0.0) if request.seed is not None else request),
    "parameters.seed.varies",
    dialects=_SEEDS,
    is_steady=True,
)

TOP_K_IGNORED = lie(
    "top_k_ignored",
    "Top-k is taken and not heeded.",
    _without("top_k"),
    "parameters.top_k.enforced",
    dialects=("anthropic_messages", "gemini", "ollama_native", "cohere_v2"),
)

PENALTIES_IGNORED = lie(
    "penalties_ignored",
    "Penalties are taken and not heeded.",
    _without("frequency_penalty", "presence_penalty"),
    "parameters.penalties.enforced",
    dialects=_SEEDS,
)

ONE_CANDIDATE = lie(
    "one_candidate",
    "One answer comes, however many were asked for.",
    Twist(writes=lambda writing: replace(writing, answers=writing.answers[:1])),
    "parameters.candidates.counted",
    dialects=_SEVERAL,
)


def _copied(writing: Writing) -> Writing:
    return replace(writing, answers=writing.answers[:1] * len(writing.answers))


COPIED_CANDIDATES = lie(
    "copied_candidates",
    "Several answers are copies of one.",
    Twist(writes=_copied),
    "parameters.candidates.differ",
    dialects=_SEVERAL,
)


def _choices(edit: JsonObject) -> Twist:
    """Changes each choice of a whole answer."""
    return Twist(puts=lambda body: {**body, "choices": [{**each, **edit} for each in objects_of(body.get("choices"))]})


LOGPROBS_IGNORED = lie(
    "logprobs_ignored",
    "Log probabilities are asked for and do not come.",
    _choices({"logprobs": None}),
    "parameters.logprobs.given",
    dialects=("openai_chat",),
)


def _as_probability(found: JsonObject) -> JsonObject:
    return {**found, "logprob": 0.78}


def _probabilities(body: JsonObject) -> JsonObject:
    choices = objects_of(body.get("choices"))
    for each in choices:
        if each.get("logprobs"):
            each["logprobs"] = {"content": [_as_probability(one) for one in each["logprobs"]["content"]]}
    return body


LOGPROBS_ARE_PROBABILITIES = lie(
    "logprobs_are_probabilities",
    "In the place of log probabilities stand probabilities.",
    Twist(puts=_probabilities),
    "parameters.logprobs.possible",
    dialects=("openai_chat",),
)
