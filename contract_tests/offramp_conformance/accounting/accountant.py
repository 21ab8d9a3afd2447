"""Holds two sides of a crossing against each other, and tells in words every difference that no loss names."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from offramp.types import (
    AnyResponse,
    GenerateRequest,
    Loss,
    OutcomeKind,
)
from offramp_conformance.accounting.aligned import unaccounted_messages
from offramp_conformance.accounting.leaves import (
    ABSENT,
    CHANGED,
    NEW,
    Account,
    differences,
    kept,
)
from offramp_conformance.accounting.neutral import is_neutral

_ALIGNED: Final = ("stop", "routing", "tools")


_OWN_WORDS: Final = ("outcome.raw", "usage.raw")
"""The vendor's own word and counts, kept beside ours: no other wire has a place for them."""

_EMPTIED: Final = ("new messages[0]: None", "message gone: messages[0]")


def unaccounted_request(
    before: GenerateRequest, after: GenerateRequest, losses: Sequence[Loss], dialect: str
) -> list[str]:
    """What differs between a request and what the other side reads, and is named nowhere.

    Args:
        before: what was encoded, without residue.
        after: what was decoded on the other side.
        losses: of the encoding.
        dialect: the wire between them.
    """
    account = Account(losses)
    faults = [f"a loss without a place: {loss.code}" for loss in losses if not loss.path]
    plain = {name: getattr(after, name) for name in _ALIGNED}
    # A choice among tools none of which arrives means nothing; that they do not is told below.
    whole = before if after.tools else replace(before, tools=())
    faults += _plain(replace(before, **plain), after, account, dialect, whole)
    for name in _ALIGNED:
        faults += _sequence(before, name, getattr(after, name), account, dialect)
    return faults + unaccounted_messages(before.messages, after.messages, account, dialect)


def unaccounted_response(before: AnyResponse, after: AnyResponse, losses: Sequence[Loss], dialect: str) -> list[str]:
    """The same for an answer."""
    account = Account(losses)
    faults: list[str] = []
    for name in ("outcome", "usage"):
        for what, path, one, other in differences(getattr(before, name), getattr(after, name), name):
            if not (
                path.startswith(_OWN_WORDS) or account.excuses(path, what) or is_neutral(dialect, path, one, other)
            ):
                faults.append(f"{what} {path}: {one!r} → {other!r}")
    # A failure before anything was said is told as an error, which names nobody.
    failed = before.outcome.kind is OutcomeKind.ERROR and not (before.message.parts or after.message.parts)
    for name in () if failed else ("model", "response_id"):
        one, other = getattr(before.origin, name, None), getattr(after.origin, name, None)
        what = NEW if one is None else ABSENT if other is None else CHANGED
        if one != other and not account.excuses(f"origin.{name}", what):
            faults.append(f"origin.{name}: {one!r} → {other!r}")
    if len(before.alternatives) != len(after.alternatives) and not account.excuses("alternatives", ABSENT):
        faults.append("alternatives")
    own = [
        replace(loss, path=f"messages[0]{loss.path.removeprefix('message')}") for loss in losses if _is_of_message(loss)
    ]
    # Whether the message is complete follows from the outcome.
    said = replace(before.message, status=after.message.status)
    faults += unaccounted_messages((said,), (after.message,), Account(own), dialect)
    # An answer has its message even when nothing of it could be said.
    return [fault for fault in faults if fault not in _EMPTIED]


def _is_of_message(loss: Loss) -> bool:
    return loss.path == "message" or loss.path.startswith("message.")


def _plain(before: Any, after: Any, account: Account, dialect: str, whole: GenerateRequest) -> Iterator[str]:
    for what, path, one, other in differences(before, after):
        if not (account.excuses(path, what) or is_neutral(dialect, path, one, other, whole)):
            yield f"{what} {path}: {one!r} → {other!r}"


def _sequence(
    whole: GenerateRequest, name: str, after: Sequence[Any] | None, account: Account, dialect: str
) -> Iterator[str]:
    before: Sequence[Any] | None = getattr(whole, name)
    left = kept(before or (), name, account)
    shorter = account.excuses(name, ABSENT) or account.excuses(name, CHANGED)
    if len(left) > len(after or ()) and not shorter:
        yield f"{name}: {len(left)} → {len(after or ())}"
    if len(left) < len(after or ()) and not account.excuses(name, NEW):
        yield f"{name}: new"
    if before == () and after is None and not (shorter or is_neutral(dialect, name, before, after)):
        yield f"{name}: {before!r} → {after!r}"
    for (path, one), other in zip(left, after or (), strict=False):
        for what, below, was, has in differences(one, other, path):
            if not (account.excuses(below, what) or is_neutral(dialect, below, was, has, whole)):
                yield f"{what} {below}: {was!r} → {has!r}"
