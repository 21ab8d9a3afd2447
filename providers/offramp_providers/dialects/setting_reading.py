"""Settings of a request as they are read: what is left of the request, and what was found in it so far.

`setting_writing.py` beside this file is the way back.
"""

from typing import Any

from offramp.types import JsonObject
from offramp_providers.dialects.shapes import is_object


class SettingsReading:
    """The settings of one request while they are read. A dialect adds a method for each that is not plain."""

    __slots__ = ("form", "given", "left")

    def __init__(self, left: JsonObject, form: list[str]) -> None:
        self.left = left
        """What is left of the request; what fits nothing stays there."""
        self.form = form
        self.given: dict[str, Any] = {}
        """Settings found so far, by the names of `GenerateRequest`."""

    def keep(self, name: str, found: object) -> None:
        """Keep what was found, if anything was."""
        if found is not None and found != ():
            self.given[name] = found

    def take_plain(self, key: str, name: str, types: tuple[type, ...]) -> None:
        """Take a value as it is, if its type fits."""
        if type(self.left[key]) in types:
            self.given[name] = self.left.pop(key)

    def take_metadata(self) -> None:
        """Labels of the application's."""
        found: Any = self.left["metadata"]
        if is_object(found) and all(type(each) is str for each in found.values()):
            self.given["metadata"] = self.left.pop("metadata")
