"""Order the endpoints of a route for one conversation, and keep the reason for each that is not asked.

Pure: values in, values out; the same conversation always gives the same order. It decides nothing about policy: a
denial is never a reason to skip an endpoint, but ends the call.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, replace
from typing import Literal, TypeAlias

from offramp.errors import ConfigurationError, OfframpError, ProviderError
from offramp.resilience import Disposition
from offramp.types import Identity, value

SkipReason: TypeAlias = Literal["prohibited", "breaker_open", "unfit", "failed", "same_developer", "final"]
"""Why an endpoint is not asked: an order; its breaker; it cannot do what is needed; it was asked and failed; its
developer's quota is used up at another endpoint; another endpoint's answer or error is final."""


@value
class Skipped:
    """An endpoint that is not asked."""

    endpoint: str
    reason: SkipReason
    why: str
    """One sentence for a person: which order, which requirement, which error."""


@value
class RouteDecision:
    """Whom to ask, in order, and who is left out."""

    _: KW_ONLY
    order: tuple[Identity, ...]
    """The first is asked first. Empty: nobody is left."""
    skipped: tuple[Skipped, ...] = ()
    chosen_by: Literal["conversation", "weights", "route"]
    """What put the first one first: that the conversation is with it, the weights' draw, or the route's own order."""

    def __str__(self) -> str:
        asked = " then ".join(each.endpoint for each in self.order) or "nobody is left to ask"
        reasons = "".join(f"; not {each.endpoint} ({each.reason}: {each.why})" for each in self.skipped)
        return f"{asked} (by {self.chosen_by}){reasons}"


def choose(
    route: Sequence[Identity],
    *,
    conversation: str,
    weights: Mapping[str, float] | None = None,
    sticky_to: str | None = None,
    skip: Mapping[str, Skipped] | None = None,
) -> RouteDecision:
    """Order a route.

    Args:
        route: endpoints in order of preference.
        conversation: its id; for a single exchange, the call's.
        weights: shares of new conversations, by endpoint. Who has none is asked only after those that have one.
        sticky_to: the endpoint that the conversation is with already; it stays first as long as it may be asked.
        skip: endpoints that may not be asked now, and why.

    Raises:
        ConfigurationError: a weight is not a number of at least zero.
    """
    left_out = skip or {}
    usable = [each for each in route if each.endpoint not in left_out]
    ordered = _by_weight(usable, conversation, weights) if weights else usable
    chosen_by: Literal["conversation", "weights", "route"] = "weights" if weights else "route"
    if any(each.endpoint == sticky_to for each in ordered):
        ordered = sorted(ordered, key=lambda each: each.endpoint != sticky_to)
        chosen_by = "conversation"
    skipped = tuple(left_out[each.endpoint] for each in route if each.endpoint in left_out)
    return RouteDecision(order=tuple(ordered), skipped=skipped, chosen_by=chosen_by)


def _by_weight(route: Sequence[Identity], conversation: str, weights: Mapping[str, float]) -> list[Identity]:
    """Weighted rendezvous: each endpoint draws a score of its own, and the highest is first.

    So raising one share moves conversations to that endpoint only, and taking an endpoint out moves only its own.
    """
    for name, weight in weights.items():
        if not 0 <= weight < math.inf:
            raise ConfigurationError(f"weights.{name} is {weight:g}", mend="give a number of at least 0")
    scores = {each.endpoint: _score(conversation, each.endpoint, weights.get(each.endpoint, 0.0)) for each in route}
    return sorted(route, key=lambda each: -scores[each.endpoint])


def _score(conversation: str, endpoint: str, weight: float) -> float:
    """Positive where there is a weight; else zero, which leaves the route's own order."""
    if weight <= 0:
        return 0.0
    # Each length first, so that no two pairs of names give the same text.
    text = f"{len(conversation)}:{conversation}:{endpoint}".encode("utf-8", "surrogatepass")
    drawn = int.from_bytes(hashlib.sha256(text).digest()[:8], "big")
    return -weight / math.log((drawn + 0.5) / 2**64)


def leave_out(decision: RouteDecision, reason: SkipReason, why: str) -> RouteDecision:
    """The route without its first endpoint, and why."""
    first, *others = decision.order
    return replace(decision, order=tuple(others), skipped=(*decision.skipped, Skipped(first.endpoint, reason, why)))


def fall_back(decision: RouteDecision, *, error: OfframpError, disposition: Disposition) -> RouteDecision:
    """What is left of a route after its first endpoint has failed: empty where nothing else may be asked.

    Args:
        decision: its first endpoint is the one that failed.
        error: how.
        disposition: of that error.
    """
    failed = decision.order[0]
    rest = leave_out(decision, "failed", _of(error))
    order: list[Identity] = []
    skipped = list(rest.skipped)
    for each in rest.order:
        if not disposition.falls_back:
            skipped.append(Skipped(each.endpoint, "final", disposition.why))
        elif disposition.excludes == "developer" and each.developer.casefold() == failed.developer.casefold():
            why = f"{failed.endpoint} is by {each.developer} too: {disposition.why}"
            skipped.append(Skipped(each.endpoint, "same_developer", why))
        else:
            order.append(each)
    return replace(rest, order=tuple(order), skipped=tuple(skipped))


def _of(error: OfframpError) -> str:
    """The kind of the error, never its text: a vendor's words may quote the prompt."""
    return str(error.kind) if isinstance(error, ProviderError) else type(error).__name__
