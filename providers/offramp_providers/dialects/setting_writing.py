"""Settings of a request as they are written: each field of ours has an entry in a table, or is lost by name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, ClassVar, Final, Generic, TypeVar

from offramp.types import GenerateRequest, JsonObject
from offramp_providers.dialects.encoding import Encoding

EncodingT = TypeVar("EncodingT", bound=Encoding)


class SettingsWriting(Generic[EncodingT]):
    """The settings of one request while they are written. A dialect adds a method for each kind of setting."""

    __slots__ = ("body", "encoding", "form", "native", "request")

    names: ClassVar[Mapping[str, str]] = {}
    """The wire's names of plain settings, where they are not ours."""
    ranges: ClassVar[Mapping[str, tuple[float, float]]] = {}
    """The lowest and the highest value of each bounded setting."""

    def __init__(self, encoding: EncodingT, request: GenerateRequest, body: JsonObject, form: tuple[str, ...]) -> None:
        self.encoding = encoding
        self.request = request
        self.body = body
        self.form = form
        """How the request was spelled, where it is of this dialect."""
        self.native = encoding.native

    def lose(self, code: str, name: str) -> None:
        """Name a field of the request as lost."""
        self.encoding.log.lose(code, self.request, name)

    def cache(self, name: str, _: object) -> None:
        """No marks in this dialect of what is to be cached."""
        self.lose("cache", name)

    def plain(self, name: str, given: object) -> None:
        """As it is, under the wire's name."""
        self.body[self.names.get(name, name)] = given

    def bounded(self, name: str, given: float) -> None:
        """Within the documented range; a temperature within the host's, where that is an option."""
        lowest, highest = self.ranges[name]
        if name == "temperature" and "temperature_limit" in self.encoding.defaults:
            highest = self.encoding.option("temperature_limit")
        said = given if self.native else min(max(given, lowest), highest)
        if said != given:
            self.lose("setting.clamped", name)
        self.body[self.names.get(name, name)] = said

    def unsupported(self, name: str, given: object) -> None:  # noqa: ARG002  # a table's row: name and value
        """No such setting in this dialect."""
        self.lose("setting.unsupported", name)

    def leave_out(self, rejected: Iterable[str], ours: Mapping[str, str]) -> None:
        """Leave out what the host is known to reject.

        Args:
            rejected: fields of the body.
            ours: our names of them, for the path of the loss; else their own.
        """
        for key in rejected:
            if key in self.body:
                del self.body[key]
                self.lose("setting.unsupported", ours.get(key, key))


WritingT = TypeVar("WritingT", bound=SettingsWriting[Any])
Writer = Callable[[WritingT, str, Any], None]

_ELSEWHERE: Final = frozenset({"messages", "model", "wire"})
"""No settings: the encoder of the request writes them."""


class SettingsTable(Generic[WritingT]):
    """What writes each field of a request."""

    __slots__ = ("_given", "_none_given", "_rows")

    def __init__(self, writers: Mapping[str, Writer[WritingT]], *, otherwise: Writer[WritingT]) -> None:
        named = {each.name for each in fields(GenerateRequest)} - _ELSEWHERE
        # Default is to lose: a field of the request that has no entry is named.
        unnamed = ((name, otherwise) for name in sorted(named - writers.keys()))
        self._rows: tuple[tuple[str, Writer[WritingT]], ...] = (*writers.items(), *unnamed)
        self._given = attrgetter(*(name for name, _ in self._rows))
        """All of them at once, which is quicker than one by one."""
        self._none_given = self._given(GenerateRequest(()))

    def write(self, writing: WritingT) -> None:
        """Write every setting that was given, or name its loss. Absent is not empty, where the wire can tell."""
        all_given = self._given(writing.request)
        if all_given == self._none_given:  # most requests
            return
        for (name, write), given in zip(self._rows, all_given, strict=True):
            if given is not None and (given != () or name == "stop"):
                write(writing, name, given)
