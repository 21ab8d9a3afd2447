"""The `content` of a chat message: a string, a list of blocks, null, or not there at all.

A single plain text is usually a string, and no content at all an empty one; only other spellings are marked.
"""

from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

from offramp.types import JsonObject, Part, Text
from offramp_providers.dialects.shapes import is_list, is_object, is_text

Void: TypeAlias = Literal["content=empty", "content=null", "content=absent"]
"""How a message without content is usually spelled."""

EMPTY: Final = "content=empty"
NULL: Final = "content=null"
ABSENT: Final = "content=absent"
LIST: Final = "content=list"
_STRING: Final = "content=string"


def take_content(
    left: JsonObject, decode_block: Callable[[Any], Part], usual: Void = EMPTY, *, listed: bool = False
) -> tuple[list[Part], str | None]:
    """Take the content out of what is left of a message.

    Args:
        left: what is left of the message. A content of another shape stays there.
        decode_block: reads one element of a list.
        usual: how this message would be spelled without content.
        listed: whether a single plain text is usually a block of a list here.

    Returns:
        The parts, and the mark of the spelling where it is not the usual one.
    """
    if "content" not in left:
        return [], _unusual(ABSENT, usual)
    content: Any = left.pop("content")
    if type(content) is str:
        return ([Text(content)], _STRING if listed else None) if content else ([], _unusual(EMPTY, usual))
    if is_list(content):
        marked = not content or (not listed and _is_string(content))
        return [decode_block(block) for block in content], LIST if marked else None
    if content is None:
        return [], _unusual(NULL, usual)
    left["content"] = content
    return [], ABSENT


def _unusual(mark: str, usual: Void) -> str | None:
    return None if mark == usual else mark


def _is_string(blocks: list[Any]) -> bool:
    """Whether these blocks are one plain text, which may be written as a string."""
    block: Any = blocks[0]
    return len(blocks) == 1 and is_object(block) and block.keys() == {"type", "text"} and _is_plain(block)


def _is_plain(block: JsonObject) -> bool:
    return block["type"] == "text" and is_text(block["text"])


def put_content(
    body: JsonObject, blocks: list[Any], form: tuple[str, ...], usual: Void = EMPTY, *, listed: bool = False
) -> None:
    """Write the blocks into the message, in the spelling that was used, else in the usual one."""
    if blocks:
        as_text = _STRING in form if listed else LIST not in form
        body["content"] = blocks[0]["text"] if as_text and _is_string(blocks) else blocks
        return
    void = next((mark for mark in (LIST, ABSENT, EMPTY, NULL) if mark in form), usual)
    if void != ABSENT:
        body["content"] = [] if void == LIST else "" if void == EMPTY else None


def is_plain(text: Text) -> bool:
    """Whether there is nothing to the part but its text."""
    return text.wire is None and text.cache is None and not text.opaque and not text.citations
