"""What one try of a check has seen."""

from dataclasses import KW_ONLY
from typing import Literal, TypeAlias

from offramp.contracts.capability import Support
from offramp.errors import OfframpError
from offramp.types import value

Sight: TypeAlias = Literal["held", "broken", "absent", "unclear"]
"""`held`: what the check proves was seen. `broken`: the contrary was. `absent`: the endpoint says that it has no such
thing. `unclear`: it could not be told, and says nothing either way."""


@value
class Observation:
    """What one try has seen, in one sentence that quotes no answer."""

    sight: Sight
    why: str = ""
    _: KW_ONLY
    support: Support | None = None
    """Where it tells how a capability is supported: that. `ignored` and `rejected` are two ways to lack one."""
    excusable: bool = True
    """Whether a model may come to it by itself, now and then. Where it may not, one such try refutes."""


def held(why: str = "") -> Observation:
    """What the check proves was seen."""
    return Observation("held", why)


def broken(why: str) -> Observation:
    """The contrary was seen."""
    return Observation("broken", why)


def inexcusable(why: str) -> Observation:
    """The contrary was seen, in a way that no honest endpoint comes to even once, whatever its model is like."""
    return Observation("broken", why, excusable=False)


def absent(why: str) -> Observation:
    """The endpoint says that it has no such thing."""
    return Observation("absent", why)


def ignored(why: str) -> Observation:
    """The endpoint takes the setting and does nothing with it."""
    return Observation("broken", why, support="ignored")


def rejected(why: str) -> Observation:
    """The endpoint answers the setting with an error."""
    return Observation("absent", why, support="rejected")


def unclear(why: str) -> Observation:
    """It could not be told."""
    return Observation("unclear", why)


def expect(condition: object, otherwise: str) -> None:
    """Go on where it holds; else this try ends as `broken`.

    Raises:
        Seen: it does not hold.
    """
    if not condition:
        raise Seen(broken(otherwise))


class Seen(Exception):
    """Ends a try at once with what was seen."""

    def __init__(self, observation: Observation) -> None:
        self.observation = observation
        super().__init__(observation.why)


class NotAnswered(Exception):
    """A try needed an answer and got an error. What that means is for `sight_of_error` to say."""

    def __init__(self, error: OfframpError) -> None:
        self.error = error
        super().__init__(error.what)


class Unaskable(Exception):
    """The question cannot be put to this endpoint at all; nothing was sent. The check does not apply here."""


class Withheld(Unaskable):
    """The question could be put, and was not: policy, an order or the spending limit is against it."""
