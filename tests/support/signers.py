"""Keys, a list of signers, and files signed with them."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import get_args

from offramp.contracts.policy import ContractLayer
from offramp.contracts.policy_memory import ForgetfulMemory, PolicyMemory
from offramp.ed25519 import make_key_pair
from offramp.policy import (
    PolicyReader,
    Signer,
    Trust,
    any_from,
    document_name,
    role_of,
    signature_file,
    signature_path,
    signed,
    written,
)
from offramp.types import value

TODAY = date(2026, 11, 26)
ALL = (*get_args(ContractLayer), "organisation", "declaration", "waivers")


@cache
def key(name: str) -> tuple[Path, str]:
    """A private key's file, and the public half."""
    file = Path(mkdtemp()) / f"{name}.key"
    return file, make_key_pair(file)


def signer(name: str, *, valid_until: date = date(2027, 12, 31), roles: tuple[str, ...] = ALL) -> Signer:
    """One who may sign everything unless told otherwise."""
    return Signer(public_key=key(name)[1], valid_until=valid_until, roles=roles)  # type: ignore[arg-type]  # roles of it


@value
class Desk:
    """A folder with policy files, those who sign them, and the memory of what was accepted."""

    folder: Path
    _: KW_ONLY
    signers: Mapping[str, Signer]
    memory: PolicyMemory
    required: bool = False
    today: date = TODAY

    def reader(self, *, remember: bool = True) -> PolicyReader:
        """As a client has it."""
        trust = Trust(
            signers=self.signers, required=self.required, memory=self.memory, today=self.today, remember=remember
        )
        return PolicyReader(self.folder, trust=trust)

    def write(self, name: str, text: str, *by: str) -> Path:
        """A file, and the signatures of these people."""
        file = self.folder / name
        file.write_text(text, "utf-8")
        for one in by:
            self.sign(file, one)
        return file

    def sign(self, file: Path, by: str, *, at: datetime = datetime(2026, 11, 26, 9, tzinfo=UTC)) -> None:
        """Add a signature, as the command does."""
        raw, beside = file.read_bytes(), signature_path(file)
        before = signature_file(beside.read_text(), where="sig") if beside.exists() else None
        made = signed(
            raw,
            document=document_name(self.folder, file),
            role=role_of(any_from(file.name, raw).content),
            key=key(by)[0],
            signers={by: replace(self.signers.get(by, signer(by)), roles=ALL, valid_until=date(2030, 1, 1))},
            at=at,
            before=before,
        )
        beside.write_text(written(made))


def desk(folder: Path, **parts: object) -> Desk:
    """One with two signers, ann and ben, and a memory that holds nothing yet."""
    given = {"signers": {"ann": signer("ann"), "ben": signer("ben")}, "memory": ForgetfulMemory()}
    return Desk(folder, **{**given, **parts})  # type: ignore[arg-type]  # parts of it, named by the tests
