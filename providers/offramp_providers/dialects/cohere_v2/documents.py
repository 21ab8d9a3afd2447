"""Documents: beside the messages for the answer to be grounded in, and in the results of tools.

Their data is an object of any fields. A text with or without a title is read as such; any other object as JSON text, so
that it can be said elsewhere too.
"""

from typing import Any, Final

from offramp.types import GenerateRequest, JsonObject, Media, Message, Origin, Part, Text, TextSource, Unknown
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.arguments import dump_compact, load_json
from offramp_providers.dialects.cohere_v2.encoding import Encoding, has_mark, residue_wire
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.shapes import is_list, is_object

AT_DOCUMENTS: Final = "at=documents"
"""Marks a document that stood beside the messages."""
WHOLE: Final = "message=whole"
"""Marks a message of another shape, which stands whole in a part and can hold no other."""
_STRING: Final = "document=string"
_DATA_STRING: Final = "data=string"
_DATA_JSON: Final = "data=json"


def decode_document_block(block: JsonObject) -> Part | None:
    """A `document` block of a tool's result."""
    left = dict(block)
    document = take_object(left, "document")
    found = _decode(document) if document is not None else None
    if found is None or document is None:
        return None
    del left["type"]
    keep_rest(left, "document", document)
    return _media(found, left, ())


def _decode(document: JsonObject) -> tuple[str, str | None, tuple[str, ...]] | None:
    """Take text, title and spelling out of a document."""
    data: Any = document.get("data")
    found: tuple[str, str | None, tuple[str, ...]]
    if type(data) is str:
        found = data, None, (_DATA_STRING,)
    elif is_object(data):
        found = _plain(data) or (dump_compact(data), None, (_DATA_JSON,))
    else:
        return None
    del document["data"]
    return found


def _plain(data: JsonObject) -> tuple[str, str | None, tuple[str, ...]] | None:
    """Text and title, where the data is nothing else."""
    text, title = data.get("text"), data.get("title")
    named = "title" in data
    if type(text) is not str or len(data) != 1 + named or (named and type(title) is not str):
        return None
    return text, title, ()


def _media(found: tuple[str, str | None, tuple[str, ...]], left: JsonObject, marks: tuple[str, ...]) -> Media:
    text, title, form = found
    return Media(TextSource(text), kind="document", name=title, wire=residue_wire(left, (*marks, *form)))


def take_documents(left: JsonObject, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Take the documents out of what is left of a request, into the last message of the user's, ahead of its words."""
    found: Any = left.get("documents")
    places = [
        place for place, message in enumerate(messages) if message.role == "user" and not has_mark(message.wire, WHOLE)
    ]
    if not is_list(found) or not found or not places:
        return messages
    del left["documents"]
    last = places[-1]
    asked = messages[last]
    parts = (*(_beside(each) for each in found), *asked.parts)
    holding = Message("user", parts, name=asked.name, origin=asked.origin, wire=asked.wire)
    return (*messages[:last], holding, *messages[last + 1 :])


def _beside(raw: Any) -> Part:
    if type(raw) is str:
        return _media((raw, None, (_STRING,)), {}, (AT_DOCUMENTS,))
    left = dict(raw) if is_object(raw) else {}
    found = _decode(left)
    if found is None:
        return Unknown(dialect=NAME, vendor_type=None, raw=raw, wire=residue_wire({}, (AT_DOCUMENTS,)))
    return _media(found, left, (AT_DOCUMENTS,))


def put_documents(encoding: Encoding, request: GenerateRequest, body: JsonObject) -> None:
    """Write the documents that were found in messages of the user's, as this dialect has spelled them."""
    beside = [
        (message, part)
        for message in request.messages
        if message.role == "user"
        for part in message.parts
        if type(part) is not Text and stands_beside(encoding, part, message.origin)  # most are texts: measured
    ]
    if not beside:
        return
    last = next(message for message in reversed(request.messages) if message.role == "user")
    documents: list[Any] = []
    for message, part in beside:
        if message is not last:
            encoding.log.lose("media.moved", part)
        if isinstance(part, Unknown):
            documents.append(part.raw)
        elif isinstance(part, Media) and isinstance(part.source, TextSource):
            documents.append(_encode(encoding, part, part.source.text, message.origin))
    body["documents"] = documents


def stands_beside(encoding: Encoding, part: Part, author: Origin | None) -> bool:
    """Whether the part is written beside the messages."""
    sayable = isinstance(part, Unknown) or (isinstance(part, Media) and isinstance(part.source, TextSource))
    return sayable and AT_DOCUMENTS in encoding.form_of(part.wire, part.origin or author)


def encode_document_block(encoding: Encoding, part: Media, text: str, author: Origin | None) -> JsonObject:
    """A document of text in a tool's result."""
    form = encoding.form_of(part.wire, part.origin or author)
    _lose_details(encoding, part)
    block: JsonObject = {"type": "document", "document": {"data": _data(text, part.name, form)}}
    return encoding.dressed(part, author, block)


def _encode(encoding: Encoding, part: Media, text: str, author: Origin | None) -> Any:
    residue, form = encoding.own(part, part.wire, part.origin or author)
    _lose_details(encoding, part)
    encoding.lose_marks(part)
    if _STRING in form and part.name is None:
        return text
    return under(residue, {"data": _data(text, part.name, form)})


def _lose_details(encoding: Encoding, part: Media) -> None:
    if part.media_type is not None:
        encoding.log.lose("media_type", part, "media_type")
    if part.detail is not None:
        encoding.log.lose("media.detail", part, "detail")


def _data(text: str, title: str | None, form: tuple[str, ...]) -> Any:
    if title is not None:
        return {"text": text, "title": title}
    if _DATA_STRING in form:
        return text
    if _DATA_JSON in form:
        try:
            data: Any = load_json(text)
        except ValueError:
            data = None
        if is_object(data):
            return data
    return {"text": text}
