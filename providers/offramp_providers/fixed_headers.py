"""Headers that nobody can change: an endpoint sends the same ones with nearly every request."""

from collections.abc import Mapping
from typing import NoReturn


class FixedHeaders(dict[str, str]):
    """Headers, and what is found out of them once."""

    __slots__ = ("fields", "has_credential")

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__(headers)
        self.fields: str | None = None
        """Their lines in the head of a request; None: not written yet."""
        self.has_credential: bool | None = None
        """Whether one of them holds a secret; None: not looked for yet."""

    def __reduce__(self) -> tuple[type[dict[str, str]], tuple[dict[str, str]]]:
        """A copy is a plain dictionary, and may be changed."""
        return dict, (dict(self),)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("these headers are shared by many requests, and are not changed")

    __setitem__ = __delitem__ = __ior__ = _refuse  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]  # whatever would change them
    pop = popitem = clear = update = setdefault = _refuse  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]  # as above
