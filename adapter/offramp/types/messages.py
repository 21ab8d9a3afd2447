"""Messages: a role and its parts, in order."""

from dataclasses import KW_ONLY
from typing import Literal, TypeAlias

from offramp.types._value import value
from offramp.types.identity import Origin
from offramp.types.parts import Part, Text
from offramp.types.provenance import Wire

Role: TypeAlias = Literal["system", "developer", "user", "assistant", "tool"]
MessageStatus: TypeAlias = Literal["complete", "incomplete", "interrupted"]


class _Keeping:
    """Room for what an encoder keeps with a message. It is no part of the value: a changed copy keeps nothing."""

    __slots__ = ("kept",)

    kept: object


@value
class Message(_Keeping):
    """One turn's contribution by one role.

    Normal form: a leading `system` message is the top-level system prompt, a later one stays in place; the results of
    one assistant turn stand in one `tool` message, in call order.
    """

    role: Role
    parts: tuple[Part, ...]
    _: KW_ONLY
    name: str | None = None
    """The participant's name, where a vendor lets one be given."""
    origin: Origin | None = None
    """Who produced it; None: the application. A part's own origin wins over its message's."""
    status: MessageStatus = "complete"
    """`incomplete`: the vendor stopped early and said so. `interrupted`: the stream ended without an outcome."""
    wire: Wire | None = None

    @property
    def text(self) -> str:
        """All text parts joined; empty where there are none."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


def origin_of(message: Message, part: Part) -> Origin | None:
    """Who produced the part."""
    return part.origin or message.origin


def system(text: str) -> Message:
    """A system message of one text."""
    return Message("system", (Text(text),))


def user(*parts: Part | str) -> Message:
    """A user message; plain strings become text parts."""
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def assistant(*parts: Part | str) -> Message:
    """An assistant message written by the application, not by a vendor."""
    return Message("assistant", tuple(Text(part) if isinstance(part, str) else part for part in parts))
