"""Who may approve calls and supervise missions: public keys by name, each with the roles that it may act in."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from datetime import UTC, date, datetime
from pathlib import Path

from offramp.errors import ConfigurationError
from offramp.toml_file import load_toml
from offramp.types import value


@value
class Approver:
    """One who may oversee. To withdraw the trust, delete the entry: what it has granted and nobody has used is void."""

    _: KW_ONLY
    public_key: str
    """Ed25519, 32 bytes, base64."""
    valid_until: date
    """Last day (UTC) on which what this key has granted or begun counts."""
    roles: tuple[str, ...]
    """In the very words of the declarations' evidence, such as `duty officer`."""


@value
class ApproversFile:
    """The whole of `approvers.toml`."""

    approvers: dict[str, Approver]


def load_approvers(path: Path) -> Mapping[str, Approver]:
    """Those who may oversee, by name.

    Raises:
        ConfigurationError: the file is not there or not as it should be, or one key stands under two names.
    """
    approvers = load_toml(path, ApproversFile).approvers
    owners: dict[str, str] = {}
    for name, approver in approvers.items():
        other = owners.setdefault(approver.public_key, name)
        if other != name:
            raise ConfigurationError(
                f"{other} and {name} have the same public key", where=str(path), mend="give each a key of their own"
            )
    return approvers


class Approvers:
    """The file of those who may oversee, read again whenever it has changed: a withdrawn trust holds at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int, int], Mapping[str, Approver]] | None = None

    def now(self) -> Mapping[str, Approver]:
        """As the file has them now. Raises as `load_approvers`."""
        mark = self._mark()
        if self._read is None or mark is None or self._read[0] != mark:
            self._read = None
            found = load_approvers(self._path)
            self._read = (mark, found) if mark is not None else None
            return found
        return self._read[1]

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)


def owner_of(public: str, approvers: Mapping[str, Approver], *, role: str, at: datetime) -> str:
    """Whose key this is, where it is valid and of the role.

    Raises:
        ConfigurationError: it is nobody's, no longer valid, or not of the role.
    """
    name = next((name for name, who in approvers.items() if who.public_key == public), None)
    if name is None:
        mend = f'add its public key, public_key = "{public}", or use another key'
        raise ConfigurationError("the key belongs to nobody who may oversee", where="approvers", mend=mend)
    if role not in approvers[name].roles:
        mend = "have one act who has it, or add it to `roles`"
        raise ConfigurationError(f"{name} does not have the role {role!r}", where="approvers", mend=mend)
    if at.astimezone(UTC).date() > approvers[name].valid_until:
        mend = "have the entry renewed, or use another key"
        raise ConfigurationError(
            f"the key of {name} was valid until {approvers[name].valid_until}", where="approvers", mend=mend
        )
    return name
