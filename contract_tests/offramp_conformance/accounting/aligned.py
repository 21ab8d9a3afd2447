"""Sets the parts of two conversations side by side, and tells in words every difference that no loss names."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from offramp.types import Cache, Media, Message, Reasoning, Text, TextSource, ToolCall, ToolResult, Unknown
from offramp_conformance.accounting.leaves import (
    ABSENT,
    BOUNDARY,
    CHANGED,
    JOINED,
    RETYPED,
    SHELL,
    Account,
    Item,
    differences,
    is_object,
    items_of,
    kept,
)
from offramp_conformance.accounting.neutral import is_neutral, is_required


def unaccounted_messages(
    before: Sequence[Message], after: Sequence[Message], account: Account, dialect: str
) -> list[str]:
    """Every part is on the other side, in its order, role and message, or under a loss; and nothing is new unnamed."""
    faults: list[str] = []
    ours, theirs = _joined(items_of(before), account), items_of(after)
    free = list(theirs)
    for item in ours:
        if account.excuses(item.path, SHELL if item.part is None else ABSENT):
            continue
        twin = next((each for each in free if _is_like(item, each, account)), None)
        if twin is None:
            faults.append(f"missing {item.path}: {item.part!r}")
            continue
        free.remove(twin)
        item.twin, twin.twin = twin, item
        faults += _part_faults(item, twin, account, dialect)
    faults += [f"new {each.path}: {each.part!r}" for each in free if not _is_injected(each, ours, account)]
    return faults + list(_order_faults(ours, account)) + list(_message_faults(before, after, ours, account))


def _joined(items: list[Item], account: Account) -> list[Item]:
    """The items with texts put together where a loss says so."""
    found: list[Item] = []
    for item in items:
        spoken = _spoken(item, account)
        alike = (each for each in reversed(found) if type(_spoken(each, account)) is type(spoken))
        earlier = next((each for each in alike if not account.excuses(each.path, ABSENT)), None)
        if (
            earlier is not None
            and hasattr(spoken, "text")
            and (earlier.message, earlier.holder) == (item.message, item.holder)
            and account.excuses(item.path, JOINED)
        ):
            before = _spoken(earlier, account)
            earlier.part = replace(before, text=before.text + spoken.text, **_added(earlier, item, account))
            continue
        found.append(item)
    return found


def _spoken(item: Item, account: Account) -> Any:
    """The part, or the text that it has become where a loss says so and nothing else that it said is unnamed."""
    part = item.part
    unnamed = [
        name
        for name in ("name", "detail", "category")
        if getattr(part, name, None) is not None and not account.excuses(f"{item.path}.{name}", ABSENT)
    ]
    if isinstance(part, Text | Reasoning) or unnamed or not account.excuses(item.path, RETYPED):
        return part
    return Text(_words(part), origin=part.origin)


def _added(one: Item, other: Item, account: Account) -> dict[str, Any]:
    """The citations of both, as far as they are not named."""
    if not isinstance(one.part, Text):
        return {}
    sides = [each for each in (one, other) if not account.excuses(f"{each.path}.citations", ABSENT)]
    return {"citations": tuple(citation for side in sides for citation in getattr(side.part, "citations", ()))}


def _is_like(ours: Item, theirs: Item, account: Account) -> bool:
    if ours.part is None or theirs.part is None:
        return ours.part is theirs.part
    if ours.holder is None or theirs.holder is None:
        if ours.holder is not theirs.holder and not account.moved(ours):
            return False
    elif ours.holder.twin is not theirs.holder:
        return False
    one, other = ours.part, _without_status(ours, theirs.part, account)
    if type(one) is type(other):
        return bool(_core(one, ours, account) == _core(other, ours, account))
    return account.excuses(ours.path, RETYPED) and isinstance(other, Text) and other.text == _words(one)


def _without_status(ours: Item, other: Any, account: Account) -> Any:
    """A result's text without the status before it, where a loss says so and the wire has one text for both."""
    holder = ours.holder
    if (
        holder is None
        or not isinstance(other, Text)
        or not account.has(["tool_result.status"], f"{holder.path}.status")
    ):
        return other
    return replace(other, text=other.text.removeprefix(f"[{holder.part.status}] "))


def _words(part: Any) -> Any:
    return (
        part.source.text
        if isinstance(part, Media) and isinstance(part.source, TextSource)
        else getattr(part, "text", None)
    )


