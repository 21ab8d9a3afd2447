"""The mission's tools: real functions that count their own starts before they do anything else."""

import time
from collections.abc import Callable

from offramp_conformance.drill.journal import Journal
from offramp_conformance.drill.script import Conversation, Turn

_WORK_S = 0.05


def tools_of(conversation: Conversation, turn: Turn, starts: Journal) -> list[Callable[..., str]]:
    """Two tools that know for which turn they were offered."""

    def begun(tool: str) -> None:
        starts.write({"conversation": conversation.id, "turn": turn.number, "tool": tool})
        time.sleep(_WORK_S)  # in a thread of its own, as a tool that does something

    def units_near(place: str) -> str:
        """Units that stand near a place."""
        begun("units_near")
        return f"Seven and nine stand within {len(place)} miles ({turn.token})"

    def road_state(road: str) -> str:
        """Whether a road can be passed."""
        begun("road_state")
        return f"Open for {len(road)} tons, wet at the bridge ({turn.token})"

    return [units_near, road_state]
