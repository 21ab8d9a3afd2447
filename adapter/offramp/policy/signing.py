"""Signs policy files: which revision it is, and whether this key may."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from offramp.ed25519 import read_private_key
from offramp.errors import ConfigurationError
from offramp.policy.signatures import FileSignature, Role, SignatureFile, Signer, message_of


def signed(
    raw: bytes,
    *,
    document: str,
    role: Role,
    key: Path,
    signers: Mapping[str, Signer],
    at: datetime,
    before: SignatureFile | None,
) -> SignatureFile:
    """Sign a policy file. Another's signature over the same bytes stays; a change of the file begins a new revision.

    Args:
        raw: the file's bytes.
        document: its path, seen from the folder of the configuration.
        role: what kind of file it is.
        key: file of the private key.
        signers: who may sign.
        at: now.
        before: what was signed last, here or as the memory has it.

    Raises:
        ConfigurationError: the key cannot be read, is nobody's, no longer valid, or not for this kind of file.
        MissingExtraError: the extra `sign` is not installed.
    """
    private = read_private_key(key, needed_for="signing a policy file")
    name = _owner(private.public_text, signers, role=role, day=at.astimezone(UTC).date())
    sha256 = hashlib.sha256(raw).hexdigest()
    same = before is not None and (before.document, before.sha256) == (document, sha256)
    number = before.revision + (not same) if before else 1
    kept = before.signatures if before and same else ()
    message = message_of(document=document, revision=number, sha256=sha256, by=name, signed_at=at)
    own = FileSignature(by=name, signed_at=at, signature=base64.b64encode(private.sign(message)).decode())
    others = tuple(one for one in kept if one.by != name)
    return SignatureFile(schema=1, document=document, revision=number, sha256=sha256, signatures=(*others, own))


def _owner(public: str, signers: Mapping[str, Signer], *, role: Role, day: date) -> str:
    name = next((name for name, who in signers.items() if who.public_key == public), None)
    if name is None:
        mend = f'add its public key, public_key = "{public}", or use another key'
        raise ConfigurationError("the key belongs to nobody who may sign", where="signers", mend=mend)
    if role not in signers[name].roles:
        mend = "add the role, or have another sign"
        raise ConfigurationError(f"{name} may not sign what has the role {role!r}", where="signers", mend=mend)
    if day > signers[name].valid_until:
        mend = "have the entry renewed, or use another key"
        raise ConfigurationError(
            f"the key of {name} was valid until {signers[name].valid_until}", where="signers", mend=mend
        )
    return name
