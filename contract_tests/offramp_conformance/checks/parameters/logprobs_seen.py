"""Log probabilities wherever an answer's raw JSON has them. The canonical response has no place for them."""

from collections.abc import Iterator
from typing import Any, Final

from offramp.types import AnyResponse, JsonObject, value
from offramp_conformance.checks.json_walk import objects_in
from offramp_providers.emulator.json_values import is_list, is_number, objects_of

_ALTERNATIVES: Final = frozenset({"toplogprobs", "topcandidates"})
_CHOSEN: Final = frozenset({"logprob", "logprobability"})


@value
class SeenLogprobs:
    """Those of one answer."""

    chosen: tuple[float, ...]
    """Of the tokens that were taken."""
    alternatives: tuple[int, ...]
    """How many are listed at each place that lists any."""


def logprobs_of(answer: AnyResponse) -> SeenLogprobs:
    """All that stand in the answer as it came."""
    raw: JsonObject = answer.raw or {}
    listed = [each for found in objects_in(raw) for each in _alternatives(found) if each]
    chosen = [each for found in objects_in(raw, _is_no_alternative) for each in _numbers(found)]
    return SeenLogprobs(tuple(chosen), tuple(map(len, listed)))


def _plain(key: str) -> str:
    return key.replace("_", "").lower()


def _is_no_alternative(key: str) -> bool:
    return _plain(key) not in _ALTERNATIVES


def _numbers(found: JsonObject) -> Iterator[float]:
    """Those that an object itself holds: one a token, or a list of them."""
    for key, content in found.items():
        if _plain(key) in _CHOSEN and is_number(content):
            yield float(content)
        elif _plain(key) == "logprobs" and is_list(content) and all(map(is_number, content)):
            yield from map(float, content)


def _alternatives(found: JsonObject) -> Iterator[list[Any]]:
    """One list a place: some list them at each token, some all places in one list."""
    for key, content in found.items():
        if _plain(key) == "toplogprobs" and is_list(content):
            yield content
        elif _plain(key) == "topcandidates":
            yield from (each["candidates"] for each in objects_of(content) if is_list(each.get("candidates")))
