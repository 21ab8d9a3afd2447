"""Ed25519 keys and signatures. The cryptography package is an extra, and is imported here alone."""

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.errors import ConfigurationError, MissingExtraError, StateError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_NEW_KEY = "make one with `offramp keys new NAME`"


class PrivateKey:
    """A private key that was read from a file."""

    def __init__(self, key: "Ed25519PrivateKey") -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()
        """The public half, 32 bytes."""

    @property
    def public_text(self) -> str:
        """The public half in base64."""
        return base64.b64encode(self.public).decode()

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(message)


def read_private_key(path: Path, *, needed_for: str) -> PrivateKey:
    """Read an unencrypted PEM file.

    Raises:
        ConfigurationError: it cannot be read, or holds something else.
        MissingExtraError: the extra `sign` is not installed.
    """
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise MissingExtraError("sign", needed_for=needed_for) from error
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ConfigurationError("the key file cannot be read", where=str(path), mend="check path and mode") from error
    except (ValueError, TypeError) as error:
        raise ConfigurationError("this is no unencrypted PEM key", where=str(path), mend=_NEW_KEY) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise ConfigurationError("this is not an Ed25519 key", where=str(path), mend=_NEW_KEY)
    return PrivateKey(private)


def is_signed(message: bytes, signature: bytes, public: bytes, *, needed_for: str) -> bool:
    """Whether the signature is this key's, over this message.

    Raises:
        ValueError: the key is not an Ed25519 key.
        MissingExtraError: the extra `sign` is not installed.
    """
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise MissingExtraError("sign", needed_for=needed_for) from error
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def why_not_signed(
    message: bytes, signature: str, public_key: str, *, by: str, what: str, needed_for: str
) -> str | None:
    """Why a signature in base64 does not hold by a key in base64; None: it holds. Never raises: a doubt is a no.

    Args:
        message: the bytes that were to be signed.
        signature: in base64.
        public_key: in base64.
        by: whose signature it is to be, for the answer, such as "this operator".
        what: what was signed, for the answer, such as "the order".
        needed_for: what the extra would be needed for.
    """
    try:
        public = base64.b64decode(public_key, validate=True)
        if not is_signed(message, base64.b64decode(signature, validate=True), public, needed_for=needed_for):
            return f"the signature is not {by}'s, or {what} was changed after it"
    except MissingExtraError as error:
        return str(error)
    except ValueError:
        return "the key or the signature is not Ed25519 in base64"
    return None


def make_key_pair(path: Path) -> str:
    """Write a new private key, readable by its owner alone, and give its public half in base64.

    Raises:
        StateError: the file exists or cannot be written.
        MissingExtraError: the extra `sign` is not installed.
    """
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ImportError as error:
        raise MissingExtraError("sign", needed_for="signing") from error
    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
    except FileExistsError as error:
        raise StateError("the key file exists already", where=str(path), mend="choose another name") from error
    except OSError as error:
        raise StateError("the key file cannot be written", where=str(path), mend="check folder and mode") from error
    return PrivateKey(private).public_text
