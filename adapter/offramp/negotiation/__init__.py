"""What a mission and a call need against what an endpoint claims, before anything is sent."""

from offramp.negotiation.decide import HARD, Negotiation, negotiate, refuse_unless_fit
from offramp.negotiation.losses import limit_losses, severity_of, without_rejected
from offramp.negotiation.requirements import requirements_of

__all__ = [
    "HARD",
    "Negotiation",
    "limit_losses",
    "negotiate",
    "refuse_unless_fit",
    "requirements_of",
    "severity_of",
    "without_rejected",
]
