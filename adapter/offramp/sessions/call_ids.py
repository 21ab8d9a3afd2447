"""Ids of tool calls that another vendor would refuse, mapped the same way every time."""

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from offramp.contracts.dialect import Target
from offramp.errors import ConfigurationError

_PATTERN: Final = "tool_call_id_pattern"
_MAX: Final = "tool_call_id_max"


class CallIds:
    """The ids of one history on its way to one target."""

    def __init__(self, target: Target, reserved: set[str]) -> None:
        """Take the target's rules, and the ids that stay because the target gave them itself."""
        pattern, longest = target.options.get(_PATTERN), target.options.get(_MAX)
        self._pattern = re.compile(pattern) if isinstance(pattern, str) else None
        self._longest = longest if isinstance(longest, int) else None
        self._endpoint = target.origin.host
        self._used = set(reserved)

    def for_foreign(self, call_id: str, *, message: int, part: int) -> str:
        """The id to send for a call of another issuer: its own, unless the target refuses it or another call has it.

        Raises:
            ConfigurationError: no id that we can make fits the target's pattern.
        """
        if self._fits(call_id) and call_id not in self._used:
            self._used.add(call_id)
            return call_id
        seed = f"{message}.{part}.{call_id}".encode("utf-8", "surrogatepass")
        for candidate in _candidates(hashlib.sha256(seed).hexdigest()):
            if self._fits(candidate) and candidate not in self._used:
                self._used.add(candidate)
                return candidate
        raise ConfigurationError(
            f"no id fits its {_PATTERN} and {_MAX}", where=self._endpoint, mend="correct them in the vendor's profile"
        )

    def _fits(self, call_id: str) -> bool:
        if self._longest is not None and len(call_id) > self._longest:
            return False
        return self._pattern is None or self._pattern.fullmatch(call_id) is not None


def _candidates(digest: str) -> Iterator[str]:
    """A readable one first, then every length from the longest to the shortest."""
    yield f"call_{digest[:24]}"
    for length in range(len(digest), 0, -1):
        yield digest[:length]
        yield digest[-length:]
