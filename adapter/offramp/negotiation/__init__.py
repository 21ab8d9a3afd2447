"""What a mission and a call need against what an endpoint claims, before anything is sent."""

from offramp.negotiation.decide import HARD, Negotiation, negotiate, refuse_unless_fit
from offramp.negotiation.fitting import Fitted, fit
from offramp.negotiation.losses import limit_losses, severity_of, without_rejected
from offramp.negotiation.requirements import requirements_of
from offramp.negotiation.restoring import restored, shows
from offramp.negotiation.size import SizeUncertain, refuse_unless_it_fits

__all__ = [
    "HARD",
    "Fitted",
    "Negotiation",
    "SizeUncertain",
    "fit",
    "limit_losses",
    "negotiate",
    "refuse_unless_fit",
    "refuse_unless_it_fits",
    "requirements_of",
    "restored",
    "severity_of",
    "shows",
    "without_rejected",
]
