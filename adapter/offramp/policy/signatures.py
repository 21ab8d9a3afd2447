"""Signatures on policy files: who may sign which kind, what exactly is signed, and why one is refused.

They stand in a file of their own, `FILE.sig`, so that the signed text stays the text that people read and compare.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from offramp.contracts.declaration import Declaration, Organisation, WaiverFile
from offramp.contracts.policy import ContractLayer, PolicyContract
from offramp.contracts.policy_memory import Accepted
from offramp.ed25519 import why_not_signed
from offramp.errors import ConfigurationError
from offramp.toml_file import load_toml
from offramp.types import value

Role: TypeAlias = ContractLayer | Literal["organisation", "declaration", "waivers"]
"""What a key may sign: contracts of one layer, or one of the other kinds of file."""
PolicyContent: TypeAlias = PolicyContract | Organisation | Declaration | WaiverFile

_SIGN_ANEW: Final = "have it signed again with `offramp policy sign`, or put back what was signed"


@value
class Signer:
    """One who answers for policy files. To withdraw the trust, delete the entry: what it has signed is refused."""

    _: KW_ONLY
    public_key: str
    """Ed25519, 32 bytes, base64."""
    valid_until: date
    """Last day (UTC) on which this key may sign, and on which what it has signed may be seen for the first time."""
    roles: tuple[Role, ...]
    """What it may sign."""


@value
class SignersFile:
    """The whole of `signers.toml`."""

    signers: dict[str, Signer]


@value
class FileSignature:
    """One signature over one revision of one file."""

    _: KW_ONLY
    by: str
    signed_at: datetime
    signature: str
    """Ed25519, base64."""


@value
class SignatureFile:
    """The whole of `FILE.sig`."""

    _: KW_ONLY
    schema: Literal[1]
    document: str
    """The file's path, seen from the folder of `offramp.toml`."""
    revision: int
    """Rises with each change of the file."""
    sha256: str
    """Of the file's bytes."""
    signatures: tuple[FileSignature, ...]


@cache
def _shape() -> TypeAdapter[SignatureFile]:
    return TypeAdapter(SignatureFile)


def load_signers(path: Path) -> Mapping[str, Signer]:
    """Those who may sign policy files, by name.

    Raises:
        ConfigurationError: the file is not there or not as it should be, or one key stands under two names.
    """
    signers = load_toml(path, SignersFile).signers
    owners: dict[str, str] = {}
    for name, signer in signers.items():
        other = owners.setdefault(signer.public_key, name)
        if other != name:
            raise ConfigurationError(
                f"{other} and {name} have the same public key", where=str(path), mend="give each a key of their own"
            )
    return signers


def signature_path(file: Path) -> Path:
    """Where the signatures of a policy file stand."""
    return file.with_name(f"{file.name}.sig")


def signature_file(text: str, *, where: str) -> SignatureFile:
    """Read the text of a signature file. Raises ConfigurationError."""
    try:
        return _shape().validate_json(text)
    except ValidationError as error:
        raise ConfigurationError("this is no signature file", where=where, mend=_SIGN_ANEW) from error


def written(statement: SignatureFile) -> str:
    """The text of a signature file: JSON, a line for each key, so that a change reads well in version control."""
    return _shape().dump_json(statement, indent=1).decode() + "\n"


def role_of(content: PolicyContent) -> Role:
    """Which role a key must have to sign it."""
    match content:
        case PolicyContract() | Organisation():
            return content.layer
        case Declaration():
            return "declaration"
        case WaiverFile():
            return "waivers"


def why_refused(
    statement: SignatureFile,
    raw: bytes,
    *,
    document: str,
    role: Role,
    signers: Mapping[str, Signer],
    today: date,
    accepted: Accepted | None,
) -> str | None:
    """Why a signed file is refused; None: every signature holds, and no later revision was seen. Never raises."""
    sha256 = hashlib.sha256(raw).hexdigest()
    if statement.document != document:
        return f"its signature is of {statement.document!r}, not of {document!r}"
    if statement.sha256 != sha256:
        return "it was changed after it was signed"
    names = [one.by for one in statement.signatures]
    if not names or len(set(names)) < len(names):
        return "its signature file names nobody, or somebody twice"
    return _out_of_turn(statement.revision, sha256, accepted) or next(
        (why for one in statement.signatures if (why := _why_not(one, statement, role, signers, today, accepted))), None
    )


def _out_of_turn(revision: int, sha256: str, accepted: Accepted | None) -> str | None:
    if revision < 1:
        return f"revision {revision} is none"
    if accepted is None or revision > accepted.revision:
        return None
    if revision < accepted.revision:
        return f"it was rolled back to revision {revision}; revision {accepted.revision} was accepted before"
    return None if sha256 == accepted.sha256 else f"another text was accepted before as revision {revision}"


def _why_not(
    one: FileSignature,
    statement: SignatureFile,
    role: Role,
    signers: Mapping[str, Signer],
    today: date,
    accepted: Accepted | None,
) -> str | None:
    signer = signers.get(one.by)
    if signer is None:
        return f"{one.by!r} is not among those who may sign"
    if role not in signer.roles:
        return f"{one.by} may not sign what has the role {role!r}"
    if one.signed_at.tzinfo is None:
        return f"the instant at which {one.by} signed has no time zone"
    seen_before = accepted is not None and one.signature in accepted.signatures
    if one.signed_at.astimezone(UTC).date() > signer.valid_until or (today > signer.valid_until and not seen_before):
        return f"the key of {one.by} was valid until {signer.valid_until}"
    message = message_of(
        document=statement.document,
        revision=statement.revision,
        sha256=statement.sha256,
        by=one.by,
        signed_at=one.signed_at,
    )
    return why_not_signed(
        message,
        one.signature,
        signer.public_key,
        by=one.by,
        what="the file",
        needed_for="checking a signed policy file",
    )


def message_of(*, document: str, revision: int, sha256: str, by: str, signed_at: datetime) -> bytes:
    """What is signed: no field can be moved to another file, revision, person or instant."""
    words: Sequence[str | int] = [
        "offramp-policy/1",
        document,
        revision,
        sha256,
        by,
        signed_at.astimezone(UTC).isoformat(),
    ]
    return json.dumps(words, separators=(",", ":")).encode()
