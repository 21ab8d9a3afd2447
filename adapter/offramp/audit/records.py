"""The written form of one entry: a line of JSON that ends in its own hash and holds the hash of the line before.

A line is `{…,"prev":"<64 hex>","hash":"<64 hex>"}`. The hash is SHA-256 over all bytes before `,"hash"`.
"""

import hashlib
import re
from typing import Final

from pydantic_core import PydanticSerializationError, from_json, to_json

from offramp.contracts.audit import Entry
from offramp.errors import ConfigurationError
from offramp.types import Identity, JsonObject, value

FIRST: Final = "0" * 64
"""What the first line of a file holds in the place of the hash before it."""

_LINE: Final = re.compile(rb'(\{.*),"hash":"([0-9a-f]{64})"\}')
_WORD: Final = re.compile(r"\S{1,200}").fullmatch
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
    """The line of this entry, and its hash.

    Raises:
        ConfigurationError: the entry holds text with white space, or what is not JSON.
    """
    content = _content(entry)
    try:
        body = to_json({"seq": seq, "at": at, "kind": entry.kind, **content, "prev": prev})[:-1]
    except (PydanticSerializationError, ValueError) as error:
        raise ConfigurationError(f"an entry of kind {entry.kind} cannot be written as JSON", where="audit") from error
    digest = hashlib.sha256(body).hexdigest()
    return b'%b,"hash":"%b"}\n' % (body, digest.encode()), digest


def _content(entry: Entry) -> JsonObject:
    _refuse_prose(entry)
    content: JsonObject = {
        "mission": entry.mission,
        "endpoint": entry.endpoint,
        "identity": _parts(entry.identity) if entry.identity else None,
        "allowed": entry.allowed,
        "reasons": entry.reasons or None,
        "digests": entry.digests or None,
        "epoch": entry.epoch,
        "call_id": entry.call_id,
        "detail": entry.detail or None,
    }
    return {key: held for key, held in content.items() if held is not None}


def _parts(identity: Identity) -> JsonObject:
    return {part: held for part in _PARTS if (held := getattr(identity, part)) is not None}


def _refuse_prose(entry: Entry) -> None:
    """Codes and ids have no white space. What has may be a prompt, and does not come in."""
    for word in (*entry.reasons, *entry.digests):
        if not _WORD(word):
            raise _prose(entry, "reasons or digests")
    if entry.call_id is not None and not _WORD(entry.call_id):
        raise _prose(entry, "call_id")
    for key, held in entry.detail.items():
        if not _WORD(key) or (isinstance(held, str) and not _WORD(held)):
            raise _prose(entry, "detail")


def _prose(entry: Entry, place: str) -> ConfigurationError:
    return ConfigurationError(
        f"{place} of an entry of kind {entry.kind} hold more than a code",
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
