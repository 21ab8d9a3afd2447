"""The input of a request: instructions and items, as messages.

Items of the assistant's that stand together are one message; so are the results that stand together.
"""

from collections.abc import Mapping
from typing import Any, Final

from offramp.types import JsonObject, Message, Origin, Part, Role, Text, Wire
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.openai_responses.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_responses.item_writing import encode_items
from offramp_providers.dialects.openai_responses.items import STATUS, decode_item, take_status
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.parts import (
    decode_block,
    encode_input,
    encode_unknown,
    is_plain,
    unknown,
)
from offramp_providers.dialects.openai_responses.results import OUTPUTS, decode_result, encode_results
from offramp_providers.dialects.plain_talk import as_string, plain_message
from offramp_providers.dialects.shapes import is_list, is_object

_ROLES: Final[Mapping[str, Role]] = {"user": "user", "system": "system", "developer": "developer"}
_INSTRUCTIONS: Final = "at=instructions"
_INPUT: Final = "at=input"
"""Marks a message that was the whole input, as a string."""
_TYPED: Final = "type=message"
_LIST: Final = "content=list"
"""Marks a content that is a list, where a string would do."""
_NO_CONTENT: Final = "content=kept"
"""Marks a message without content, or with one that fits nothing and stays among its residue."""
_WHOLE: Final = "item=whole"
"""Marks a message that stands for an item which fits nothing we know, kept whole in its one part."""


class _Reading:
    """The items while they are read."""

    __slots__ = ("issuer", "messages", "results", "turn")

    def __init__(self, issuer: Origin) -> None:
        self.issuer = issuer
        self.messages: list[Message] = []
        self.turn: list[Part] = []
        """Of the assistant's, so far."""
        self.results: list[Part] = []

    def add(self, raw: Any) -> None:
        """Read one item."""
        kind: Any = raw.get("type", "message") if is_object(raw) else None
        if type(kind) is not str:
            self._add_message(Message("user", (unknown(raw),), wire=_wire({}, _WHOLE)))
        elif kind == "message" and raw.get("role") != "assistant":
            self._add_message(_decode_message(raw, self.issuer))
        elif kind in OUTPUTS or kind.endswith("_call_output") or kind == "mcp_approval_response":
            self._close_turn()
            result = decode_result(raw, self.issuer) if kind in OUTPUTS else None
            self.results.append(result or unknown(raw))
        elif kind != "message" and raw.get("role") in ("developer", "system", "user"):
            self._add_message(Message(_ROLES[raw["role"]], (unknown(raw),), wire=_wire({}, _WHOLE)))
        else:
            self._close_results()
            self.turn += decode_item(raw, self.issuer)

    def close(self) -> tuple[Message, ...]:
        """All messages."""
        self._close_turn()
        self._close_results()
        return tuple(self.messages)

    def _add_message(self, message: Message) -> None:
        self._close_turn()
        self._close_results()
        self.messages.append(message)

    def _close_turn(self) -> None:
        if self.turn:
            self.messages.append(Message("assistant", tuple(self.turn), origin=self.issuer))
            self.turn = []

    def _close_results(self) -> None:
        if self.results:
            self.messages.append(Message("tool", tuple(self.results)))
            self.results = []


def _wire(left: JsonObject, *form: str) -> Wire | None:
    return residue_wire(left, form)


def decode_input(left: JsonObject, issuer: Origin) -> tuple[Message, ...]:
    """Take instructions and input out of a request; `issuer` is stamped on the assistant's messages."""
    instructions, found = left.get("instructions"), left.get("input")
    reading = _Reading(issuer)
    if type(instructions) is str:
        del left["instructions"]
        reading.messages.append(Message("system", (Text(instructions),), wire=_wire({}, _INSTRUCTIONS)))
    if type(found) is str:
        del left["input"]
        reading.messages.append(Message("user", (Text(found),), wire=_wire({}, _INPUT)))
    elif is_list(found):
        del left["input"]
        for raw in found:
            reading.add(raw)
    return reading.close()


