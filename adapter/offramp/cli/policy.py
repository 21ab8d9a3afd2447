"""`offramp policy`: check and sign policy files, explain a decision, see what may go where, read a contract."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from offramp._assembly import compiled_policy, read_policy
from offramp._policy_reader import reader_of
from offramp.cli._output import console, print_json
from offramp.cli._policy_sign import sign
from offramp.cli._policy_tables import Cell, cells_of, contract_table, decision_json, decision_table, matrix_table
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, JsonOption
from offramp.config import endpoint_of, load_config
from offramp.contracts.policy import PolicyContract
from offramp.errors import ConfigurationError
from offramp.policy import FileKind, PolicyReader, any_from, load_any, policy_warnings, schema
from offramp.policy.decide import CompiledPolicy
from offramp.types import Identity

policy_app = typer.Typer(help="Check policy files, explain decisions, and see what may go where.")

OnOption = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Decide as on this day, UTC.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    policy_app.command("sign")(sign)
    app.add_typer(policy_app, name="policy")


@policy_app.command("check")
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Policy files. None: those of the configuration.")] = None,
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    on: OnOption = None,
) -> int:
    """Read policy files strictly; without FILES, say also what runs out and which mission goes dark when."""
    return _check_files(files, config, _instant(on)) if files else _check_configuration(config, _instant(on))


@policy_app.command("explain")
def explain(
    mission: Annotated[str, typer.Argument(help="The mission's name in the configuration.")],
    endpoint: Annotated[str | None, typer.Argument(help="One endpoint. Default: every one of its route.")] = None,
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    on: OnOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say why a mission may or may not use an endpoint, clause by clause, and who could change it."""
    policies, routes = _compiled(config)
    if mission not in policies:
        raise ConfigurationError(f"there is no mission {mission!r}", where=str(config), mend=_one_of(list(policies)))
    route = [one for one in routes[mission] if endpoint in (None, one.endpoint)]
    if not route:
        names = [one.endpoint for one in routes[mission]]
        raise ConfigurationError(f"{endpoint!r} is not on the route of {mission!r}", mend=_one_of(names))
    cells = cells_of({mission: policies[mission]}, {mission: route}, _instant(on))
    if as_json:
        print_json({"schema": 1, "decisions": [decision_json(cell) for cell in cells]})
    else:
        for cell in cells:
            console().print(decision_table(cell.decision))
    return _verdict(cells)


@policy_app.command("matrix")
def matrix(*, config: ConfigOption = DEFAULT_CONFIG, on: OnOption = None, as_json: JsonOption = False) -> int:
    """Show every mission at every endpoint of its route."""
    policies, routes = _compiled(config)
    cells = cells_of(policies, routes, _instant(on))
    if as_json:
        print_json({"schema": 1, "decisions": [decision_json(cell) for cell in cells]})
    else:
        console().print(matrix_table(cells))
    return 0


@policy_app.command("render")
def render(file: Annotated[Path, typer.Argument(help="A policy contract.")]) -> None:
    """Show a policy contract as a table that a lawyer can read."""
    read = load_any(file).content
    if not isinstance(read, PolicyContract):
        raise ConfigurationError("only a policy contract has clauses", where=str(file), mend="name a contract's file")
    console().print(contract_table(read))


@policy_app.command("schema")
def schema_of(kind: Annotated[FileKind, typer.Argument(help="Which kind of policy file.")]) -> None:
    """Print the JSON Schema of one kind of policy file, for editors and other programs."""
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
    policies, routes = _compiled(config)
    cells = cells_of(policies, routes, at)
    out = console()
    out.print(matrix_table(cells))
    for warning in dict.fromkeys(
        str(warning) for policy in policies.values() for warning in policy_warnings(policy, at)
    ):
        out.print(f"warning: {warning}")
    for reason in dict.fromkeys(str(reason) for policy in policies.values() for reason in policy.refused):
        out.print(f"REFUSED: {reason}")
    return _verdict(cells)


def _compiled(file: Path) -> tuple[dict[str, CompiledPolicy], dict[str, list[Identity]]]:
    config = load_config(file)
    endpoints = {name: endpoint_of(config, name) for name in config.endpoints}
    shared = read_policy(config)
    policies = {name: compiled_policy(config, name, endpoints, shared) for name in config.missions}
    routes = {name: [endpoints[one].identity for one in table.route] for name, table in config.missions.items()}
    return policies, routes


def _verdict(cells: list[Cell]) -> int:
    """The exit code: 1 where anything is denied."""
    return 0 if all(cell.decision.allowed for cell in cells) else 1


def _instant(on: datetime | None) -> datetime:
    return on.replace(tzinfo=UTC) if on else datetime.now(UTC)


def _one_of(names: list[str]) -> str:
    return f"use one of {', '.join(names)}"
