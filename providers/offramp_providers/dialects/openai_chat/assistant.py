"""The assistant's message, as it stands in a request's history and in an answer."""

from dataclasses import replace
from typing import Any, Final

from offramp.types import (
    Citation,
    DataSource,
    JsonObject,
    Media,
    Message,
    Opaque,
    Origin,
    Part,
    Reasoning,
    Refusal,
    Text,
    Wire,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.message_content import EMPTY, LIST, NULL, put_content, take_content
from offramp_providers.dialects.openai_chat.calls import decode_call, decode_function_call
from offramp_providers.dialects.openai_chat.draft import AT_AUDIO, REASONING_FIELDS, Draft
from offramp_providers.dialects.openai_chat.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.openai_chat.parts import block_reader
from offramp_providers.dialects.shapes import is_list, is_object, is_text, take_text

_ROLE_KEPT: Final = "role=kept"


def decode_assistant(raw: JsonObject, issuer: Origin, author: Origin, call_id: str) -> Message:
    """An assistant message.

    Args:
        raw: the message on the wire.
        issuer: whose files are meant.
        author: stamped on the message.
        call_id: the id of a call in the deprecated field, which has none on the wire.
    """
    left = dict(raw)
    marks: list[str] = []
    if left.get("role") == "assistant":
        del left["role"]
    else:
        marks.append(_ROLE_KEPT)
    parts = _take_reasoning(left) if "reasoning_content" in left or "reasoning" in left else []
    more = _take_refusal(left) if left.get("refusal") else []
    if left.get("audio"):
        more += _take_audio(left)
    if left.get("tool_calls") or left.get("function_call"):
        more += _take_calls(left, call_id)
    content, mark = take_content(left, block_reader(issuer), NULL if more else EMPTY)
    if mark:
        marks.append(mark)
    if left.get("annotations"):
        content = _with_annotations(left, content)
    return Message(
        "assistant",
        (*parts, *content, *more),
        name=take_text(left, "name") if "name" in left else None,
        origin=author,
        wire=residue_wire(left, tuple(marks)),
    )


def _take_reasoning(left: JsonObject) -> list[Part]:
    for field in REASONING_FIELDS:
        text: Any = left.get(field)
        if is_text(text):
            # A second field with the same text stays behind as residue.
            del left[field]
            return [Reasoning(text, wire=reasoning_wire(field))]
    return []


def reasoning_wire(field: str) -> Wire | None:
    """The mark of the field that reasoning stood in, unless it is the usual one."""
    return None if field == REASONING_FIELDS[0] else Wire(dialect=NAME, form=(f"reasoning={field}",))


def _take_refusal(left: JsonObject) -> list[Part]:
    text: Any = left.get("refusal")
    if not is_text(text):
        return []
    del left["refusal"]
    return [Refusal(text)]


def _take_audio(left: JsonObject) -> list[Part]:
    audio: Any = left.get("audio")
    if not is_object(audio) or not (is_text(audio.get("id")) and is_text(audio.get("data"))):
        return []
    del left["audio"]
    rest = dict(audio)
    opaque = (Opaque("item_id", rest.pop("id")),)
    return [Media(DataSource(rest.pop("data")), kind="audio", opaque=opaque, wire=residue_wire(rest, (AT_AUDIO,)))]


def _take_calls(left: JsonObject, call_id: str) -> list[Part]:
    parts: list[Part] = []
    if left.get("function_call"):
        call = decode_function_call(left, call_id)
        if call is not None:
            parts.append(call)
    calls: Any = left.get("tool_calls")
    if calls and is_list(calls):
        del left["tool_calls"]
        parts += [decode_call(each) for each in calls]
    return parts


def _with_annotations(left: JsonObject, content: list[Part]) -> list[Part]:
    """The one text of the message with the annotations as its citations."""
    notes: Any = left["annotations"]
    if len(content) != 1 or not is_list(notes) or not all(is_object(note) for note in notes):
        return content
    text = content[0]
    if not isinstance(text, Text):
        return content
    del left["annotations"]
    return [replace(text, citations=tuple(decode_citation(note) for note in notes))]


def decode_citation(note: JsonObject) -> Citation:
    """An annotation; the vendor's object is kept whole."""
    source: Any = note.get("url_citation")
    where: JsonObject = source if is_object(source) else {}
    title, url = where.get("title"), where.get("url")
    return Citation(
        dialect=NAME,
        raw=note,
        title=title if is_text(title) else None,
        url=url if is_text(url) else None,
    )


def encode_assistant(encoding: Encoding, message: Message) -> JsonObject | None:
    """An assistant message; None where nothing of it can be said, which is then named."""
    draft = Draft(encoding, message.origin)
    for part in message.parts:
        draft.add(part)
    body, content = draft.body, draft.content
    residue, form = encoding.own(message, message.wire, message.origin)
    if message.parts and not (body or content or encoding.answering):
        # Each part has been named with its own severity; a refusal of few words may leave reasoning alone behind.
        encoding.log.lose("message.empty", message)
        return None
    if encoding.answering and LIST not in form:
        content = draft.content = _joined(encoding, message, content)
    if draft.cited:
        draft.annotate()
    put_content(body, content, form, NULL if not _SAID.isdisjoint(body) else EMPTY)
    if _ROLE_KEPT not in form:
        body["role"] = "assistant"
    if message.name is not None:
        put_name(encoding, message, body)
    return under(residue, body)


_SAID: Final = frozenset({"tool_calls", "function_call", "refusal", "audio"})
"""Where one of these stands, the content is usually null."""


def _joined(encoding: Encoding, message: Message, content: list[Any]) -> list[Any]:
    """The texts as one, since an answer's content is a string."""
    if len(content) < 2 or not all(block.get("type") == "text" for block in content):
        return content
    encoding.log.lose("text.joined", message)
    return [{"type": "text", "text": "".join(block["text"] for block in content)}]


def put_name(encoding: Encoding, message: Message, body: JsonObject) -> None:
    """Write the participant's name, where the host takes one."""
    if encoding.option("participant_names"):
        body["name"] = message.name
    else:
        encoding.log.lose("name", message, "name")
