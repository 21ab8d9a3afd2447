"""Policy files as they were read: the content, where it stands, and the digest of its bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from typing import Generic, TypeVar

from offramp.contracts.declaration import Declaration, Organisation, WaiverFile
from offramp.contracts.policy import PolicyContract
from offramp.types import value

ContentT = TypeVar("ContentT")


@value
class Unreadable:
    """A file that could not be read. What it forbids is not known, so it denies everything it might have bound."""

    _: KW_ONLY
    where: str
    what: str
    """The error, in one line."""


@value
class Loaded(Generic[ContentT]):
    """A file that was read and found well-formed."""

    content: ContentT
    _: KW_ONLY
    where: str
    """The file's name, for people."""
    sha256: str
    """Of the bytes of the file."""
    signed_by: tuple[str, ...] = ()
    """Whose signatures hold. Empty: unsigned."""
    shipped: bool = False
    """Whether it came inside an installed package, and is trusted as its code is."""
    instead_of: Unreadable | None = None
    """What was refused, where this is the last one that was good."""


@value
class PolicySources:
    """All files that have a say in one mission."""

    _: KW_ONLY
    declaration: Loaded[Declaration] | Unreadable
    organisations: Sequence[Loaded[Organisation] | Unreadable]
    """What the organisation approves, adopts and waives."""
    contracts: Sequence[Loaded[PolicyContract] | Unreadable]
    """Floors of the organisation's own, carry-over, channel, vendor and agreement, of every endpoint."""
    remembered: Sequence[Loaded[PolicyContract]] = ()
    """Carry-over contracts of endpoints that were left without any file that tells of it. They only forbid."""
    waivers: Sequence[Loaded[WaiverFile] | Unreadable] = ()
    """Files of waivers, beside those in an organisation's own file."""
    former_declarations: Sequence[Loaded[Declaration]] = ()
    """Earlier declarations of the mission, for conversations that began under them."""
    allow_unreviewed: bool = False
    """Use unreviewed contracts; an organisation's file may say so too. Shown on every decision."""
    unresearched: frozenset[str] = frozenset()
    """Endpoints whose vendor ships no contract. Denied until one of yours names their host, reseller or endpoint."""


def repeated(contracts: Sequence[Loaded[PolicyContract] | Unreadable]) -> Iterator[tuple[str, Loaded[PolicyContract]]]:
    """Contracts of one name and version that stand in two files: which of them was meant is not known."""
    first: dict[tuple[str | tuple[str, ...], ...], str] = {}
    for one in contracts:
        if isinstance(one, Loaded) and not one.shipped:
            read = one.content
            where = first.setdefault((read.layer, read.name, read.version, read.carried_from), one.where)
            if where != one.where:
                yield where, one
