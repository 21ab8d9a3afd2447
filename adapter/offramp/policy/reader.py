"""Reads policy files and holds them to their signatures. What is refused gives way to the last good one."""

import os
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, replace
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from offramp.contracts.policy_memory import Accepted, PolicyMemory
from offramp.errors import ConfigurationError, StateError
from offramp.policy.documents import Unreadable
from offramp.policy.load import AnyPolicyFile, bytes_of
from offramp.policy.signatures import (
    SignatureFile,
    Signer,
    role_of,
    signature_file,
    signature_path,
    why_refused,
)
from offramp.types import value

_T = TypeVar("_T", bound=AnyPolicyFile)
Load: TypeAlias = Callable[[str, bytes], _T]
"""Reads one kind of file from its name and its bytes."""

_MEND: Final = "have it signed again with `offramp policy sign`, or put back the signed file"


@value
class Trust:
    """Whose signatures count, and what was accepted before."""

    _: KW_ONLY
    signers: Mapping[str, Signer]
    required: bool
    """Whether an unsigned file is refused."""
    memory: PolicyMemory
    today: date
    """UTC."""
    remember: bool = True
    """Whether what is accepted raises the memory. A command that only looks leaves it as it is."""


class PolicyReader:
    """Reads the files of one configuration."""

    def __init__(self, folder: Path, *, trust: Trust | None = None) -> None:
        self._folder = folder
        self._trust = trust

    def read(self, load: Load[_T], path: Path) -> _T | Unreadable:
        """A policy file. Never raises for what is wrong with it: that is a value, which denies.

        Args:
            load: for its kind, such as `contract_from`.
            path: relative to the configuration's folder, or absolute.
        """
        file = self._folder / path
        trust = self._trust
        try:
            raw = bytes_of(file)
            return load(str(file), raw) if trust is None else self._held_to_signature(trust, load, file, raw)
        except (ConfigurationError, StateError) as error:
            refused = Unreadable(where=str(file), what=str(error))
            return (self._last_good(trust, load, file, refused) if trust else None) or refused

    def insist(self, load: Load[_T], path: Path) -> _T:
        """A policy file without which nothing can begin. Raises ConfigurationError."""
        read = self.read(load, path)
        if isinstance(read, Unreadable):
            raise ConfigurationError(read.what)
        return read

    def _held_to_signature(self, trust: Trust, load: Load[_T], file: Path, raw: bytes) -> _T:
        document = document_name(self._folder, file)
        accepted = trust.memory.accepted(document)
        text = signature_text(file)
        if text is None:
            _may_be_unsigned(trust, accepted, where=str(file))
            return load(str(file), raw)
        read, statement = _checked(trust, load, document, file=file, raw=raw, text=text, accepted=accepted)
        if trust.remember and _is_news(statement, accepted):
            content = raw.decode()
            trust.memory.accept(
                document,
                Accepted(revision=statement.revision, sha256=statement.sha256, content=content, signatures=text),
            )
        return read

    def _last_good(self, trust: Trust, load: Load[_T], file: Path, refused: Unreadable) -> _T | None:
        """What the memory holds, where it still holds by the keys of today."""
        document = document_name(self._folder, file)
        try:
            accepted = trust.memory.accepted(document)
            if accepted is None:
                return None
            raw = accepted.content.encode()
            text = accepted.signatures
            read, _ = _checked(trust, load, document, file=file, raw=raw, text=text, accepted=accepted)
        except (ConfigurationError, StateError):
            return None  # `refused` says already what is wrong with the file itself
        return replace(read, instead_of=refused)


def document_name(folder: Path, file: Path) -> str:
    """What a signature calls a file: its path from the configuration's folder, with `/`."""
    return Path(os.path.relpath(file.absolute(), folder.absolute())).as_posix()


def signature_text(file: Path) -> str | None:
    """The signatures beside a policy file; None where there are none.

    Raises:
        ConfigurationError: they are there and cannot be read.
    """
    path = signature_path(file)
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("the signature cannot be read", where=str(path), mend=_MEND) from error


def _may_be_unsigned(trust: Trust, accepted: Accepted | None, *, where: str) -> None:
    if accepted is not None:
        what = f"its signature is gone; revision {accepted.revision} was signed"
        raise ConfigurationError(what, where=where, mend=_MEND)
    if trust.required:
        what = "it is not signed, and `require_signed` is true"
        raise ConfigurationError(what, where=where, mend="have it signed with `offramp policy sign`")


def _checked(
    trust: Trust, load: Load[_T], document: str, *, file: Path, raw: bytes, text: str, accepted: Accepted | None
) -> tuple[_T, SignatureFile]:
    statement = signature_file(text, where=str(signature_path(file)))
    read = load(str(file), raw)
    why = why_refused(
        statement,
        raw,
        document=document,
        role=role_of(read.content),
        signers=trust.signers,
        today=trust.today,
        accepted=accepted,
    )
    if why is not None:
        raise ConfigurationError(why, where=str(file), mend=_MEND)
    return replace(read, signed_by=tuple(one.by for one in statement.signatures)), statement


def _is_news(statement: SignatureFile, accepted: Accepted | None) -> bool:
    """A later revision, or the same with a further signature."""
    if accepted is None or statement.revision > accepted.revision:
        return True
    return len(statement.signatures) > len(signature_file(accepted.signatures, where="the memory").signatures)
