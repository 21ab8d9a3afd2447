"""The messages of a request. Consecutive `tool` messages are one canonical message with a result each."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from offramp.types import JsonObject, Media, Message, Origin, Part, Role, Text, TextSource
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.chat_messages import encode_whole
from offramp_providers.dialects.cohere_v2.assistant import decode_assistant, encode_assistant
from offramp_providers.dialects.cohere_v2.calls import CallIds
from offramp_providers.dialects.cohere_v2.documents import WHOLE, stands_beside
from offramp_providers.dialects.cohere_v2.encoding import Encoding, has_mark, residue_wire
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.parts import decode_block, encode_block, encode_unknown, unknown
from offramp_providers.dialects.cohere_v2.results import decode_result, encode_results
from offramp_providers.dialects.message_content import put_content, take_content
from offramp_providers.dialects.plain_talk import plain_message
from offramp_providers.dialects.shapes import is_object, is_text

_ROLES: Final[Mapping[str, Role]] = {role: role for role in get_args(Role)}


def decode_messages(found: list[Any], issuer: Origin) -> tuple[Message, ...]:
    """All messages of a request; `issuer` is stamped on the assistant's."""
    messages: list[Message] = []
    results: list[Part] = []
    for raw in found:
        result = decode_result(raw) if is_object(raw) and raw.get("role") == "tool" else None
        if result is not None:
            results.append(result)
            continue
        if results:
            messages.append(Message("tool", tuple(results)))
            results = []
        messages.append(_decode(raw, issuer))
    if results:
        messages.append(Message("tool", tuple(results)))
    return tuple(messages)


def _decode(raw: Any, issuer: Origin) -> Message:
    role: Any = raw.get("role") if is_object(raw) else None
    match role:
        case "user" | "system":
            return _decode_plain(raw, role)
        case "assistant":
            return decode_assistant(raw, issuer)
        case _:
            known = _ROLES.get(role, "user") if type(role) is str else "user"
            return Message(known, (unknown(raw),), wire=residue_wire({}, (WHOLE,)))


def _decode_plain(raw: JsonObject, role: Role) -> Message:
    content = raw.get("content")
    if len(raw) == 2 and is_text(content):
        return Message(role, (Text(content),))
    left = dict(raw)
    del left["role"]
    parts, mark = take_content(left, decode_block)
    return Message(role, tuple(parts), wire=residue_wire(left, (mark,) if mark else ()))


def encode_messages(encoding: Encoding, messages: tuple[Message, ...]) -> list[Any]:
    """All messages for the wire."""
    ids = CallIds(encoding)
    written: list[Any] = []
    earlier: Role | None = None
    for message in messages:
        said = plain_message(message, NAME, _said)
        if said is not None:
            written.append(said)
            earlier = message.role
            continue
        if message.status != "complete":
            encoding.log.lose("status", message, "status")
        role: Role | None = message.role
        if has_mark(message.wire, WHOLE) and len(message.parts) == 1:
            written += encode_whole(encoding, message, encode_unknown)
            role = None
        elif message.role == "tool":
            if earlier == "tool":
                encoding.log.lose("message.merged", message)
            encode_results(encoding, ids, message, written)
        elif message.role == "assistant":
            body = encode_assistant(encoding, ids, message)
            written += [] if body is None else [body]
        else:
            _encode_plain(encoding, message, written)
        earlier = role
    return written


def _said(role: str, text: str) -> JsonObject:
    return {"role": role, "content": text if role == "user" else [{"type": "text", "text": text}]}


def _encode_plain(encoding: Encoding, message: Message, written: list[Any]) -> None:
    """A message of the user's, the system's or the developer's."""
    residue, form = encoding.own(message, message.wire, message.origin)
    blocks: list[Any] = []
    for part in message.parts:
        blocks += _encode_content(encoding, message, part)
    if not (blocks or encoding.native):
        encoding.log.lose("message.empty", message)
        return
    if message.role == "developer":
        encoding.log.lose("role.rewritten", message, "role")
    body: JsonObject = {"role": "user" if message.role == "user" else "system"}
    put_content(body, blocks, form)
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    written.append(under(residue, body))


def _encode_content(encoding: Encoding, message: Message, part: Part) -> list[Any]:
    if message.role == "user":
        # What stands beside the messages is written by `put_documents`.
        return [] if stands_beside(encoding, part, message.origin) else encode_block(encoding, part, message.origin)
    if isinstance(part, Media) and not (encoding.native or isinstance(part.source, TextSource)):
        # Only messages of the user's hold images (cohere-openapi.yaml of 2026-08-20, read 2026-11-26).
        encoding.log.lose("media.unsupported", part)
        return []
    return encode_block(encoding, part, message.origin)
