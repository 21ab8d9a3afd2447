"""What was said in plain text, which most of a conversation is: written once, and kept with the message."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from offramp.types import JsonObject, Message, Text
from offramp_providers.dialects.message_content import is_plain
from offramp_providers.written import keep, written_before

Write: TypeAlias = Callable[[str, str], JsonObject]
"""A message on the wire, from its role (`user` or `assistant`) and its text."""


def as_string(role: str, text: str) -> JsonObject:
    """As the dialects of chat completions write it."""
    return {"role": role, "content": text}


def plain_message(message: Message, dialect: str, write: Write) -> JsonObject | None:
    """The message on the wire, where it is one text of the user's or the assistant's and nothing else; else None."""
    written = written_before(message, dialect)
    if written is not None:
        return written
    if message.role not in ("user", "assistant") or len(message.parts) != 1 or _says_more(message):
        return None
    only = message.parts[0]
    if type(only) is not Text or not only.text.strip() or not is_plain(only):
        return None
    return keep(message, dialect, write(message.role, only.text), only.text)


def plain_talk(messages: Sequence[Message], dialect: str, write: Write) -> list[JsonObject] | None:
    """All messages on the wire, where user and assistant speak in turn and in plain text, the user first and last.

    No vendor demands anything of such a conversation that it has not. None: it is more than that.
    """
    if len(messages) % 2 == 0:
        return None
    talk: list[JsonObject] = []
    for place, message in enumerate(messages):
        if message.role != ("assistant" if place % 2 else "user"):
            return None
        written = plain_message(message, dialect, write)
        if written is None:
            return None
        talk.append(written)
    return talk


def _says_more(message: Message) -> bool:
    return message.wire is not None or message.name is not None or message.status != "complete"
