"""One request made fit for one endpoint, or refused, before anything is encoded."""

from dataclasses import KW_ONLY

from offramp.contracts.capability import Emulation
from offramp.contracts.endpoint import Endpoint
from offramp.negotiation.decide import Negotiation, refuse, refuse_unless_fit
from offramp.negotiation.emulation import emulate
from offramp.negotiation.limits import beyond
from offramp.negotiation.losses import without_rejected
from offramp.types import GenerateRequest, Loss, value


@value
class Fitted:
    """A request that the endpoint can be asked."""

    request: GenerateRequest
    _: KW_ONLY
    losses: tuple[Loss, ...]
    emulated_by: Emulation | None = None
    """How the form of its answer is emulated: `restored` takes it back."""
    negotiation: Negotiation


def fit(
    request: GenerateRequest, endpoint: Endpoint, negotiation: Negotiation, *, earlier: tuple[Loss, ...] = ()
) -> Fitted:
    """Take out what the endpoint rejects, and ask in another way for what it lacks; every change is a loss.

    Args:
        request: what is asked.
        endpoint: whom.
        negotiation: of this request with this endpoint.
        earlier: what was lost before.

    Raises:
        CapabilityError: the endpoint cannot answer as asked. Nothing has been sent.
    """
    if not negotiation.findings and request.max_output_tokens is None:  # text alone: most calls of a plain mission
        return Fitted(request, losses=earlier, negotiation=negotiation)
    refuse_unless_fit(negotiation)
    if negotiation.limited:
        found = [beyond(request, each, claim) for each, claim in negotiation.limited]
        refuse([each for each in found if each is not None], negotiation)
    request, rejected = without_rejected(request, negotiation)
    emulated = emulate(request, negotiation, endpoint)
    if emulated is None:
        return Fitted(request, losses=(*earlier, *rejected), negotiation=negotiation)
    return Fitted(
        emulated.request,
        losses=(*earlier, *rejected, *emulated.losses),
        emulated_by=emulated.by,
        negotiation=negotiation,
    )
