"""Whether an encoded request fits: its tokens against the model's context, and its cost against the mission's ceiling.

Only a vendor can count its own tokens. Without its count there are two estimates; each message names what it used:

==============  ==================================================  ====================================================
estimate        tokens                                              used for
==============  ==================================================  ====================================================
under-estimate  a token for every 8 bytes of text                   a request that cannot fit is refused, whoever asks
over-estimate   a token for every 2 bytes of the body, and 2,000    `needs.fits_context` and `needs.max_cost_usd`
==============  ==================================================  ====================================================

What is no text has no size in bytes that says anything of its tokens: with media or tools of a vendor's own there is no
over-estimate. A mission may have the endpoint asked for its own count where an estimate alone stands against a request.
"""

from collections.abc import Iterator
from typing import Final

from offramp.contracts.capability import Finding
from offramp.contracts.needs import Demand, Needs
from offramp.contracts.offer import price_of
from offramp.errors import CapabilityError
from offramp.negotiation.claims import cited
from offramp.negotiation.decide import Negotiation
from offramp.negotiation.figures import cost_usd
from offramp.types import GenerateRequest, Media, Text, ToolCall, ToolResult, VendorTool, value

_FEWEST_BYTES: Final = 2
_PREAMBLE: Final = 2_000
"""What a vendor adds by itself, such as words about tools. Of 700 recorded requests to ten vendors, without media and
vendor tools, none took more tokens than the over-estimate (2026-11-26)."""
_MOST_BYTES: Final = 8


def over_estimate(request: GenerateRequest, body_bytes: int) -> int | None:
    """More tokens than the request takes. None: it holds what bytes say nothing of."""
    if any(isinstance(tool, VendorTool) for tool in request.tools) or _has_media(request):
        return None
    return -(-body_bytes // _FEWEST_BYTES) + _PREAMBLE


class SizeUncertain(CapabilityError):
    """Refused on an estimate alone: by the endpoint's own count it could pass."""


@value
class _Most:
    """The most tokens that a request may take, and how that is known."""

    tokens: int | None
    how: str


def refuse_unless_it_fits(
    request: GenerateRequest,
    body_bytes: int,
    negotiation: Negotiation,
    demand: Demand,
    *,
    counted: int | None = None,
) -> None:
    """Refuse a call that cannot fit, or that the mission's needs do not let pass uncertain. Nothing has been sent.

    Args:
        request: what is asked.
        body_bytes: of it as encoded for the endpoint.
        negotiation: of this request with this endpoint.
        demand: the mission's.
        counted: its tokens, as the endpoint itself has counted them.

    Raises:
        SizeUncertain: only an estimate says no, and the mission lets the endpoint count.
        CapabilityError: with the numbers.
    """
    needs, context = demand.needs, negotiation.sizes.context_tokens
    if not (needs.fits_context or needs.max_cost_usd is not None) and (
        context is None or body_bytes <= context[0] * _MOST_BYTES
    ):
        return  # most calls: small, and of a mission that demands no certainty
    most = _Most(over_estimate(request, body_bytes), _OVER) if counted is None else _Most(counted, _COUNTED)
    unmet = list(_unmet(request, body_bytes, negotiation, needs, most))
    if unmet:
        least = _Most(_text_bytes(request) // _MOST_BYTES, "")
        may_count = demand.counted_by == "endpoint" and counted is None
        could_pass = may_count and not any(_unmet(request, body_bytes, negotiation, needs, least))
        raise (SizeUncertain if could_pass else CapabilityError)(
            f"{negotiation.who} cannot take this request: "
            + "; ".join(f"{one.requirement}: {one.why}" for one in unmet),
            requirements=[each.requirement for each in unmet],
            where=negotiation.endpoint,
            mend="shorten it, lower max_output_tokens, or choose an endpoint with more room or a lower price",
        )


def _unmet(
    request: GenerateRequest, body_bytes: int, negotiation: Negotiation, needs: Needs, most: _Most
) -> Iterator[Finding]:
    context = negotiation.sizes.context_tokens
    if context is not None and body_bytes > context[0] * _MOST_BYTES:
        least = _text_bytes(request) // _MOST_BYTES
        if least > context[0]:
            why = f"at least {least} tokens (under-estimate, 1 for 8 bytes of text), and a context of {context[0]}"
            yield Finding(requirement="context_tokens", fit="unsatisfiable", why=cited(why, context[1]))
    if needs.fits_context:
        yield from _not_certain(request, most, negotiation)
    if needs.max_cost_usd is not None:
        yield from _too_dear(request, most, negotiation, needs)


def _not_certain(request: GenerateRequest, most: _Most, negotiation: Negotiation) -> Iterator[Finding]:
    context, tokens = negotiation.sizes.context_tokens, most.tokens
    if context is None or tokens is None:
        why = "the model's context is not known" if context is None else "media and vendor tools cannot be estimated"
        yield Finding(requirement="fits_context", fit="unknown", why=why)
    elif tokens + (request.max_output_tokens or 0) > context[0]:
        bound = request.max_output_tokens or "unbounded"
        why = f"up to {tokens} tokens in ({most.how}) and {bound} out, and a context of"
        yield Finding(requirement="fits_context", fit="unsatisfiable", why=cited(f"{why} {context[0]}", context[1]))


def _too_dear(request: GenerateRequest, most: _Most, negotiation: Negotiation, needs: Needs) -> Iterator[Finding]:
    """A price, a bound or a size that is not known does not meet a ceiling."""
    tokens = most.tokens
    price = None if tokens is None else price_of(negotiation.sizes.prices, tokens)
    bound = request.max_output_tokens or (negotiation.sizes.max_output_tokens or (None,))[0]
    if price is None or tokens is None or bound is None or needs.max_cost_usd is None:
        why = "the price, the size of the request or the bound of its answer is not known"
        yield Finding(requirement="max_cost_usd", fit="unknown", why=why)
        return
    cost = cost_usd(price[0], tokens, bound)
    if cost is None:
        yield Finding(
            requirement="max_cost_usd", fit="unknown", why=cited("a part of the price is not known", price[1])
        )
    elif cost > needs.max_cost_usd:
        size = f"up to {tokens} tokens in ({most.how}) and {bound} out"
        why = f"{size} cost {cost} USD, the ceiling is {needs.max_cost_usd}"
        yield Finding(requirement="max_cost_usd", fit="unsatisfiable", why=cited(why, price[1]))


_OVER: Final = "over-estimate, 1 for 2 bytes and 2,000"
_COUNTED: Final = "counted by the endpoint"


def _has_media(request: GenerateRequest) -> bool:
    return any(isinstance(part, Media) for message in request.messages for part in _parts(message.parts))


def _parts(parts: tuple[object, ...]) -> Iterator[object]:
    for part in parts:
        yield part
        if isinstance(part, ToolResult):
            yield from part.parts


def _text_bytes(request: GenerateRequest) -> int:
    """Of what is certainly sent as text."""
    return sum(len(_text(part).encode()) for message in request.messages for part in _parts(message.parts))


def _text(part: object) -> str:
    match part:
        case Text():
            return part.text
        case ToolCall():
            return part.arguments_json or ""
        case _:
            return ""
