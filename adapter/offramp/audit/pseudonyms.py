"""Words that stand for people in the log: salted HMACs, one salt for each folder."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from offramp.errors import StateError


class Pseudonyms:
    """Gives the same word for the same name. Who deletes the salt makes all words of the folder meaningless."""

    def __init__(self, salt_file: Path) -> None:
        self._salt_file = salt_file
        self._salt: bytes | None = None

    def of(self, name: str) -> str:
        """The word for this name. Raises StateError."""
        if self._salt is None:
            self._salt = self._read_or_make()
        return f"hmac:{hmac.new(self._salt, name.encode(), hashlib.sha256).hexdigest()[:32]}"

    def _read_or_make(self) -> bytes:
        try:
            self._make()
            salt = self._salt_file.read_bytes()
        except OSError as error:
            raise StateError(
                "the salt of the decision log cannot be read", where=str(self._salt_file), mend="check its mode"
            ) from error
        if len(salt) < 32:
            raise StateError("the salt is not whole", where=str(self._salt_file), mend="restore it, or delete it")
        return salt

    def _make(self) -> None:
        """In one step: another process sees the whole salt or none, and the first one to come wins."""
        if self._salt_file.exists():
            return
        self._salt_file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._salt_file.with_name(f"salt.{os.getpid()}.{secrets.token_hex(3)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(32))
            self._salt_file.hardlink_to(draft)
        except FileExistsError:
            return
        finally:
            draft.unlink()
