"""Who may approve calls: public keys by name, each with the roles that it may act in."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from datetime import date
from pathlib import Path

from offramp.errors import ConfigurationError
from offramp.toml_file import load_toml
from offramp.types import value


@value
class Approver:
    """One who may approve. To withdraw the trust, delete the entry: what it has granted and nobody has used is void."""

    _: KW_ONLY
    public_key: str
    """Ed25519, 32 bytes, base64."""
    valid_until: date
    """Last day (UTC) on which what this key has granted may be used."""
    roles: tuple[str, ...]
    """In the very words of the declarations' evidence, such as `duty officer`."""


@value
class ApproversFile:
    """The whole of `approvers.toml`."""

    approvers: dict[str, Approver]


def load_approvers(path: Path) -> Mapping[str, Approver]:
    """Those who may approve, by name.

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
