"""The names that a vendor takes for a tool."""

import re

from offramp.errors import CapabilityError
from offramp.types import FunctionTool


def check_tool_name(tool: FunctionTool, *, longest: int) -> None:
    """Refuse a name that the vendor refuses: another one would not be the application's tool any more.

    Args:
        tool: whose name.
        longest: the most characters that the vendor takes.

    Raises:
        CapabilityError: the name has other characters than letters, digits, underscores and hyphens, or too many.
    """
    if len(tool.name) > longest or not re.fullmatch(r"[a-zA-Z0-9_-]+", tool.name):
        raise CapabilityError(
            f"the tool name {tool.name!r} is not accepted",
            requirements=["tools"],
            mend=f"name it with 1 to {longest} letters, digits, underscores and hyphens",
        )
