"""What the model says ahead of its calls: `tool_plan`, a text of its own beside the content."""

from typing import Final

from offramp.types import Wire
from offramp_providers.dialects.cohere_v2.options import NAME

AT_PLAN: Final = "at=tool_plan"
"""Marks a text that stood there."""

PLANNED: Final = Wire(dialect=NAME, form=(AT_PLAN,))
"""How such a text is spelled."""
