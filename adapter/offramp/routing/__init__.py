"""Floor 3: which endpoint of a mission's route is asked, in which order, and why."""

from offramp.routing.choose import RouteDecision, Skipped, SkipReason, choose, fall_back, leave_out

__all__ = ["RouteDecision", "SkipReason", "Skipped", "choose", "fall_back", "leave_out"]
