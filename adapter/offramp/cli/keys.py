"""`offramp keys`: key pairs of those who may lift orders, sign policy files or approve calls."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from offramp.cli._output import console
from offramp.ed25519 import make_key_pair
from offramp.errors import ConfigurationError

keys = typer.Typer(help="Key pairs of those who may lift orders, sign policy files or approve calls.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys, name="keys")


@keys.callback()
def _keys() -> None:
    """Key pairs of those who may lift orders, sign policy files or approve calls."""


@keys.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The operator's name, in letters, digits, - and _.")],
    *,
    folder: Annotated[Path, typer.Option("--folder", help="Where NAME.key is written.")] = Path(),
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How long the key is to be valid.")] = 365,
) -> None:
    """Make a key pair. The private half is written for its owner alone; the public half is printed."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
        raise ConfigurationError(f"{name!r} is not a name for an operator", mend="use letters, digits, - and _")
    file = folder / f"{name}.key"
    public = make_key_pair(file)
    until = (datetime.now(UTC) + timedelta(days=days)).date()
    out = console()
    out.print(f"# {file} holds the private key. Have these lines put into operators.toml:")
    out.print(f'[operators.{name}]\npublic_key = "{public}"\nvalid_until = {until}')
    out.print("# To sign policy files: the same two lines as [signers.NAME] in signers.toml, and what it may sign:")
    out.print('# roles = ["agreement", "vendor", "channel", "organisation", "declaration", "waivers"]')
    out.print(
        "# To approve calls and to supervise: the same two lines as [approvers.NAME] in approvers.toml, and its roles:"
    )
    out.print('# roles = ["duty officer"]')
