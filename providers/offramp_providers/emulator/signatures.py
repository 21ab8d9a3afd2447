"""Opaque state that only its issuer can read: what an emulated vendor signs, and how it knows its own again."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["thinking", "redacted", "thought", "reasoning"]

_NONCE_BYTES: Final = 12
_PADDING_BYTES: Final = 160
"""Real signatures are a few hundred characters; a store that cuts long strings should be found out."""


class Issuer:
    """Signs thinking with a key of its own. Two issuers of different names or seeds refuse each other's blocks."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self._key = hashlib.sha256(f"emulated issuer {name} {seed}".encode()).digest()

    def sign(self, kind: Kind, text: str, nonce: bytes) -> str:
        """Seal a text; the nonce makes two seals of one text differ."""
        short = nonce[:_NONCE_BYTES].ljust(_NONCE_BYTES, b"\0")
        padding = hashlib.shake_256(self._key + short).digest(_PADDING_BYTES)
        return b64encode(short + self._seal(kind, text, short) + padding).decode()

    def has_signed(self, kind: Kind, text: str, signature: str) -> bool:
        """Whether this very text was sealed here, and neither it nor the signature was changed since."""
        try:
            raw = b64decode(signature, validate=True)
        except (NotBase64, ValueError):
            return False
        return hmac.compare_digest(self.sign(kind, text, raw[:_NONCE_BYTES]), signature)

    def _seal(self, kind: Kind, text: str, nonce: bytes) -> bytes:
        return hmac.digest(
            self._key, b"\0".join((kind.encode(), nonce, text.encode("utf-8", "surrogatepass"))), "sha256"
        )
