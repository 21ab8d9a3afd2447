"""`offramp drill`: the command. What it runs is loaded when it is called, so that other commands stay quick."""

from pathlib import Path
from typing import Annotated

import typer

from offramp.errors import ConfigurationError
from offramp_conformance.drill.settings import SABOTAGES, DrillSettings, OwnConfig, Sabotage


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drill")(drill)


def drill(  # a command's options are its parameters
    *,
    seed: Annotated[int, typer.Option("--seed", help="The same seed asks the same questions.")] = 7,
    conversations: Annotated[int, typer.Option("--conversations", min=2, help="How many run at once.")] = 24,
    folder: Annotated[Path, typer.Option("--report", help="Folder for the two report files.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    sabotage: Annotated[
        str | None, typer.Option("--sabotage", help=f"Build in a fault: {', '.join(SABOTAGES)}.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Real calls, between endpoints of this file.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="The endpoint that is lost. Needs --config.")] = None,
    second: Annotated[str | None, typer.Option("--to", help="The one that takes over. Needs --config.")] = None,
) -> None:
    """Lose a vendor in the middle of the work, and see whether the work goes on. Without --config all is emulated here.

    Exit code 1: a promise was broken; 2: the drill could not be carried out.
    """
    settings = DrillSettings(
        seed=seed,
        conversations=conversations,
        sabotage=_sabotage(sabotage),
        own=_own(config, first, second),
    )
    from offramp_conformance.drill.running import run

    if not run(settings, folder, as_json=as_json):
        raise typer.Exit(1)


def _sabotage(name: str | None) -> Sabotage | None:
    for known in SABOTAGES:
        if name == known:
            return known
    if name is None:
        return None
    raise ConfigurationError(
        f"there is no fault {name!r}", where="--sabotage", mend=f"use one of {', '.join(SABOTAGES)}"
    )


def _own(config: Path | None, first: str | None, second: str | None) -> OwnConfig | None:
    if config is None and first is None and second is None:
        return None
    if config is None or first is None or second is None:
        raise ConfigurationError("--config, --from and --to go together", mend="give all three, or none of them")
    return OwnConfig(config, first=first, second=second)
