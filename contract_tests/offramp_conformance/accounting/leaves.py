"""An accountant that shares nothing with the codecs: what of one canonical value is missing, changed, moved or new in
another, and which of that the losses do not name."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any, Final, TypeGuard, cast

from offramp.types import Loss, Message, Origin, ToolResult

ABSENT, CHANGED, NEW, PLACE, BOUNDARY, RETYPED, JOINED, SHELL = (
    "absent",
    "changed",
    "new",
    "place",
    "boundary",
    "retyped",
    "joined",
    "shell",
)
"""What a loss excuses: a leaf that is gone, has another value, or was not there before; a part in another place; two
messages in one; a part that became a text of the same words; texts in one; an emptied message,
but none of its parts."""

_BY_ACTION: Final[dict[str, tuple[str, ...]]] = {
    "dropped": (ABSENT,),
    "moved": (PLACE,),
    "rewritten": (CHANGED,),
    "emulated": (CHANGED,),
    "clamped": (CHANGED,),
    "injected": (NEW,),
}

_BY_CODE: Final[dict[str, tuple[str, ...]]] = {
    "message.merged": (BOUNDARY,),
    "message.empty": (SHELL,),
    "message.dropped": (SHELL,),
    "text.joined": (JOINED, BOUNDARY),
    "refusal.rewritten": (RETYPED,),
    "media.rewritten": (RETYPED,),
    "arguments.injected": (NEW, CHANGED),
    "output.name.injected": (NEW, CHANGED),
    "media_type.injected": (NEW, CHANGED),
    "schema.injected": (NEW, CHANGED),
    "schema.nullable": (NEW, CHANGED, ABSENT),
    "schema.keyword": (ABSENT, CHANGED),
    "output.description": (ABSENT,),
    "tool_choice.injected": (NEW,),
    "tool_choice.emulated": (ABSENT, CHANGED),
    "response_id": (ABSENT, CHANGED),
    "schema.strict": (CHANGED, ABSENT),
    "reasoning.budget": (CHANGED, ABSENT),
    "outcome.rewritten": (CHANGED, ABSENT),
    "media_type": (CHANGED, ABSENT),
    "usage": (CHANGED, ABSENT),
    "reasoning.effort": (CHANGED, ABSENT),
}
"""Where the action alone would excuse too much or too little."""

_ALSO_NEW: Final[dict[str, tuple[str, ...]]] = {
    "tools.injected": ("tool_choice",),  # the model is kept from calling what is declared for the history's sake
    "output.description": ("output.schema.description",),
    # The effort `none` and the mode `off` are said by each other, where the wire has one of them only.
    "reasoning.effort": ("reasoning.mode", "reasoning.effort"),
}
"""A second place where something new belongs to the same loss."""

UNSAID: Final = frozenset({"wire", "origin", "type", "messages", "tools", "parts"})
"""Fields that a plain comparison leaves out: residue (stripped before), provenance (stamped by the reader), and what is
aligned instead."""


@dataclass
class Item:
    """A part, or a message without parts, and where it stands."""

    path: str
    message: str
    role: str
    part: Any
    origin: Origin | None = None
    holder: "Item | None" = None
    """The tool result that holds it."""
    twin: "Item | None" = None
    """Its like on the other side."""
    order: int = 0


def names_of(node: Any) -> tuple[str, ...]:
    """The fields of a value, in order."""
    kind = cast("Any", type(node))
    return _names(kind)


@cache
def _names(cls: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(cls))


def is_object(node: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is a JSON object."""
    return isinstance(node, dict)


