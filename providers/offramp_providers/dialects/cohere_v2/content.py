"""The `content` of a message: a string, a list of blocks, null, or not there at all.

A single plain text is usually a string, and a block where the assistant says it, as in answers; only other spellings are
marked.
"""

from typing import Any, Final, Literal, TypeAlias

from offramp.types import JsonObject, Part, Text
from offramp_providers.dialects.cohere_v2.parts import decode_block
from offramp_providers.dialects.shapes import is_list, is_object, is_text

Void: TypeAlias = Literal["content=empty", "content=absent"]
"""How a message without content is usually spelled."""

EMPTY: Final = "content=empty"
ABSENT: Final = "content=absent"
_NULL: Final = "content=null"
_LIST: Final = "content=list"
_STRING: Final = "content=string"


def take_content(left: JsonObject, usual: Void, *, listed: bool = False) -> tuple[list[Part], str | None]:
    """Take the content out of what is left of a message.

    Args:
        left: what is left of the message. A content of another shape stays there.
        usual: how this message would be spelled without content.
        listed: whether a single text usually stands in a list.

    Returns:
        The parts, and the mark of the spelling where it is not the usual one.
    """
    if "content" not in left:
        return [], None if usual == ABSENT else ABSENT
    content: Any = left.pop("content")
    if type(content) is str:
        if not content:
            return [], None if usual == EMPTY else EMPTY
        return [Text(content)], _STRING if listed else None
    if is_list(content):
        return [decode_block(block) for block in content], None if content and (
            listed or not _single(content)
        ) else _LIST
    if content is None:
        return [], _NULL
    left["content"] = content
    return [], ABSENT


def _single(blocks: list[Any]) -> bool:
    """Whether these blocks are one plain text."""
    block: Any = blocks[0]
    return len(blocks) == 1 and is_object(block) and block.keys() == {"type", "text"} and is_text(block["text"])


def put_content(
    body: JsonObject, blocks: list[Any], form: tuple[str, ...], usual: Void, *, listed: bool = False
) -> None:
    """Write the blocks into the message, in the spelling that was used, else in the usual one."""
    if blocks:
        spelled = _STRING in form if listed else _LIST not in form
        body["content"] = blocks[0]["text"] if spelled and _single(blocks) else blocks
    elif _LIST in form:
        body["content"] = []
    elif _NULL in form:
        body["content"] = None
    elif EMPTY in form or (usual == EMPTY and ABSENT not in form):
        body["content"] = ""
