"""Messages, each way. Every role stays where it is; the server demands no order."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from offramp.types import JsonObject, Media, Message, Origin, Part, Role, ToolResult, Unknown
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.call_ids import CallIds
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.ollama_native.calls import take_calls
from offramp_providers.dialects.ollama_native.content import take_content
from offramp_providers.dialects.ollama_native.draft import Draft
from offramp_providers.dialects.ollama_native.encoding import Encoding, residual
from offramp_providers.dialects.ollama_native.options import NAME
from offramp_providers.dialects.ollama_native.reasoning import take_thinking
from offramp_providers.dialects.ollama_native.results import decode_result, encode_result
from offramp_providers.dialects.part_kinds import is_result
from offramp_providers.dialects.plain_talk import as_string, plain_message
from offramp_providers.dialects.shapes import is_object

_RAW: Final = "message=raw"
"""Marks a message that is none, or of no role that the server has."""
_ROLES: Final[dict[str, Role]] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}


def decode_messages(found: Sequence[Any], issuer: Origin) -> tuple[Message, ...]:
    """The conversation. The model's messages are the issuer's; results that follow each other are one turn's."""
    messages: list[Message] = []
    ids = CallIds("0")
    for position, raw in enumerate(found):
        message = _decode_message(raw, position, ids, issuer)
        last = messages[-1] if messages else None
        if message.role == "tool" and last is not None and last.role == "tool":
            messages[-1] = Message("tool", (*last.parts, *message.parts))
        else:
            messages.append(message)
    return tuple(messages)


def _decode_message(raw: Any, position: int, ids: CallIds, issuer: Origin) -> Message:
    word: Any = raw.get("role") if is_object(raw) else None
    role = _ROLES.get(word.lower()) if type(word) is str else None
    if role is None:
        whole = Unknown(dialect=NAME, vendor_type=None, raw=raw)
        return Message("user", (whole,), wire=residual({}, [_RAW]))
    left: JsonObject = dict(raw)
    del left["role"]
    marks = [] if word == role else [f"role:{word}"]
    if role == "tool":
        return Message("tool", (decode_result(left, marks, ids),))
    if role == "assistant":
        ids.begin_turn(str(position))
        return decode_assistant(left, marks, ids, issuer)
    parts = take_content(left, marks)
    return Message(role, tuple(parts), wire=residual(left, marks))


def decode_assistant(left: JsonObject, marks: list[str], ids: CallIds, author: Origin) -> Message:
    """The model's message, as it stands in a request's history and in an answer. Its role is taken already."""
    parts: list[Part] = [*take_thinking(left, marks), *take_content(left, marks), *take_calls(left, ids, marks)]
    return Message("assistant", tuple(parts), origin=author, wire=residual(left, marks))


def encode_messages(encoding: Encoding, messages: Sequence[Message]) -> list[Any]:
    """The messages on the wire."""
    written: list[Any] = []
    for message in messages:
        said = plain_message(message, NAME, as_string)
        if said is not None:
            written.append(said)
            continue
        _name_unsaid(encoding, message)
        form = message.wire.form if message.wire is not None and message.wire.dialect == NAME else ()
        if _RAW in form and encoding.native:
            written += [getattr(part, "raw", None) for part in message.parts]
        elif message.role == "tool" or (message.role == "user" and any(map(is_result, message.parts))):
            _encode_results(encoding, message, written)
        else:
            body = encode_message(encoding, message)
            if body is not None:
                written.append(body)
    return written


def _name_unsaid(encoding: Encoding, message: Message) -> None:
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    if message.status != "complete":
        encoding.log.lose("status", message, "status")
    if message.role == "developer":
        encoding.log.lose("role.rewritten", message, "role")


def encode_message(encoding: Encoding, message: Message) -> JsonObject | None:
    """A message without results; None where nothing of it can be said, which is then named."""
    role = "system" if message.role == "developer" else message.role
    draft = Draft(encoding, role, message.origin)
    for part in message.parts:
        draft.add(part)
    residue, form = encoding.own(message, message.wire, message.origin)
    if draft.is_empty and message.parts and not encoding.answering:
        encoding.log.lose("message.empty", message)
        return None
    body = draft.body(form)
    if "role=residue" not in form:
        body["role"] = marked(form, "role:") or role
    return under(residue, body)


def _encode_results(encoding: Encoding, message: Message, written: list[Any]) -> None:
    """Each result as a message of its own; what stands beside them, and what they could not hold, as the user's."""
    before = len(written)
    moved: list[tuple[ToolResult, Media]] = []
    encoding.log.lose_wire(message, message.wire)
    for are_results, run in groupby(message.parts, is_result):
        if are_results:
            written += [
                encode_result(encoding, part, message.origin, moved) for part in run if isinstance(part, ToolResult)
            ]
        else:
            _encode_strays(encoding, message, tuple(run), written)
    if moved:
        written.append(_moved(encoding, message, moved))
    if len(written) == before:
        encoding.log.lose("message.empty", message)


def _encode_strays(encoding: Encoding, message: Message, parts: tuple[Part, ...], written: list[Any]) -> None:
    draft = Draft(encoding, "user", message.origin)
    for part in parts:
        draft.add(part)
        if message.role == "tool" and not draft.is_empty:
            encoding.log.lose("role.moved", part)
    if not draft.is_empty:
        written.append({"role": "user", **draft.body(())})


def _moved(encoding: Encoding, message: Message, moved: list[tuple[ToolResult, Media]]) -> JsonObject:
    """The media of results, and whose they are."""
    draft = Draft(encoding, "user", message.origin)
    for _, part in moved:
        encoding.log.lose("media.moved", part)
        draft.add(part)
    places = ", ".join(dict.fromkeys(result.call_id for result, _ in moved))
    return {"role": "user", **draft.body(()), "content": f"[media in the result of {places}]"}