def is_list(node: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return isinstance(node, list)


def _is_sequence(node: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(node, list | tuple)


def strip_wire(node: Any) -> Any:
    """The value without any residue or spelling, so that nothing passes by smuggling."""
    if type(node) is tuple:
        return tuple([strip_wire(each) for each in cast("tuple[object, ...]", node)])
    if not is_dataclass(node) or isinstance(node, type):
        return node
    before = {name: getattr(node, name) for name in names_of(node)}
    after = {name: None if name == "wire" else strip_wire(held) for name, held in before.items()}
    changed = {name: held for name, held in after.items() if held is not before[name]}
    return replace(node, **changed) if changed else node


def same(one: Any, other: Any) -> bool:
    """Equality by JSON: 1 is not True."""
    if one is other:
        return True
    if type(one) is type(other) and isinstance(one, str | int | float):
        return bool(one == other)
    return one == other and _spelled(one) == _spelled(other)


def _spelled(node: Any) -> str:
    if isinstance(node, float) and node.is_integer():
        node = int(node)
    return json.dumps(node, sort_keys=True, default=repr)


class Account:
    """The losses of one crossing, asked for what they excuse."""

    def __init__(self, losses: Sequence[Loss]) -> None:
        self._excuses = [(loss.path, loss.code, _BY_CODE.get(loss.code, _BY_ACTION[loss.action])) for loss in losses]

    def excuses(self, path: str, what: str) -> bool:
        """Whether a loss at the path, or at a node above it, excuses this."""
        if what == CHANGED and path.endswith(".type") and ".schema." not in path:
            # Another kind of value is named at the field that only the first kind has.
            gone = (each for each in self._excuses if CHANGED in each[2] or ABSENT in each[2])
            return any(is_under(node, path[:-5]) for node, _, _ in gone)
        if what == NEW and path.endswith(".anyOf") and self.excuses(f"{path[:-5]}oneOf", CHANGED):
            return True
        for node, code, kinds in self._excuses:
            if (what in kinds and is_under(path, node)) or (what == NEW and path in _ALSO_NEW.get(code, ())):
                return True
        return False

    def has(self, codes: Iterable[str], path: str | None = None) -> bool:
        """Whether there is a loss of one of the codes, at or beneath the path."""
        return any(code in codes and (path is None or is_under(node, path)) for node, code, _ in self._excuses)

    def moved(self, item: Item) -> bool:
        """Whether the item, its holder or its message may stand elsewhere."""
        held = item.holder is not None and self.moved(item.holder)
        return held or self.excuses(item.path, PLACE) or self.excuses(f"{item.message}.role", PLACE)


def is_under(path: str, node: str) -> bool:
    """Whether the path is the node's or leads beneath it."""
    return path == node or (path.startswith(node) and path[len(node)] in ".[") if node else False


def items_of(messages: Sequence[Message]) -> list[Item]:
    """Every part in order, a tool result before what it holds."""
    found: list[Item] = []
    for position, message in enumerate(messages):
        where = f"messages[{position}]"
        if not message.parts:
            found.append(Item(where, where, message.role, None))
        for place, part in enumerate(message.parts):
            author = part.origin or message.origin
            item = Item(f"{where}.parts[{place}]", where, message.role, part, author)
            found.append(item)
            if isinstance(part, ToolResult):
                inner = enumerate(part.parts)
                found += [Item(f"{item.path}.parts[{n}]", where, message.role, each, author, item) for n, each in inner]
    for order, item in enumerate(found):
        item.order = order
    return found


def differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, str, Any, Any]]:
    """Every leaf that differs: what happened to it, where, and both values."""
    if is_dataclass(before) and type(before) is type(after):
        for name in names_of(before):
            one, other = getattr(before, name), getattr(after, name)
            if name not in UNSAID and one is not other:
                yield from differences(one, other, f"{path}.{name}" if path else name)
    elif is_dataclass(before) and (after is None or is_dataclass(after)):
        yield from _replaced(before, after, path)
    elif is_object(before) and is_object(after):
        for key in before.keys() | after.keys():
            yield from differences(before.get(key), after.get(key), f"{path}.{key}")
    elif _is_sequence(before) and _is_sequence(after) and _alike(before, after):
        for position, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}[{position}]")
    elif not same(before, after):
        yield (NEW if before in (None, ()) else ABSENT if after in (None, ()) else CHANGED), path, before, after


def _alike(before: Sequence[Any], after: Sequence[Any]) -> bool:
    return type(before) is type(after) and len(before) == len(after)


def _replaced(before: Any, after: Any, path: str) -> Iterator[tuple[str, str, Any, Any]]:
    """The leaves of a value that gave way to nothing, or to one of another kind."""
    if after is not None:
        yield CHANGED, f"{path}.type", before.type, after.type
    names = [name for name in names_of(before) if name not in UNSAID]
    given = [name for name in names if getattr(before, name) is not None]
    for name in given:
        yield from differences(getattr(before, name), getattr(after, name, None), f"{path}.{name}")
    if after is None and not given:
        yield ABSENT, path, before, after


def kept(sequence: Sequence[Any], path: str, account: Account) -> list[tuple[str, Any]]:
    """Path and value of each element that no loss excuses as gone."""
    places = ((f"{path}[{n}]", each) for n, each in enumerate(sequence))
    return [(place, each) for place, each in places if not account.excuses(place, ABSENT)]