def _decode_message(raw: JsonObject, issuer: Origin) -> Message:
    content: Any = raw.get("content")
    role: Any = raw.get("role")
    known = _ROLES.get(role) if type(role) is str else None
    if known is None:
        return Message("user", (unknown(raw),), wire=_wire({}, _WHOLE))
    if len(raw) == 2 and type(content) is str:
        return Message(known, (Text(content),))
    left = dict(raw)
    del left["role"]
    form = (_TYPED,) if left.pop("type", None) else ()
    parts: tuple[Part, ...] = ()
    if type(content) is str:
        parts = (Text(content),)
    elif is_list(content):
        parts, form = tuple(decode_block(block, issuer, "input_text") for block in content), (*form, _LIST)
    else:
        return Message(known, (), wire=_wire(left, *form, _NO_CONTENT))
    del left["content"]
    return Message(known, parts, wire=_wire(left, *form, *take_status(left)))


def encode_input_items(encoding: Encoding, messages: tuple[Message, ...], body: JsonObject, *, kept: bool) -> None:
    """Write instructions and input into the body.

    Args:
        encoding: the encoding on its way.
        messages: the conversation.
        body: the body so far.
        kept: whether a request without input was read so, and stays so.
    """
    items: list[Any] = []
    earlier: Role | None = None
    for place, message in enumerate(messages):
        said = plain_message(message, NAME, as_string) if message.role != earlier else None
        if said is not None:
            items.append(said)
            earlier = message.role
            continue
        _name_unsaid(encoding, message, earlier)
        if place == 0 and _is_instructions(encoding, message):
            body["instructions"] = message.text
        elif message.role == "assistant":
            _encode_turn(encoding, message, items)
        elif message.role == "tool":
            encode_results(encoding, message, items)
        elif _INPUT in _form(message) and encoding.native and message is messages[-1] and not items:
            body["input"] = message.text
            return
        else:
            _encode_message(encoding, message, items)
        earlier = message.role
    if items or not kept:
        body["input"] = items


def _form(message: Message) -> tuple[str, ...]:
    return message.wire.form if message.wire is not None and message.wire.dialect == NAME else ()


def _name_unsaid(encoding: Encoding, message: Message, earlier: Role | None) -> None:
    if message.status != "complete":
        encoding.log.lose("status", message, "status")
    if message.role == earlier and message.role in ("assistant", "tool"):
        encoding.log.lose("message.merged", message)


def _is_plain(message: Message) -> bool:
    """Whether the message is one text and nothing else, so that a string says all of it."""
    if len(message.parts) != 1 or message.name is not None:
        return False
    only = message.parts[0]
    return type(only) is Text and is_plain(only)


def _is_instructions(encoding: Encoding, message: Message) -> bool:
    """Whether it is the system prompt: one that was read so, or a leading one that was written elsewhere."""
    if message.role != "system" or not _is_plain(message):
        return False
    return _INSTRUCTIONS in _form(message) if encoding.native else message.wire is None or bool(_form(message))


def _encode_turn(encoding: Encoding, message: Message, items: list[Any]) -> None:
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    encoding.log.lose_wire(message, message.wire)
    written = encode_items(encoding, message.parts, message.origin)
    if not written:
        encoding.log.lose("message.empty", message)
    items += written


def _encode_message(encoding: Encoding, message: Message, items: list[Any]) -> None:
    """A message of the user's, the system's or the developer's."""
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    residue, form = encoding.own(message, message.wire, message.origin)
    if _WHOLE in form and len(message.parts) == 1 and message.parts[0].type == "unknown":
        items += encode_unknown(encoding, message.parts[0], message.parts[0].origin or message.origin)
        return
    blocks: list[Any] = []
    for part in message.parts:
        blocks += encode_input(encoding, part, message.origin)
    if not blocks and not ({_LIST, _NO_CONTENT} & set(form)):
        encoding.log.lose("message.empty", message)
        return
    item: JsonObject = {"role": message.role}
    if _TYPED in form:
        item["type"] = "message"
    if STATUS in form:
        item["status"] = "completed"
    if blocks or _NO_CONTENT not in form:
        item["content"] = _content(blocks, form)
    items.append(under(residue, item))


def _content(blocks: list[Any], form: tuple[str, ...]) -> Any:
    if _LIST in form or len(blocks) != 1:
        return blocks
    only = blocks[0]
    return only["text"] if is_object(only) and only.keys() == {"type", "text"} else blocks
