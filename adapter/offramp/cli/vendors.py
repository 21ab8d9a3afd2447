"""`offramp vendors`: whom this installation can talk to, and what is claimed of each, on what evidence."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from offramp.catalog import load_profile, policy_text, vendor_names
from offramp.cli._claims import Claim, claims_about, claims_of
from offramp.cli._output import console, print_json
from offramp.cli._scaffold import scaffold_vendor
from offramp.cli._sources import DEAD, Opening, Source, opened, sources_of
from offramp.cli._state import JsonOption
from offramp.errors import OfframpError
from offramp.policy import contract_from
from offramp.types import JsonObject

_LEVELS: Final = (
    "observed: a check of ours has seen it; documented: a source that you can open says so; "
    "declared: somebody says so; unverified: of somebody else's table. What no line states is unknown."
)

vendors_app = typer.Typer(help="Installed vendors and what is claimed of them.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(vendors_app, name="vendors")


@vendors_app.callback(invoke_without_command=True)
def vendors(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """List the vendors that are installed."""
    if context.invoked_subcommand is not None:
        return
    rows = [_vendor_json(name) for name in vendor_names()]
    if as_json:
        print_json({"schema": "offramp-vendors/1", "vendors": rows})
        return
    table = Table("vendor", "title", "dialects", "address", "models", "policy contract")
    for row in rows:
        words = (
            row["vendor"],
            row["title"],
            ", ".join(row["dialects"]),
            row["base_url"],
            row["models"] or "none listed",
            row["policy"],
        )
        table.add_row(*(_whole("unknown" if word is None else str(word)) for word in words))
    console().print(table)


@vendors_app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A vendor, as `offramp vendors` lists it.")],
    *,
    model: Annotated[str | None, typer.Option(help="Show what holds for this model, listed or not.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show every claim about a vendor with its evidence and the day it was checked."""
    profile = load_profile(name)
    claims = list(claims_of(profile) if model is None else claims_about(profile, model))
    if as_json:
        print_json({"schema": "offramp-vendor/1", **_vendor_json(name), "claims": [one.as_json() for one in claims]})
        return
    out = console()
    out.print(f"{profile.title}: {', '.join(profile.dialects)} at {profile.base_url}; policy contract: {_policy(name)}")
    out.print(_table(claims))
    out.print(Text(_LEVELS))


def _table(claims: Sequence[Claim]) -> Table:
    """Of one model, it says whose each claim is; of a vendor, the claim's name says it."""
    whose = ["of"] if any(one.of for one in claims) else []
    table = Table("claim", *whose, "says", "evidence", "checked", "source", "note")
    for one in claims:
        where = one.evidence.source or one.evidence.check_id or ""
        words = (one.says, one.evidence.level, one.evidence.checked.isoformat(), where, one.note or "")
        table.add_row(*map(_whole, (one.key, *([one.of] if whose else []), *words)))
    return table


def _whole(words: str) -> Text:
    """A cell that goes on in the next line where it is too long: an address with an end cut off leads nowhere."""
    return Text(words, overflow="fold")


@vendors_app.command("sources")
def sources(
    names: Annotated[list[str] | None, typer.Argument(help="Vendors. Default: all that are installed.")] = None,
    *,
    open_them: Annotated[
        bool, typer.Option("--open", help="Ask for each page over the network. Exit code 1 where one is gone.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """List what claims rest on, where it can be opened, and how old the last look at it is."""
    found = sources_of(names or vendor_names())
    openings = opened(each.address for each in found if each.address) if open_them else {}
    if as_json:
        rows = [_source_json(each, openings.get(each.address or "")) for each in found]
        print_json({"schema": "offramp-sources/1", "sources": rows})
    else:
        _show_sources(found, openings)
    return 1 if any(each.state in DEAD for each in openings.values()) else 0


def _show_sources(found: Sequence[Source], openings: Mapping[str, Opening]) -> None:
    """Line by line: an address that a table has cut cannot be opened."""
    out = console()
    for each in found:
        out.print(Text(each.name))
        if each.address != each.name:
            out.print(Text(f"    {each.address or 'nobody says where it can be opened'}"))
        claims = f"{each.claims} claim{'s' if each.claims > 1 else ''} of {', '.join(each.vendors)}"
        now = openings.get(each.address or "")
        out.print(Text(f"    {claims}, checked {each.checked}" + (f"; {now.state}, {now.why}" if now else "")))


def _source_json(source: Source, opening: Opening | None) -> JsonObject:
    return {
        "source": source.name,
        "address": source.address,
        "vendors": list(source.vendors),
        "claims": source.claims,
        "checked": source.checked.isoformat(),
        "state": opening.state if opening else None,
        "why": opening.why if opening else None,
    }


@vendors_app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="What to call it: lower-case letters, digits and dashes.")],
    *,
    into: Annotated[Path, typer.Option(help="Folder to write the package into.")] = Path(),
) -> None:
    """Begin a vendor in a package of its own: a profile, a policy contract that denies, and its entry point."""
    written = scaffold_vendor(name, into=into, today=datetime.now(UTC).date())
    out = console()
    for path in written:
        out.print(Text(f"wrote {path}"))
    out.print(Text(f"next: fill in the profile, then pip install --editable {written[0].parent}"))
    out.print(Text(f"then: offramp vendors show {name}"))


def _vendor_json(name: str) -> JsonObject:
    profile = load_profile(name)
    return {
        "vendor": name,
        "title": profile.title,
        "developer": profile.developer,
        "host": profile.host,
        "dialect": profile.dialect,
        "dialects": list(profile.dialects),
        "base_url": profile.base_url,
        "models": len(profile.models),
        "policy": _policy(name),
    }


def _policy(name: str) -> str:
    """Which contract ships for it. Without one the vendor is unresearched, and policy denies it.

    On a server of one's own there is nobody else's service: what binds are the terms of the weights, by developer.
    """
    shipped = policy_text(name)
    if shipped is None:
        own = load_profile(name).channel == "self-host"
        return "none: the weights' terms hold" if own else "none: unresearched, denied"
    try:
        contract = contract_from(*shipped).content
    except OfframpError as error:
        return f"unreadable, denied: {error.what}"
    return f"{contract.name} {contract.version}, {contract.status}"
