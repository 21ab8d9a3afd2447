"""What every ledger refuses, in the same words."""

from collections.abc import Sequence

from offramp.contracts.ledger import Entry, Opened
from offramp.errors import SessionError


def check_append(conversation: str, entries: Sequence[Entry], *, expected: int, found: int, erased: bool) -> None:
    """Refuse what must not be appended.

    Raises:
        SessionError: erased, another writer was first, or a conversation does not begin as it should.
    """
    check_not_erased(conversation, erased=erased)
    if found != expected:
        raise SessionError(
            f"another writer was here first: entry {found} stands, where {expected} was expected",
            where=_named(conversation),
            mend="open the session again and look at what was said before you go on",
        )
    openings = [position for position, entry in enumerate(entries, start=expected) if isinstance(entry, Opened)]
    if not entries or openings != ([0] if expected == 0 else []):
        raise SessionError(
            "a conversation begins with one `opened` entry, and has no other", where=_named(conversation)
        )


def check_not_erased(conversation: str, *, erased: bool) -> None:
    """Refuse a tombstone.

    Raises:
        SessionError: its content was erased.
    """
    if erased:
        raise SessionError("its content was erased", where=_named(conversation), mend="begin a session of another name")


def check_known(conversation: str, *, known: bool) -> None:
    """Refuse tools of a conversation that does not exist.

    Raises:
        SessionError: there is none of this id.
    """
    if not known:
        raise SessionError("there is no such conversation", where=_named(conversation))


def check_unanswered(conversation: str, *, answered: bool) -> None:
    """Refuse a second result for one call.

    Raises:
        SessionError: the call has a result.
    """
    if answered:
        raise SessionError("the tool call has a result already", where=_named(conversation))


def _named(conversation: str) -> str:
    return f"session {conversation!r}"
