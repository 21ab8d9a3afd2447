"""`offramp record`: the command. What it runs is loaded when it is called, so that other commands stay quick."""

from pathlib import Path
from typing import Annotated

import typer

from offramp.cli._output import console
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption
from offramp.errors import ConfigurationError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("record", context_settings={"allow_interspersed_args": False})(record)


def record(
    command: Annotated[list[str] | None, typer.Argument(help="The application and its arguments, after `--`.")] = None,
    *,
    endpoint: Annotated[str, typer.Option("--endpoint", help="Where its questions go.")],
    config: ConfigOption = DEFAULT_CONFIG,
    mission: Annotated[str | None, typer.Option("--mission", help="Under whose policy.")] = None,
    folder: Annotated[Path, typer.Option("--folder", help="Where contract and golden set are written.")] = Path(
        "recorded"
    ),
    variable: Annotated[
        list[str] | None, typer.Option("--variable", help="A variable that it takes its vendor's address from.")
    ] = None,
    redact: Annotated[
        list[str] | None, typer.Option("--redact", help="A pattern to take out of the golden set; may be repeated.")
    ] = None,
) -> int:
    """Run an application, see what it asks of its vendor, and write the contract and the golden set that say so."""
    if not command:
        raise ConfigurationError("no application is given", mend="write it at the end, after `--`")
    from offramp_conformance.record.running import Recording, record

    made = record(
        Recording(
            config,
            endpoint,
            tuple(command),
            mission=mission,
            folder=folder,
            variables=tuple(variable or ()),
            redact=tuple(redact or ()),
        )
    )
    out, uses = console(to_errors=True), made.uses
    out.print(f"{uses.exchanges} exchanges, {uses.answered} answered, {uses.refused} refused.")
    for why, count in sorted(uses.kept_back.items()):
        out.print(f"Not passed on, {count} times: {why}")
    if not uses.exchanges and not uses.kept_back:
        out.print("Nothing was asked: does the application take its vendor's address from a variable? See --variable.")
    out.print(f"Wrote {made.contract}, and {made.golden} with {made.cases} cases and {made.stand_ins} stand-ins.")
    out.print("Read the golden set before you pass it on: a pattern finds only what it was made for.")
    return made.exit_code