def _core(part: Any, ours: Item, account: Account) -> Any:
    """By what a part is known again."""
    call_id = None if account.excuses(f"{ours.path}.call_id", CHANGED) else getattr(part, "call_id", None)
    if isinstance(part, ToolCall):
        return call_id, part.name
    if isinstance(part, ToolResult):
        return call_id
    part = _with_mark(part)
    return getattr(part, "text", None) or getattr(part, "source", None) or getattr(part, "raw", None)


def _part_faults(ours: Item, theirs: Item, account: Account, dialect: str) -> Iterator[str]:
    one, other = ours.part, _without_status(ours, theirs.part, account)
    if one is None:
        return
    as_turn = {ours.role, theirs.role} == {"user", "tool"} and isinstance((ours.holder or ours).part, ToolResult)
    role = f"{ours.message}.role"
    if ours.role != theirs.role and not (as_turn or account.moved(ours) or account.excuses(role, CHANGED)):
        yield f"role of {ours.path}: {ours.role} → {theirs.role}"
    if type(one) is not type(other):
        other = replace(one, **{name: getattr(other, name) for name in ("cache", "opaque")}, **_unsayable(one))
    own = dialect if ours.origin is not None and ours.origin.dialect == dialect else ""
    one = replace(one, opaque=tuple(each for _, each in kept(one.opaque, f"{ours.path}.opaque", account)))
    for what, path, was, has in differences(one, _with_mark(other), ours.path):
        if not (account.excuses(path, what) or is_neutral(own, path, was, has) or is_required(dialect, path, was, has)):
            yield f"{what} {path}: {was!r} → {has!r}"


def _with_mark(part: Any) -> Any:
    """A block without a name, and the cache mark that stands in it."""
    raw: Any = part.raw if isinstance(part, Unknown) else None
    if not is_object(raw) or "cache_control" not in raw:
        return part
    cache = Cache({"5m": 300, "1h": 3600}.get(raw["cache_control"].get("ttl")))
    return replace(part, raw={key: each for key, each in raw.items() if key != "cache_control"}, cache=cache)


def _unsayable(part: Any) -> dict[str, Any]:
    """What a text has no field for: gone, unless named."""
    return {name: None for name in ("name", "detail", "category") if hasattr(part, name)}


def _is_injected(theirs: Item, ours: list[Item], account: Account) -> bool:
    """Whether a loss says that this was put in."""
    if isinstance(theirs.part, ToolResult):
        calls = [
            each
            for each in ours
            if isinstance(each.part, ToolCall) and account.has(["tool_result.injected"], each.path)
        ]
        return any(each.twin is not None and each.twin.part.call_id == theirs.part.call_id for each in calls)
    if theirs.holder is not None:
        twin = theirs.holder.twin
        return (
            _is_injected(theirs.holder, ours, account)
            if twin is None
            else account.has(["tool_result.status"], f"{twin.path}.status")
        )
    return isinstance(theirs.part, Text) and account.has(["text.injected", "media.moved"])


def _order_faults(ours: list[Item], account: Account) -> Iterator[str]:
    """Order and message boundaries of what was not named as moved."""
    stay = [item for item in ours if item.twin is not None and item.part is not None and not account.moved(item)]
    for one, other in pairwise(stay):
        if one.twin is None or other.twin is None:
            continue
        if one.twin.order > other.twin.order:
            yield f"order of {one.path} and {other.path}"
        together = one.message == other.message
        if together == (one.twin.message == other.twin.message):
            continue
        split = together and "tool" in (one.twin.role, other.twin.role) and other.role in ("user", "tool")
        if not split and (together or not _is_merged(other, account)):
            yield f"boundary between {one.path} and {other.path}"


def _is_merged(item: Item, account: Account) -> bool:
    return account.excuses(item.message, BOUNDARY) or account.has(["message.merged"], item.message)


def _message_faults(
    before: Sequence[Message], after: Sequence[Message], ours: list[Item], account: Account
) -> Iterator[str]:
    for position, message in enumerate(before):
        path = f"messages[{position}]"
        if account.excuses(path, SHELL):
            continue
        twin = next((each.twin for each in ours if each.message == path and each.twin is not None), None)
        if twin is None:
            yield f"message gone: {path}"
            continue
        other = after[int(twin.message[9:-1])]
        for name in ("name", "status"):
            was, has = getattr(message, name), getattr(other, name)
            if was != has and not account.excuses(f"{path}.{name}", ABSENT):
                yield f"{path}.{name}: {was!r} → {has!r}"
