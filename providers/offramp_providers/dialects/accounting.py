"""How a codec keeps account: what the wire said beyond the canonical model, and what the other wire cannot say.

Default is to lose. A decoder takes keys out of a copy and keeps the rest; an encoder runs over a type's own fields, and
a field without an entry is a loss.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Final, cast

from offramp.types import (
    JsonMapping,
    JsonObject,
    Loss,
    Origin,
    Severity,
    Wire,
    replays,
)
from offramp_providers.dialects.losses import is_constraint, loss_at


class LossLog:
    """Collects losses of one encoding. A loss names the node; its path is found only when somebody asks."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: list[tuple[str, object, str | None, Severity | None]] = []

    def lose(self, code: str, node: object, field: str | None = None, *, severity: Severity | None = None) -> None:
        """Note a loss.

        Args:
            code: a key of `LOSSES`.
            node: the canonical value (part, message, tool, request, …) that is not said, or holds what is not said.
            field: what of the node; None: all of it. May go deeper, as in `stop[2]` or `wire.fields.caller`.
            severity: where this case is worse than the code's own.
        """
        self._entries.append((code, node, field, severity))

    def lose_wire(self, node: object, wire: Wire | None) -> None:
        """Note every key of residue that is not replayed. An explicit null and a mere spelling are none."""
        if wire is None:
            return
        for key, content in wire.fields.items():
            if content is not None:
                severity = Severity.MATERIAL if is_constraint(wire.dialect, key, content) else None
                self.lose("vendor_field", node, f"wire.fields.{key}", severity=severity)
        for name in wire.headers or ():
            self.lose("vendor_header", node, f"wire.headers.{name}")

    def residue(self, node: object, wire: Wire | None, origin: Origin | None, target: Origin) -> JsonMapping:
        """The residue to write back, or nothing and the losses for it. Canonical keys win: merge it *under* them."""
        if wire is None:
            return _NOTHING
        if replays(wire, origin, target):
            return wire.fields
        self.lose_wire(node, wire)
        return _NOTHING

    def resolve(self, root: object) -> tuple[Loss, ...]:
        """The losses with their paths, seen from the value that was encoded."""
        if not self._entries:
            return ()
        if all(entry[1] is root for entry in self._entries):  # the usual case; the walk costs 50 times more
            return tuple([loss_at(code, field or "", node=root, severity=how) for code, _, field, how in self._entries])
        paths = _paths_of(root)
        met: Counter[tuple[str, int, str | None]] = Counter()
        losses: list[Loss] = []
        for code, node, field, severity in self._entries:
            # A value that stands in several places loses the same at each of them, in order.
            places = paths[id(node)]
            place = places[min(met[code, id(node), field], len(places) - 1)]
            met[code, id(node), field] += 1
            path = ".".join(word for word in (place, field) if word)
            losses.append(loss_at(code, path, node=node, severity=severity))
        return tuple(losses)


_NOTHING: Final[JsonObject] = {}


def _paths_of(root: object) -> dict[int, list[str]]:
    """Where each value stands under the root, by identity: every place, in order."""
    paths: dict[int, list[str]] = {}
    waiting: list[tuple[str, object]] = [("", root)]
    while waiting:
        path, node = waiting.pop()
        paths.setdefault(id(node), []).append(path)
        waiting.extend(reversed(list(_children(path, node))))
    return paths


def _children(path: str, node: object) -> Iterable[tuple[str, object]]:
    if isinstance(node, tuple):
        for position, child in enumerate(cast("tuple[object, ...]", node)):
            if _names_of(type(child)):
                yield f"{path}[{position}]", child
        return
    for name in _names_of(type(node)):
        held: object = getattr(node, name)
        if held and (type(held) is tuple or _names_of(type(held))):
            yield f"{path}.{name}" if path else name, held


_NAMES: Final[dict[type[object], tuple[str, ...]]] = {}


def _names_of(cls: type[object]) -> tuple[str, ...]:
    """The fields of a value class, found once; none for any other."""
    names = _NAMES.get(cls)
    if names is None:
        names = _NAMES[cls] = tuple([each.name for each in fields(cls)]) if is_dataclass(cls) else ()
    return names


def take_object(left: JsonObject, key: str) -> JsonObject | None:
    """Take a nested object out of what is left to decode, as a copy; None where it is absent or no object.

    Put what remains of it back with `keep_rest`, so that residue inside of it stays where it was found.
    """
    nested: object = left.get(key)
    if not isinstance(nested, dict):
        return None
    del left[key]
    return dict(cast("JsonObject", nested))


def keep_rest(left: JsonObject, key: str, rest: JsonObject) -> None:
    """Keep what a nested object still holds as residue under its key."""
    if rest:
        left[key] = rest


def under(residue: JsonMapping, canonical: JsonObject) -> JsonObject:
    """Residue with canonical keys on top, merged through nested objects. Canonical keys win."""
    if not residue:
        return canonical
    merged = dict(residue)
    for key, content in canonical.items():
        beneath: object = merged.get(key)
        if isinstance(beneath, dict) and isinstance(content, dict):
            merged[key] = under(cast("JsonObject", beneath), cast("JsonObject", content))
        else:
            merged[key] = content
    return merged
