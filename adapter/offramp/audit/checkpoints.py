"""Checkpoints: how many lines a log had, and the root of the Merkle tree over them. Signed, where there is a key.

The form is C2SP's `tlog-checkpoint` in a `signed-note` (https://c2sp.org, read 2026-11-26). A leaf is a line up to
its own hash, which is the leaf's. Each file of the log is a tree of its own; its origin, and the name of the key that
signs it, is `offramp-audit/` and the file's name. A file of checkpoints holds notes one after the other, each followed
by an empty line; an unsigned one has no line of signatures.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from offramp.ed25519 import PrivateKey, is_signed
from offramp.types import value

ENDING: Final = ".checkpoints"
_ORIGIN: Final = "offramp-audit/"
_TEXT: Final = re.compile(r"([^\s+]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)")
_SIGNATURE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_ED25519: Final = b"\x01"


@value
class Checkpoint:
    """The head of a tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@value
class Note:
    """A checkpoint, and who has signed it."""

    checkpoint: Checkpoint
    signatures: tuple[tuple[str, bytes], ...] = ()
    """Name of each key, and its id (4 bytes) before the signature itself."""

    def __str__(self) -> str:
        lines = (f"— {name} {base64.b64encode(signed).decode()}\n" for name, signed in self.signatures)
        return f"{self.checkpoint.text}\n{''.join(lines)}"

    def is_signed_by(self, public: bytes) -> bool:
        """Whether one of the signatures is this key's. Raises ValueError, MissingExtraError as `is_signed`."""
        known, text = _key_id(self.checkpoint.origin, public), self.checkpoint.text.encode()
        return any(
            name == self.checkpoint.origin
            and signed[:4] == known
            and is_signed(text, signed[4:], public, needed_for="verifying checkpoints")
            for name, signed in self.signatures
        )


def origin_of(log_file: str) -> str:
    """The origin of the tree over a file's lines."""
    return _ORIGIN + log_file


def log_file_of(origin: str) -> str | None:
    """The name of the file whose lines make the tree; None where the origin is another's."""
    name = origin.removeprefix(_ORIGIN)
    return name if name != origin and name and "/" not in name and "\\" not in name else None


def beside(log_file: Path) -> Path:
    """Where the checkpoints of a file of the log are kept."""
    return log_file.with_suffix(ENDING)


def note_of(checkpoint: Checkpoint, key: PrivateKey | None) -> Note:
    """The checkpoint, signed where there is a key."""
    if key is None:
        return Note(checkpoint)
    signed = _key_id(checkpoint.origin, key.public) + key.sign(checkpoint.text.encode())
    return Note(checkpoint, ((checkpoint.origin, signed),))


def write_notes(notes: Iterable[Note]) -> bytes:
    """Notes as they stand in a file of checkpoints."""
    return "".join(f"{note}\n" if note.signatures else str(note) for note in notes).encode()


def read_notes(content: bytes) -> tuple[Note, ...]:
    """The notes of a file of checkpoints, or a single note. Raises ValueError where it holds anything else."""
    text = content.decode()
    blocks = text.removesuffix("\n").removesuffix("\n").split("\n\n") if text else []
    if text and not text.endswith("\n"):
        raise ValueError("the last note has no end")
    return tuple(_notes(blocks))


def _notes(blocks: Sequence[str]) -> Iterator[Note]:
    held: Checkpoint | None = None
    for block in blocks:
        if block.startswith("— "):
            if held is None:
                raise ValueError("signatures stand without a checkpoint")
            yield Note(held, tuple(map(_signature, block.split("\n"))))
            held = None
        else:
            if held is not None:
                yield Note(held)
            held = _checkpoint(block)
    if held is not None:
        yield Note(held)


def _checkpoint(block: str) -> Checkpoint:
    match = _TEXT.fullmatch(block)
    if match is None:
        raise ValueError("this is no checkpoint")
    return Checkpoint(match[1], int(match[2]), base64.b64decode(match[3], validate=True))


def _signature(line: str) -> tuple[str, bytes]:
    match = _SIGNATURE.fullmatch(line)
    if match is None:
        raise ValueError("this is no line of a signature")
    try:
        return match[1], base64.b64decode(match[2], validate=True)
    except binascii.Error as error:
        raise ValueError("a signature is not base64") from error


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]
