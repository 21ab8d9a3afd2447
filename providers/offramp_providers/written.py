"""A message on the wire that was written before, kept with the canonical message for as long as there is one.

A conversation is sent again with every turn. What was said in plain text is encoded and dumped once, not every time.
"""

from typing import Any, Final, NoReturn, cast

from pydantic_core import PydanticSerializationError, to_json

from offramp.types import JsonObject, Message, Text

_WORTH_IT: Final = 8  # messages; below, the search costs more than it saves
_ONCE: Final = object()
"""Stands with a message that was written once so far."""


class Written(dict[str, Any]):
    """A JSON object and its text. It is shared by all requests that hold the message, so nobody may change it."""

    __slots__ = ("dialect", "json", "parts", "role", "text")

    def __init__(self, content: JsonObject, dialect: str, json: bytes, *, message: Message, text: str) -> None:
        super().__init__(content)
        self.dialect = dialect
        self.json = json
        self.role = message.role
        self.parts = message.parts
        self.text = text

    def __reduce__(self) -> tuple[type[JsonObject], tuple[JsonObject]]:
        """A copy of it is a plain object, and may be changed."""
        return dict, (dict(self),)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a written message is shared, and is not changed")

    __setitem__ = __delitem__ = __ior__ = _refuse  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]  # whatever would change it
    pop = popitem = clear = update = setdefault = _refuse  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]  # as above


def written_before(message: Message, dialect: str) -> Written | None:
    """What `keep` has kept with this very message, if it still says this.

    A message is not to be changed in place; where it was, what it said before is not sent in its name.
    """
    kept = getattr(message, "kept", None)
    if type(kept) is not Written or kept.dialect != dialect:
        return None
    parts = kept.parts
    same = message.parts is parts and cast("Text", parts[0]).text is kept.text and message.role == kept.role
    return kept if same else None


def keep(message: Message, dialect: str, content: JsonObject, text: str) -> JsonObject:
    """Keep what a message of this one text is on the wire, and give it back. It must follow from the two alone.

    It is kept from its second time on: much is said once. A text that only the exact dumper can write (half of a
    surrogate pair) is not kept.
    """
    if getattr(message, "kept", None) is None:
        message.kept = _ONCE
        return content
    try:
        written = Written(content, dialect, to_json(content), message=message, text=text)
    except (PydanticSerializationError, ValueError):
        return content
    message.kept = written
    return written


def holds_written(content: object) -> bool:
    """Whether a value of a body is a list long enough that its written messages are worth looking for."""
    if type(content) is not list or len(items := cast("list[object]", content)) <= _WORTH_IT:
        return False
    return any(type(each) is Written for each in items)
