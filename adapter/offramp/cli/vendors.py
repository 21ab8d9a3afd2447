"""`offramp vendors`: whom this installation can talk to, and what is claimed of each, on what evidence."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from offramp.catalog import load_profile, policy_text, vendor_names
from offramp.cli._claims import Claim, claims_about, claims_of
from offramp.cli._output import console, print_json
from offramp.cli._scaffold import scaffold_vendor
from offramp.cli._state import JsonOption
from offramp.errors import OfframpError
from offramp.policy import contract_from
from offramp.types import JsonObject

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
        words = (row["vendor"], row["title"], ", ".join(row["dialects"]), row["base_url"], row["models"], row["policy"])
        table.add_row(*(Text("unknown" if word is None else str(word)) for word in words))
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


def _table(claims: Sequence[Claim]) -> Table:
    """Of one model, it says whose each claim is; of a vendor, the claim's name says it."""
    whose = ["of"] if any(one.of for one in claims) else []
    table = Table("claim", *whose, "says", "evidence", "checked", "source", "note")
    for one in claims:
        where = one.evidence.source or one.evidence.check_id or ""
        words = (one.says, one.evidence.level, one.evidence.checked.isoformat(), where, one.note or "")
        table.add_row(*map(Text, (one.key, *([one.of] if whose else []), *words)))
    return table


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
