"""The messages of a request. Consecutive `tool` messages are one canonical message with a result each."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from offramp.types import (
    JsonObject,
    Media,
    Message,
    Origin,
    Part,
    Role,
    Text,
    ToolCall,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.chat_messages import encode_whole
from offramp_providers.dialects.message_content import put_content, take_content
from offramp_providers.dialects.openai_chat.assistant import decode_assistant, encode_assistant, put_name
from offramp_providers.dialects.openai_chat.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.openai_chat.parts import block_reader, encode_block, encode_unknown, unknown
from offramp_providers.dialects.openai_chat.results import decode_result, encode_results
from offramp_providers.dialects.plain_talk import as_string, plain_message
from offramp_providers.dialects.shapes import is_object, take_text

_ROLES: Final[Mapping[str, Role]] = {role: role for role in get_args(Role)}
_WHOLE: Final = "message=whole"
"""Marks a message that fits nothing we know, kept whole in its one part."""


class _Reading:
    """The messages while they are read."""

    __slots__ = ("calls", "issuer", "messages", "results")

    def __init__(self, issuer: Origin) -> None:
        self.issuer = issuer
        self.messages: list[Message] = []
        self.results: list[Part] = []
        self.calls = 0
        """Calls in the deprecated field so far: they have no ids of their own."""

    def add(self, raw: Any) -> None:
        """Read one message of the wire."""
        role: Any = raw.get("role") if is_object(raw) else None
        if role in ("tool", "function"):
            result = decode_result(raw, self.issuer, f"function_call_{self.calls}")
            if result is not None:
                self.results.append(result)
                return
        self.close_results()
        self.messages.append(self._read(raw, role))

    def close_results(self) -> None:
        """The results of one assistant turn are complete."""
        if self.results:
            self.messages.append(Message("tool", tuple(self.results)))
            self.results = []

    def _read(self, raw: Any, role: Any) -> Message:
        if role == "user" or role == "system" or role == "developer":  # noqa: PLR1714  # a role may be unhashable
            return _decode_plain(raw, role, self.issuer)
        if role == "assistant":
            called = f"function_call_{self.calls + 1}"
            message = decode_assistant(raw, self.issuer, self.issuer, called)
            self.calls += any(type(part) is ToolCall and part.call_id == called for part in message.parts)
            return message
        known = _ROLES.get(role, "user") if type(role) is str else "user"
        return Message(known, (unknown(raw),), wire=residue_wire({}, (_WHOLE,)))


def decode_messages(found: list[Any], issuer: Origin) -> tuple[Message, ...]:
    """All messages of a request; `issuer` is stamped on the assistant's."""
    reading = _Reading(issuer)
    for raw in found:
        reading.add(raw)
    reading.close_results()
    return tuple(reading.messages)


def _decode_plain(raw: JsonObject, role: Role, issuer: Origin) -> Message:
    content = raw.get("content")
    if len(raw) == 2 and type(content) is str and content:
        return Message(role, (Text(content),))
    left = dict(raw)
    del left["role"]
    parts, mark = take_content(left, block_reader(issuer))
    name = take_text(left, "name")
    return Message(role, tuple(parts), name=name, wire=residue_wire(left, (mark,) if mark else ()))


def encode_messages(encoding: Encoding, messages: tuple[Message, ...]) -> list[Any]:
    """All messages for the wire."""
    written: list[Any] = []
    earlier: Role | None = None
    for message in messages:
        said = plain_message(message, NAME, as_string)
        if said is not None:
            written.append(said)
            earlier = message.role
            continue
        if message.status != "complete":
            encoding.log.lose("status", message, "status")
        if _is_whole(message):
            written += encode_whole(encoding, message, encode_unknown)
            earlier = None
            continue
        if message.role == "tool":
            if earlier == "tool":
                encoding.log.lose("message.merged", message)
            encode_results(encoding, message, written)
        elif message.role == "assistant":
            body = encode_assistant(encoding, message)
            if body is not None:
                written.append(body)
        else:
            _encode_plain(encoding, message, written)
        earlier = message.role
    return written


def _is_whole(message: Message) -> bool:
    return message.wire is not None and _WHOLE in message.wire.form and len(message.parts) == 1


def _encode_plain(encoding: Encoding, message: Message, written: list[Any]) -> None:
    """A message of the user's, the system's or the developer's."""
    parts = message.parts
    residue, form = encoding.own(message, message.wire, message.origin)
    blocks: list[Any] = []
    for part in parts:
        blocks += _encode_content(encoding, message, part)
    if parts and not blocks:
        encoding.log.lose("message.empty", message)
        return
    body: JsonObject = {"role": _role(encoding, message)}
    put_content(body, blocks, form)
    if message.name is not None:
        put_name(encoding, message, body)
    written.append(under(residue, body))


def _encode_content(encoding: Encoding, message: Message, part: Part) -> list[Any]:
    if message.role != "user" and isinstance(part, Media) and not encoding.native and part.source.type != "text":
        # Only user messages hold media (openai-openapi 2.3.0, read 2026-11-23).
        encoding.log.lose("media.unsupported", part)
        return []
    return encode_block(encoding, part, message.origin)


def _role(encoding: Encoding, message: Message) -> str:
    """The message's role, or the one that the host has instead of it."""
    match message.role:
        case "developer" if not encoding.option("developer_role"):
            encoding.log.lose("role.rewritten", message, "role")
            return "system"
        case "system" if not encoding.option("system_role"):
            encoding.log.lose("role.rewritten", message, "role")
            return "developer"
        case role:
            return role
