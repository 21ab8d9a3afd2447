"""The messages of a request. Consecutive `tool` messages are one canonical message with a result each."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from offramp.types import JsonObject, Media, Message, Origin, Part, Role, Text, ToolCall, ToolResult
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.chat_messages import encode_whole
from offramp_providers.dialects.message_content import put_content, take_content
from offramp_providers.dialects.mistral.assistant import decode_assistant, encode_assistant
from offramp_providers.dialects.mistral.encoding import Encoding, residue_wire, unknown
from offramp_providers.dialects.mistral.options import NAME
from offramp_providers.dialects.mistral.parts import chunk_reader, encode_chunks, encode_unknown
from offramp_providers.dialects.mistral.results import decode_result, encode_results
from offramp_providers.dialects.plain_talk import as_string, plain_message
from offramp_providers.dialects.shapes import is_object

_ROLES: Final[Mapping[str, Role]] = {role: role for role in get_args(Role)}
_WHOLE: Final = "message=whole"
"""Marks a message that fits nothing we know, kept whole in its one part."""


def decode_messages(found: list[Any], issuer: Origin) -> tuple[Message, ...]:
    """All messages of a request; `issuer` is stamped on the assistant's."""
    messages: list[Message] = []
    results: list[Part] = []
    for raw in found:
        role: Any = raw.get("role") if is_object(raw) else None
        result = decode_result(raw, issuer) if role == "tool" else None
        if result is not None:
            results.append(result)
            continue
        if results:
            messages.append(Message("tool", tuple(results)))
            results = []
        messages.append(_decode(raw, role, issuer))
    if results:
        messages.append(Message("tool", tuple(results)))
    return tuple(messages)


def _decode(raw: Any, role: Any, issuer: Origin) -> Message:
    if role == "user" or role == "system":  # noqa: PLR1714  # a role may be unhashable
        return _decode_plain(raw, role, issuer)
    if role == "assistant":
        return decode_assistant(raw, issuer, issuer)
    known = _ROLES.get(role, "user") if type(role) is str else "user"
    return Message(known, (unknown(raw),), wire=residue_wire({}, (_WHOLE,)))


def _decode_plain(raw: JsonObject, role: Role, issuer: Origin) -> Message:
    content = raw.get("content")
    if len(raw) == 2 and type(content) is str and content:
        return Message(role, (Text(content),))
    left = dict(raw)
    del left["role"]
    parts, mark = take_content(left, chunk_reader(issuer))
    return Message(role, tuple(parts), wire=residue_wire(left, (mark,) if mark else ()))


def call_ids(messages: tuple[Message, ...]) -> list[str]:
    """The ids of all calls and results."""
    return [
        part.call_id
        for message in messages
        if message.role != "user"
        for part in message.parts
        if type(part) is not Text and isinstance(part, (ToolCall, ToolResult))  # most are texts: measured
    ]


def encode_messages(encoding: Encoding, messages: tuple[Message, ...]) -> list[Any]:
    """All messages for the wire."""
    written: list[Any] = []
    earlier: Role | None = None
    # The last one is written anew where it is the assistant's: a mark is put on it.
    marked = messages[-1] if messages and messages[-1].role == "assistant" else None
    for message in messages:
        said = None if message is marked else plain_message(message, NAME, as_string)
        if said is not None:
            written.append(said)
            earlier = message.role
            continue
        if message.status != "complete":
            encoding.log.lose("status", message, "status")
        if message.wire is not None and _WHOLE in message.wire.form and len(message.parts) == 1:
            written += encode_whole(encoding, message, encode_unknown)
        elif message.role == "tool":
            if earlier == "tool":
                encoding.log.lose("message.merged", message)
            encode_results(encoding, message, written)
        elif message.role == "assistant":
            body = encode_assistant(encoding, message)
            written += [] if body is None else [body]
        else:
            _encode_plain(encoding, message, written)
        earlier = message.role
    if written and not encoding.native:
        _prefix_last(encoding, messages, written[-1])
    return written


def _prefix_last(encoding: Encoding, messages: tuple[Message, ...], last: Any) -> None:
    """Say that the answer begins with a last message of the assistant's.

    Without it the vendor refuses such a message (mistralai client-python, 2026-06-30; in part recalled).
    """
    if is_object(last) and last.get("role") == "assistant" and "tool_calls" not in last and "prefix" not in last:
        last["prefix"] = True
        said = next(message for message in reversed(messages) if message.role == "assistant")
        encoding.log.lose("prefix.injected", said, "wire.fields.prefix")


def _encode_plain(encoding: Encoding, message: Message, written: list[Any]) -> None:
    """A message of the user's, the system's or the developer's."""
    residue, form = encoding.own(message, message.wire, message.origin)
    chunks: list[Any] = []
    for part in message.parts:
        chunks += _encode_content(encoding, message, part)
    if message.parts and not chunks:
        encoding.log.lose("message.empty", message)
        return
    role = message.role
    if role == "developer":
        encoding.log.lose("role.rewritten", message, "role")
        role = "system"
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    body: JsonObject = {"role": role}
    put_content(body, chunks, form)
    written.append(under(residue, body))


def _encode_content(encoding: Encoding, message: Message, part: Part) -> list[Any]:
    if message.role != "user" and isinstance(part, Media) and not encoding.native and part.source.type != "text":
        # A system message holds text and thinking only (platform-docs-public openapi.yaml, 2026-08-21).
        encoding.log.lose("media.unsupported", part)
        return []
    return encode_chunks(encoding, part, message.origin)
