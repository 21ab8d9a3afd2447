"""The `content` of a chat message: a string, a list of blocks, null, or not there at all.

A single plain text is usually a string, and no content at all an empty one; only other spellings are marked.
"""

from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

from offramp.types import JsonObject, Part, Text
from offramp_providers.dialects.shapes import is_list, is_object, is_text

Void: TypeAlias = Literal["content=empty", "content=null"]
"""How a message without content is usually spelled."""

EMPTY: Final = "content=empty"
NULL: Final = "content=null"
ABSENT: Final = "content=absent"
LIST: Final = "content=list"


def take_content(
    left: JsonObject, decode_block: Callable[[Any], Part], usual: Void = EMPTY
) -> tuple[list[Part], str | None]:
    """Take the content out of what is left of a message.

    Args:
        left: what is left of the message. A content of another shape stays there.
        decode_block: reads one element of a list.
        usual: how this message would be spelled without content.

    Returns:
        The parts, and the mark of the spelling where it is not the usual one.
    """
    content: Any = left.pop("content", ABSENT if "content" not in left else None)
    if type(content) is str and content is not ABSENT:
        return ([Text(content)], None) if content else ([], _unusual(EMPTY, usual))
    if is_list(content):
        plain = not content or (len(content) == 1 and _is_string(content))
        return [decode_block(block) for block in content], LIST if plain else None
    if content is None:
        return [], _unusual(NULL, usual)
    if content is not ABSENT:
        left["content"] = content
    return [], ABSENT


def _unusual(mark: str, usual: Void) -> str | None:
    return None if mark == usual else mark


def _is_string(blocks: list[Any]) -> bool:
    """Whether this one block is usually written as a string."""
    block: Any = blocks[0]
    return is_object(block) and len(block) == 2 and block.get("type") == "text" and is_text(block.get("text"))


def put_content(body: JsonObject, blocks: list[Any], form: tuple[str, ...], usual: Void = EMPTY) -> None:
    """Write the blocks into the message, in the spelling that was used, else in the usual one."""
    if blocks:
        text = len(blocks) == 1 and LIST not in form and _is_string(blocks)
        body["content"] = blocks[0]["text"] if text else blocks
    elif LIST in form:
        body["content"] = []
    elif ABSENT not in form:
        empty = EMPTY in form or (usual == EMPTY and NULL not in form)
        body["content"] = "" if empty else None
