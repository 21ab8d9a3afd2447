"""What is remembered of the routes of missions, in one JSON file beside the state."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from offramp.contracts.policy_memory import Seen
from offramp.state.kept_file import KeptFile
from offramp.types import value


@value
class _Content:
    """The whole of the file."""

    schema: Literal["offramp-route-memory/1"]
    missions: dict[str, tuple[Seen, ...]]


@cache
def _shape() -> TypeAdapter[_Content]:
    return TypeAdapter(_Content)


class FileRouteMemory:
    """`state.db.routes.json`: who was ever on a route, with what their terms forbade when they were last there."""

    def __init__(self, path: Path) -> None:
        self._file = KeptFile(
            path, what="the memory of routes", shape=_shape, blank=lambda: _Content("offramp-route-memory/1", {})
        )

    @classmethod
    def beside(cls, state_url: str, base: Path) -> "FileRouteMemory":
        """The memory that belongs to a state: beside its file, or beside the configuration where it lies elsewhere."""
        scheme, _, name = state_url.partition(":")
        return cls(base / f"{name if scheme in ('sqlite', 'file') else 'offramp'}.routes.json")

    def seen(self) -> Mapping[str, Sequence[Seen]]:
        """By mission.

        Raises:
            StateError: the memory is damaged, has vanished, or cannot be read.
        """
        return self._file.read().missions

    def remember(self, now: Mapping[str, Sequence[Seen]]) -> None:
        """Keep what is on the routes now; what was on them before stays. Raises StateError."""
        held = self._file.read().missions
        if all(_is_known(seen, held.get(mission, ())) for mission, seen in now.items()):
            return
        with self._file.locked():
            content = self._file.read()
            for mission, seen in now.items():
                places = [one.place for one in seen]
                others = (one for one in content.missions.get(mission, ()) if one.place not in places)
                content.missions[mission] = (*others, *seen)
            self._file.write(content)


def _is_known(seen: Sequence[Seen], held: Sequence[Seen]) -> bool:
    return all(one in held for one in seen)
