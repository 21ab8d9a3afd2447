"""A twist: one way in which a vendor departs from the plain apt one, legal or not, and a vendor that has some."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, fields, replace
from random import Random
from typing import Any, Self, TypeVar

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.types import GenerateRequest, JsonObject, value
from offramp_conformance.liars.apt import AptVendor, Means
from offramp_conformance.liars.asides import Question, Told
from offramp_conformance.liars.places import Place
from offramp_providers.emulator.answers import Answer
from offramp_providers.emulator.config import Behaviour, EmulatorConfig
from offramp_providers.emulator.directives import Directive
from offramp_providers.emulator.reading import Reading
from offramp_providers.emulator.rules import Rejection
from offramp_providers.emulator.sender import Break
from offramp_providers.emulator.vendor import Verdict
from offramp_providers.emulator.wire import Reply, WireEvent, Writing

_T = TypeVar("_T")


def in_the_words_of(kind: type[Writing], writing: Writing) -> Writing:
    """The same writing, with ids as this kind of writing makes them."""
    return kind(**{each.name: getattr(writing, each.name) for each in fields(writing)})


@value
class Twist:
    """What is changed on the way through a vendor, at each place where something passes. None: nothing."""

    _: KW_ONLY
    hears: Callable[[GenerateRequest], GenerateRequest] | None = None
    """What it understood, before it answers."""
    says: Callable[[Answer, GenerateRequest], Answer] | None = None
    """What it answers to the true request."""
    writes: Callable[[Writing], Writing] | None = None
    """What goes with an answer: its counts, its ids, the model's name."""
    puts: Callable[[JsonObject], JsonObject] | None = None
    """The body of a whole answer."""
    sends: Callable[[list[WireEvent]], list[WireEvent]] | None = None
    """The events of a stream."""
    tells: Callable[[Told], Told] | None = None
    """The answer to a question besides."""
    judges: Callable[[Rejection | None], Rejection | None] | None = None
    """Whether it refuses a request, and how."""
    leaves: Callable[[Reply], Reply] | None = None
    """Status, headers and the bytes of a whole answer."""
    breaks: Break | None = None
    """How an answer ends before its end."""


class TwistedVendor(AptVendor):
    """An apt vendor with twists: in every call, or in some."""

    def __init__(
        self,
        config: EmulatorConfig,
        place: Place,
        twists: Sequence[Twist],
        *,
        means: Means | None = None,
        one_in: int = 1,
    ) -> None:
        """Answer nothing yet.

        Args:
            config: of the emulator; its seed chooses the calls.
            place: which dialect is spoken.
            twists: in the order in which they are applied.
            means: what it has at its disposal.
            one_in: the twists hold in one of so many calls; 1: in all.
        """
        super().__init__(config, place, means)
        self.twists = tuple(twists)
        self._chances = Random(f"{config.seed} twists")  # noqa: S311  # no secret
        self._one_in = one_in

    @override
    def at_call(self) -> Self:
        """The vendor as one call meets it: with its twists, or without."""
        if self._one_in == 1:
            return self
        met = copy.copy(self)
        if self._chances.randrange(self._one_in):
            met.twists = ()
        return met

    @override
    def check(self, body: Any, headers: Mapping[str, str]) -> Rejection | None:
        return self._through(super().check(body, headers), "judges")

    @override
    def decide(self, body: JsonObject, behaviour: Behaviour) -> Verdict:
        verdict = super().decide(body, behaviour)
        breaks = next((each.breaks for each in self.twists if each.breaks is not None), verdict.breaks)
        return replace(verdict, breaks=breaks)

    @override
    def understood(self, body: JsonObject) -> GenerateRequest:
        return self._through(super().understood(body), "hears")

    @override
    def writing(self, body: JsonObject, reading: Reading, script: Mapping[str, Directive]) -> Writing:
        made = super().writing(body, reading, script)
        asked = super().understood(body)
        for twist in self.twists:
            if twist.says is not None:
                made = replace(made, answers=tuple(twist.says(each, asked) for each in made.answers))
        return self._through(made, "writes")

    @override
    def response(self, writing: Writing) -> JsonObject:
        return self._through(super().response(writing), "puts")

    @override
    def events(self, writing: Writing) -> list[WireEvent]:
        return self._through(super().events(writing), "sends")

    @override
    def told(self, asked: Question) -> Told:
        return self._through(super().told(asked), "tells")

    @override
    def leaving(self, reply: Reply) -> Reply:
        return self._through(super().leaving(reply), "leaves")

    def _through(self, passing: _T, place: str) -> _T:
        for twist in self.twists:
            change: Callable[[_T], _T] | None = getattr(twist, place)
            if change is not None:
                passing = change(passing)
        return passing
