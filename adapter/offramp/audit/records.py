"""The written form of one entry: a line of JSON that ends in its own hash and holds the hash of the line before.

A line is `{…,"prev":"<64 hex>","hash":"<64 hex>"}`. The hash is SHA-256 over all bytes before `,"hash"`.
"""

import hashlib
import re
from functools import lru_cache
from operator import attrgetter
from typing import Final

from pydantic_core import PydanticSerializationError, from_json, to_json

from offramp.contracts.audit import Entry, RecordKind
from offramp.errors import ConfigurationError
from offramp.types import JsonObject, value

FIRST: Final = "0" * 64
"""What the first line of a file holds in the place of the hash before it."""

_LINE: Final = re.compile(rb'(\{.*),"hash":"([0-9a-f]{64})"\}')
_WORD: Final = re.compile(r"\S{1,200}").fullmatch
_PLAIN: Final = re.compile(
    rb'(?:[^"\\\x00-\x20\x7f-\xff]*"[^"\\\x00-\x20\x7f-\xff]{1,200}")*[^"\\\x00-\x20\x7f-\xff]*'
).fullmatch
"""JSON whose every text is such a word in ASCII. What does not match is looked at word by word."""
_PARTS: Final = ("developer", "host", "model", "endpoint", "reseller", "region", "agreement", "account")
_read_parts: Final = attrgetter(*_PARTS)


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
    """The line of this entry, and its hash.

    Raises:
        ConfigurationError: the entry holds text with white space, or what is not JSON.
    """
    who = _read_parts(entry.identity) if entry.identity is not None else None
    try:
        standing = _standing(
            entry.kind, entry.mission, entry.endpoint, who, entry.allowed, entry.reasons or None, entry.digests or None
        )
        body = b'{"seq":%d,"at":"%b",%b%b,"prev":"%b"' % (seq, at.encode(), standing, _changing(entry), prev.encode())
    except (PydanticSerializationError, ValueError) as error:
        raise ConfigurationError(f"an entry of kind {entry.kind} cannot be written as JSON", where="audit") from error
    digest = hashlib.sha256(body).hexdigest()
    return b'%b,"hash":"%b"}\n' % (body, digest.encode()), digest


@lru_cache(maxsize=1024)
def _standing(
    kind: RecordKind,
    mission: str | None,
    endpoint: str | None,
    who: tuple[str | None, ...] | None,
    allowed: bool | None,  # noqa: FBT001  # a cache takes its key by position
    reasons: tuple[str, ...] | None,
    digests: tuple[str, ...] | None,
) -> bytes:
    """What all lines of one mission, endpoint and verdict share, checked and encoded once: each call writes three."""
    for word in (*(reasons or ()), *(digests or ())):
        if not _WORD(word):
            raise _prose(kind, "reasons or digests")
    identity = {part: held for part, held in zip(_PARTS, who, strict=True) if held is not None} if who else None
    content = {
        "kind": kind,
        "mission": mission,
        "endpoint": endpoint,
        "identity": identity,
        "allowed": allowed,
        "reasons": reasons,
        "digests": digests,
    }
    return to_json({key: held for key, held in content.items() if held is not None})[1:-1]


def _changing(entry: Entry) -> bytes:
    """What each line has of its own. Codes and ids have no white space. What has may be a prompt, and stays out."""
    content: JsonObject = {}
    if entry.epoch is not None:
        content["epoch"] = entry.epoch
    if entry.call_id is not None:
        content["call_id"] = entry.call_id
    if entry.detail:
        content["detail"] = entry.detail
    if not content:
        return b""
    written = to_json(content)
    if not _PLAIN(written):
        _refuse_prose(entry)
    return b"," + written[1:-1]


def _refuse_prose(entry: Entry) -> None:
    if entry.call_id is not None and not _WORD(entry.call_id):
        raise _prose(entry.kind, "call_id")
    for key, held in entry.detail.items():
        if not _WORD(key) or (isinstance(held, str) and not _WORD(held)):
            raise _prose(entry.kind, "detail")


def _prose(kind: RecordKind, place: str) -> ConfigurationError:
    return ConfigurationError(
        f"{place} of an entry of kind {kind} hold more than a code",
        where="audit",
        mend="record codes and ids only",
    )


def read_line(line: bytes) -> Record | None:
    """The record of a line without its line feed; None where it is not one, or does not bear its own hash."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    body, digest = match[1], match[2].decode()
    if hashlib.sha256(body).hexdigest() != digest:
        return None
    try:
        content = from_json(body + b"}")
        return Record(content["seq"], content["kind"], content["at"], content["prev"], digest, content)
    except (ValueError, KeyError, TypeError):
        return None
