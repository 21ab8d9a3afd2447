"""The written form of one entry: a line of JSON that ends in its own hash and holds the hash of the line before.

A line is `{…,"prev":"<64 hex>","hash":"<64 hex>"}`. The hash is that of a leaf of a Merkle tree (RFC 6962: SHA-256 over
a zero byte and the data) over all bytes before `,"hash"`: so one hash links the line and stands for it in the tree.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from pydantic_core import PydanticSerializationError, from_json, to_json

from offramp.audit.merkle import leaf_hash
from offramp.contracts.audit import Detail, Entry, RecordKind
from offramp.contracts.remembered import Remembered
from offramp.errors import ConfigurationError
from offramp.types import Identity, JsonObject, value

FIRST: Final = "0" * 64
"""What the first line of a file holds in the place of the hash before it."""

_LINE: Final = re.compile(rb'(\{.*),"hash":"([0-9a-f]{64})"\}')
_LONGEST: Final = 200
_WORD: Final = re.compile(r"\S{1,200}").fullmatch
_ID: Final = re.compile(r"[!#-\[\]-~]{1,200}").fullmatch  # printable ASCII that JSON need not escape
_PARTS: Final = ("developer", "host", "model", "endpoint", "reseller", "region", "agreement", "account")


@value
class Record:
    """A line as it was read back."""

    seq: int
    kind: str
    at: str
    """UTC, ISO 8601."""
    prev: str
    hash: str
    content: JsonObject


def write_line(entry: Entry, *, seq: int, at: str, prev: str) -> tuple[bytes, str]:
    """The line of this entry, and its hash. Raises as `content_of`."""
    return link(content_of(entry), seq=seq, at=at, prev=prev)


def link(content: str, *, seq: int, at: str, prev: str) -> tuple[bytes, str]:
    """The line that holds this content in its place, and its hash."""
    body = f'{{"seq":{seq},"at":"{at}",{content},"prev":"{prev}"'.encode()
    digest = leaf_hash(body).hex()
    return b'%b,"hash":"%b"}\n' % (body, digest.encode()), digest


def content_of(entry: Entry) -> str:
    """All of an entry's line that does not depend on its place.

    Raises:
        ConfigurationError: the entry holds text with white space, or what is not JSON.
    """
    try:
        kept = _standing.of(
            entry.kind, entry.mission, entry.endpoint, entry.identity, entry.allowed, entry.reasons, entry.digests
        )
        return (
            kept
            + in_call(entry.kind, epoch=entry.epoch, call_id=entry.call_id)
            + (f',"detail":{detail_of(entry.kind, entry.detail)}' if entry.detail else "")
        )
    except (PydanticSerializationError, ValueError) as error:
        raise ConfigurationError(f"an entry of kind {entry.kind} cannot be written as JSON", where="audit") from error


def standing_of(
    kind: RecordKind,
    mission: str | None,
    endpoint: str | None,
    identity: Identity | None,
    allowed: bool | None,  # noqa: FBT001  # what is remembered is found by position
    reasons: tuple[str, ...],
    digests: tuple[str, ...],
) -> str:
    """What does not change from line to line. Raises ConfigurationError where it holds more than codes."""
    for word in (*reasons, *digests):
        if not _WORD(word):
            raise _prose(kind, "reasons or digests")
    content = {
        "kind": kind,
        "mission": mission,
        "endpoint": endpoint,
        "identity": _given(identity) if identity else None,
        "allowed": allowed,
        "reasons": reasons or None,
        "digests": digests or None,
    }
    return to_json({key: held for key, held in content.items() if held is not None})[1:-1].decode()


def _given(identity: Identity) -> dict[str, str]:
    return {part: held for part in _PARTS if (held := getattr(identity, part)) is not None}


_standing: Final = Remembered(standing_of)
"""What all lines of one mission, endpoint and verdict share, checked and encoded once: each call writes three."""


def in_call(kind: RecordKind, *, epoch: int | None, call_id: str | None) -> str:
    """What each line of a call has of its own. Raises ConfigurationError where the id may be prose."""
    written = "" if epoch is None else f',"epoch":{epoch}'
    if call_id is not None:
        # Ours are letters and digits alone, which is seen quicker.
        if not (call_id.isalnum() and call_id.isascii() and len(call_id) <= _LONGEST) and not _ID(call_id):
            raise _prose(kind, "call_id")
        written += f',"call_id":"{call_id}"'
    return written


def detail_of(kind: RecordKind, detail: Mapping[str, Detail]) -> str:
    """Codes, ids and counts as JSON; of what nobody can change it is remembered.

    Raises:
        ConfigurationError: there is white space in it, so it may be a prompt.
    """
    holder: type[object] = type(detail)
    return _details.of(kind, detail) if holder is MappingProxyType else _written_detail(kind, detail)


def _written_detail(kind: RecordKind, detail: Mapping[str, Detail]) -> str:
    for key, held in detail.items():
        if not _WORD(key) or (isinstance(held, str) and not _WORD(held)):
            raise _prose(kind, "detail")
    return to_json(dict(detail)).decode()


_details: Final = Remembered(_written_detail)


def _prose(kind: RecordKind, place: str) -> ConfigurationError:
    return ConfigurationError(
        f"{place} of an entry of kind {kind} hold more than a code",
        where="audit",
        mend="record codes and ids only",
    )


def leaf_of(line: bytes) -> bytes:
    """What stands for a line without its line feed in the tree: the hash that it should bear."""
    return leaf_hash(line.rpartition(b',"hash":"')[0])


def read_line(line: bytes) -> Record | None:
    """The record of a line without its line feed; None where it is not one, or does not bear its own hash."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    body, digest = match[1], match[2].decode()
    if leaf_hash(body).hex() != digest:
        return None
    try:
        content = from_json(body + b"}")
        if datetime.fromisoformat(content["at"]).tzinfo is None:
            return None
        return Record(content["seq"], content["kind"], content["at"], content["prev"], digest, content)
    except (ValueError, KeyError, TypeError):
        return None


def identity_of(content: JsonObject | None) -> Identity | None:
    """The identity that a line names; None where it names none, or not all that one needs."""
    try:
        return Identity(**{name: held for name, held in (content or {}).items() if name in _PARTS})
    except TypeError:
        return None
