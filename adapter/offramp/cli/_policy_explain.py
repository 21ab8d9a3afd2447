"""`offramp policy explain` and `matrix`: why a mission may or may not use an endpoint, for three kinds of reader."""

from typing import Annotated, Literal, TypeAlias

import typer

from offramp.cli._declared import declared_sentences
from offramp.cli._output import console, print_json
from offramp.cli._pages import HtmlOption, write_page
from offramp.cli._policies import (
    Cell,
    MissionArgument,
    OnOption,
    cells_of,
    instant,
    one_of,
    policies_in,
    verdict,
)
from offramp.cli._policy_pages import matrix_page
from offramp.cli._policy_tables import decision_sentences, decision_table, matrix_table
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, JsonOption
from offramp.errors import ConfigurationError
from offramp.oversight import limits_of
from offramp.policy.reports import decisions_report, report_json

Reader: TypeAlias = Literal["lawyer", "manager", "engineer"]


def explain(
    mission: MissionArgument,
    endpoint: Annotated[str | None, typer.Argument(help="One endpoint. Default: every one of its route.")] = None,
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    on: OnOption = None,
    reader: Annotated[
        Reader, typer.Option("--for", help="lawyer: every clause with its source; manager: sentences; engineer: JSON.")
    ] = "lawyer",
    as_json: JsonOption = False,
) -> int:
    """Say why a mission may or may not use an endpoint, clause by clause, and who could change it."""
    policies, at = policies_in(config), instant(on)
    policies.mission(mission, where=config)
    cells = cells_of(policies, at, mission=mission)
    asked = [cell for cell in cells if endpoint in (None, cell.decision.endpoint)]
    if not asked:
        mend = one_of([cell.decision.endpoint for cell in cells])
        raise ConfigurationError(f"{endpoint!r} is not on the route of {mission!r}", mend=mend)
    if as_json or reader == "engineer":
        _print_decisions(asked)
    else:
        for cell in asked:
            console().print(
                decision_table(cell.decision) if reader == "lawyer" else "\n".join(decision_sentences(cell))
            )
        if declared := asked[0].declaration:
            console().print("\n".join(declared_sentences(declared)))
    return verdict(asked)


def matrix(
    *, config: ConfigOption = DEFAULT_CONFIG, on: OnOption = None, html: HtmlOption = None, as_json: JsonOption = False
) -> int:
    """Show every mission at every endpoint of its route."""
    at = instant(on)
    cells = cells_of(policies_in(config), at)
    if html is not None:
        write_page(html, "matrix.html", matrix_page(cells, instant(None), on=at))
    if as_json:
        _print_decisions(cells)
    elif html is None:
        console().print(matrix_table(cells))
    return 0


def _print_decisions(cells: list[Cell]) -> None:
    found = [(cell.decision, cell.until, limits_of(cell.declaration) if cell.declaration else None) for cell in cells]
    print_json(report_json(decisions_report(found)))
