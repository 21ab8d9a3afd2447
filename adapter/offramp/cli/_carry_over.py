"""Writes the carry-over layer: what the endpoint that is left forbids, a file for each of its documents."""

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from offramp.cli._enlist import enlist
from offramp.cli._policy_words import slug
from offramp.contracts.policy import PolicyContract
from offramp.errors import ConfigurationError
from offramp.policy.carry import carry_over
from offramp.policy.diff import PolicyDiff
from offramp.policy.position import Position
from offramp.policy.toml_text import contract_toml

_HEAD: Final = """\
What endpoint {old} forbade when it was left for {new}, on {day}. It stays forbidden wherever the work goes, until a
waiver lifts it: `offramp policy waive`. Read from {name} {version}; its permits and its silence are not carried over.
"""
_HEAD_REMEMBERED: Final = """\
What endpoint {old} forbade when it was left; written down on {day}. It stays forbidden wherever the work goes, until a
waiver lifts it: `offramp policy waive`. Read from {name} {version}; its permits and its silence are not carried over.
"""


def write_carry_over(folder: Path, old: Position, found: PolicyDiff, *, config: Path, day: date) -> list[str]:
    """Write the contracts, and name them in the configuration.

    Returns:
        What was done, line by line.

    Raises:
        ConfigurationError: what the endpoint forbids is not known, or one of the files is there already.
    """
    if (reason := old.why_unknown) is not None:
        mend = reason.mend or "make it readable first"
        raise ConfigurationError(f"what {old.name} forbids is not known: {reason.text}", mend=mend)
    texts = {_file(folder, old.name, one): _text(one, found) for one in carry_over(old, day)}
    return write_texts(texts, config=config) or [
        f"{old.name} forbids nothing of its own: there is nothing to carry over."
    ]


def write_remembered(
    folder: Path, contracts: Iterable[tuple[str, PolicyContract]], *, config: Path, day: date
) -> list[str]:
    """Write what endpoints forbade that are gone already; otherwise as `write_carry_over`.

    Args:
        folder: where to.
        contracts: the name of the endpoint, and what is carried over from it.
        config: that names the files from then on.
        day: on which it is written, UTC.
    """
    texts = {
        _file(folder, name, one): contract_toml(
            one, head=_HEAD_REMEMBERED.format(old=name, day=day, name=one.name, version=one.version)
        )
        for name, one in contracts
    }
    return write_texts(texts, config=config)


def write_texts(texts: Mapping[Path, str], *, config: Path) -> list[str]:
    """Write the files and name them in the configuration. Raises ConfigurationError."""
    for file in texts:
        if file.exists():
            mend = "move it away, or keep it as it is"
            raise ConfigurationError("is there already, and is not overwritten", where=str(file), mend=mend)
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return list(_told(list(texts), config))


def _file(folder: Path, endpoint: str, contract: PolicyContract) -> Path:
    return folder / f"carry-over-{endpoint}-{slug(contract.name)}.toml"


def name_in(config: Path, file: Path) -> str:
    """The file as the configuration names it."""
    return Path(os.path.relpath(file.absolute(), config.absolute().parent)).as_posix()


def _text(contract: PolicyContract, found: PolicyDiff) -> str:
    document = f"{contract.name} {contract.version}"
    notes = {clause.id: _note(document, clause.id, found) for clause in contract.clauses}
    head = _HEAD.format(
        old=found.old, new=found.new, day=contract.effective, name=contract.name, version=contract.version
    )
    return contract_toml(contract, head=head, notes=notes)


def _note(document: str, clause: str, found: PolicyDiff) -> str:
    """What the clause is needed for today. A later text of the next vendor may need it for more."""
    freed = sum(
        change.declarations
        for change in found.changes
        if change.kind == "newly_allowed" and (change.reason.document, change.reason.clause) == (document, clause)
    )
    if freed:
        return f"Without this, {found.new} would allow {freed:,} of the declarations that it denies."
    return f"What this denies, {found.new} denies today by itself."


def _told(files: list[Path], config: Path) -> Iterator[str]:
    for file in files:
        name = name_in(config, file)
        yield f"wrote {file}"
        if enlist(config, (), "policy", name):
            yield f"  it is named in `policy` of {config}"
        else:
            yield f'  add it to `policy` in {config}: "{name}"'
