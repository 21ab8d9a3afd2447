"""`offramp policy sign`: put a signature beside a policy file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from offramp.cli._output import console
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption
from offramp.config import Config, load_config
from offramp.contracts.policy_memory import Accepted
from offramp.errors import ConfigurationError
from offramp.policy import (
    SignatureFile,
    any_from,
    document_name,
    load_signers,
    role_of,
    signature_file,
    signature_path,
    signature_text,
    signed,
    written,
)
from offramp.policy.load import bytes_of
from offramp.state.policy_memory import FilePolicyMemory


def sign(
    file: Annotated[Path, typer.Argument(help="A contract, declaration, organisation's file or file of waivers.")],
    *,
    key: Annotated[Path, typer.Option("--key", help="The private key, made by `offramp keys new`.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Sign FILE, byte for byte, into FILE.sig. A second key adds to it; a change of FILE begins a new revision."""
    setting = load_config(config)
    if setting.signers is None:
        raise ConfigurationError("nobody may sign policy files", where=str(config), mend='add signers = "signers.toml"')
    raw = bytes_of(file)
    document = document_name(setting.folder, file)
    made = signed(
        raw,
        document=document,
        role=role_of(any_from(str(file), raw).content),
        key=key,
        signers=load_signers(setting.at(setting.signers)),
        at=datetime.now(UTC),
        before=_before(setting, file, document),
    )
    _write(signature_path(file), written(made))
    names = ", ".join(one.by for one in made.signatures)
    console().print(f"{document} revision {made.revision} is signed by {names}: sha256 {made.sha256}")


def _before(setting: Config, file: Path, document: str) -> SignatureFile | None:
    """What was signed last: beside the file, or as the memory has it. A new revision is above both."""
    accepted = FilePolicyMemory.beside(setting.state, setting.folder).accepted(document)
    found = [_beside(file), _remembered(accepted)]
    return max((one for one in found if one), key=lambda one: one.revision, default=None)


def _beside(file: Path) -> SignatureFile | None:
    """None where there is none, or it is damaged: to sign again is how that is mended."""
    text = signature_text(file)
    try:
        return None if text is None else signature_file(text, where=str(signature_path(file)))
    except ConfigurationError:
        return None


def _remembered(accepted: Accepted | None) -> SignatureFile | None:
    return None if accepted is None else signature_file(accepted.signatures, where="the memory of policy files")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigurationError(
            "the signature cannot be written", where=str(path), mend="check folder and mode"
        ) from error
