"""`offramp policy render`: a policy contract or a declaration as a table that a lawyer can read and print."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

import typer

from offramp._policy_reader import reader_of
from offramp.catalog import policy_text, vendor_names
from offramp.cli._declared import declared_sentences
from offramp.cli._output import console
from offramp.cli._pages import HtmlOption, write_page
from offramp.cli._policies import instant
from offramp.cli._policy_pages import contract_page, declaration_page
from offramp.cli._policy_tables import contract_table, declaration_table
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption
from offramp.config import load_config
from offramp.contracts.declaration import Declaration
from offramp.contracts.policy import PolicyContract
from offramp.errors import ConfigurationError
from offramp.policy import Loaded, PolicyReader, any_from, contract_from, shipped_floor

AnyLoaded: TypeAlias = Loaded[Any]
_C = TypeVar("_C", bound=PolicyContract | Declaration)


def render(
    document: Annotated[
        str, typer.Argument(help="A contract's or declaration's FILE.toml, a vendor whose contract ships, or `floor`.")
    ],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    html: HtmlOption = None,
) -> None:
    """Show a policy contract clause by clause, each with its document and section; or what a mission declares."""
    read = _read(document, config)
    if isinstance(read.content, Declaration):
        _show_declaration(_typed(read, read.content), html)
    elif html is None:
        console().print(contract_table(_typed(read, read.content)))
    else:
        write_page(html, "contract.html", contract_page(_typed(read, read.content), instant(None)))


def _show_declaration(read: Loaded[Declaration], html: Path | None) -> None:
    if html is not None:
        write_page(html, "declaration.html", declaration_page(read, instant(None)))
        return
    console().print(declaration_table(read))
    console().print("\n".join(declared_sentences(read.content)))


def contract_of(document: str, config: Path) -> Loaded[PolicyContract]:
    """A contract by its file, by the vendor that it ships with, or `floor`. Raises ConfigurationError."""
    read = _read(document, config)
    if not isinstance(read.content, PolicyContract):
        raise ConfigurationError("this is no policy contract", where=document, mend="name a contract's file")
    return _typed(read, read.content)


def _read(document: str, config: Path) -> Loaded[PolicyContract] | Loaded[PolicyContract | Declaration]:
    if document == "floor":
        return replace(shipped_floor(), shipped=True)
    if document in vendor_names():
        return _shipped(document)
    file = Path(document)
    setting = load_config(config) if config.exists() else None
    reader = reader_of(setting, today=instant(None).date(), remember=False) if setting else PolicyReader(Path())
    read = reader.insist(any_from, file.absolute())
    if not isinstance(read.content, PolicyContract | Declaration):
        mend = "name a contract's file, or a declaration's"
        raise ConfigurationError("only a policy contract has clauses", where=document, mend=mend)
    return _typed(read, read.content)


def _typed(read: AnyLoaded, content: _C) -> Loaded[_C]:
    """The same file, of which it is known now what it holds."""
    return Loaded(
        content,
        where=read.where,
        sha256=read.sha256,
        signed_by=read.signed_by,
        shipped=read.shipped,
        instead_of=read.instead_of,
    )


def _shipped(vendor: str) -> Loaded[PolicyContract]:
    found = policy_text(vendor)
    if found is None:
        mend = f"begin one with `offramp policy new {vendor}`"
        raise ConfigurationError(f"nobody has read the terms of {vendor!r}: no contract ships", mend=mend)
    return replace(contract_from(*found), shipped=True)
