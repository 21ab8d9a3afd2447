"""`offramp policy`: check, compare, sign and waive policy files, explain decisions, and read contracts as tables."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from offramp._policy_reader import reader_of
from offramp.cli._output import console, print_json
from offramp.cli._policies import OnOption, cells_of, instant, policies_in, verdict
from offramp.cli._policy_carry import carry
from offramp.cli._policy_diff import diff
from offramp.cli._policy_explain import explain, matrix
from offramp.cli._policy_new import new
from offramp.cli._policy_render import render
from offramp.cli._policy_sign import sign
from offramp.cli._policy_tables import matrix_table
from offramp.cli._policy_waive import waive
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption
from offramp.config import load_config
from offramp.errors import ConfigurationError
from offramp.policy import FileKind, PolicyReader, any_from, policy_warnings, schema
from offramp.policy.reports import ReportKind, report_schema

policy_app = typer.Typer(help="Check policy files, explain decisions, and see what may go where.")

SchemaKind: TypeAlias = Literal[FileKind, ReportKind]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (check, diff, explain, matrix, new, render, sign, waive):
        policy_app.command(command.__name__)(command)
    policy_app.command("carry-over")(carry)
    policy_app.command("schema")(schema_of)
    app.add_typer(policy_app, name="policy")


def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Policy files. None: those of the configuration.")] = None,
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    on: OnOption = None,
) -> int:
    """Read policy files strictly; without FILES, say also what runs out and which mission goes dark when."""
    return _check_files(files, config, instant(on)) if files else _check_configuration(config, instant(on))


def schema_of(kind: Annotated[SchemaKind, typer.Argument(help="A kind of file, or what --json prints.")]) -> None:
    """Print the JSON Schema of a kind of policy file, or of what `diff`, `explain` and `matrix` print as JSON."""
    match kind:
        case "diff" | "decisions":
            print_json(report_schema(kind))
        case _:
            print_json(schema(kind))


def _check_files(files: list[Path], config: Path, at: datetime) -> int:
    setting = load_config(config) if config.exists() else None
    reader = reader_of(setting, today=at.date(), remember=False) if setting else PolicyReader(Path())
    for file in files:
        read = reader.insist(any_from, file.absolute())
        if read.instead_of is not None:
            raise ConfigurationError(read.instead_of.what)
        by = f"signed by {', '.join(read.signed_by)}" if read.signed_by else "unsigned"
        console().print(f"{file}: sound ({type(read.content).__name__}), {by}, sha256 {read.sha256}")
    return 0


def _check_configuration(config: Path, at: datetime) -> int:
    policies = policies_in(config)
    cells = cells_of(policies, at)
    out = console()
    out.print(matrix_table(cells))
    for warning in dict.fromkeys(str(one) for policy in policies.of.values() for one in policy_warnings(policy, at)):
        out.print(f"warning: {warning}")
    for reason in dict.fromkeys(str(one) for policy in policies.of.values() for one in policy.refused):
        out.print(f"REFUSED: {reason}")
    for mission, moves in policies.moves.items():
        for move in moves:
            out.print(f"MOVED: {mission}: {move}. To tell of it: {move.mend}")
    return verdict(cells)
