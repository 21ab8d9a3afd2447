"""`offramp policy render`: a policy contract as a table that a lawyer can read and print."""

from pathlib import Path
from typing import Annotated

import typer

from offramp._policy_reader import reader_of
from offramp.catalog import policy_text, vendor_names
from offramp.cli._output import console
from offramp.cli._pages import HtmlOption, write_page
from offramp.cli._policies import instant
from offramp.cli._policy_pages import contract_page
from offramp.cli._policy_tables import contract_table
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption
from offramp.config import load_config
from offramp.contracts.policy import PolicyContract
from offramp.errors import ConfigurationError
from offramp.policy import Loaded, PolicyReader, any_from, contract_from, shipped_floor


def render(
    document: Annotated[str, typer.Argument(help="A contract's FILE.toml, a vendor whose contract ships, or `floor`.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    html: HtmlOption = None,
) -> None:
    """Show a policy contract clause by clause, each with its document and section."""
    read = _read(document, config)
    if html is None:
        console().print(contract_table(read))
    else:
        write_page(html, "contract.html", contract_page(read, instant(None)))


def _read(document: str, config: Path) -> Loaded[PolicyContract]:
    if document == "floor":
        return shipped_floor()
    if document in vendor_names():
        return _shipped(document)
    file = Path(document)
    setting = load_config(config) if config.exists() else None
    reader = reader_of(setting, today=instant(None).date(), remember=False) if setting else PolicyReader(Path())
    read = reader.insist(any_from, file.absolute())
    if not isinstance(read.content, PolicyContract):
        raise ConfigurationError("only a policy contract has clauses", where=document, mend="name a contract's file")
    return Loaded(
        read.content, where=read.where, sha256=read.sha256, signed_by=read.signed_by, instead_of=read.instead_of
    )


def _shipped(vendor: str) -> Loaded[PolicyContract]:
    found = policy_text(vendor)
    if found is None:
        mend = f"begin one with `offramp policy new {vendor}`"
        raise ConfigurationError(f"nobody has read the terms of {vendor!r}: no contract ships", mend=mend)
    read = contract_from(*found)
    return Loaded(read.content, where=read.where, sha256=read.sha256, shipped=True)
