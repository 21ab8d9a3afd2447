"""The third verdict: whether the answers are as good as the old endpoint's. No check gives it; a golden set does."""

from offramp.types import JsonObject
from offramp_providers.emulator.json_values import object_of


def parity_word(parity: JsonObject | None) -> str:
    """The verdict in one word."""
    return "not asked for" if parity is None else str(_verdict(parity).get("kind"))


def is_as_good(parity: JsonObject | None) -> bool:
    """Whether the new one was shown to be no worse; where equivalence was asked for, to be equivalent."""
    if parity is None:
        return False
    verdict = _verdict(parity)
    return verdict.get("kind") == "non_inferior" and verdict.get("equivalent") is not False


def _verdict(parity: JsonObject) -> JsonObject:
    return object_of(parity.get("verdict"))
