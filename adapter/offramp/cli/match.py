"""`offramp match`: which endpoints could carry a mission, requirement by requirement, on what evidence."""

from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from offramp._matching import Match, match_mission
from offramp.cli._output import console, print_json
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, JsonOption
from offramp.config import load_config
from offramp.contracts.capability import Finding, Fit
from offramp.negotiation import Negotiation
from offramp.types import JsonObject

_STYLES: Final[dict[Fit, str]] = {
    "satisfied": "green",
    "emulated": "yellow",
    "degraded": "red",
    "unsatisfiable": "red",
    "unknown": "red",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("match")(match)


def match(
    mission: Annotated[str, typer.Argument(help="A mission of the configuration.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    endpoint: Annotated[
        list[str] | None, typer.Option("--endpoint", help="Ask this one, on the route or not. Default: the route.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Hold a mission's demands against what endpoints are known to do. Exit code 1 where none meets them all."""
    found = match_mission(load_config(config), mission, endpoint or ())
    if as_json:
        print_json(_json(found))
    else:
        _show(found)
    return 0 if found.fitting else 1


def _show(found: Match) -> None:
    out = console()
    table = Table("endpoint", "requirement", "fit", "why", title=f"What {found.mission} demands")
    for each in found.negotiations:
        for place, finding in enumerate(each.findings):
            name = each.endpoint if place == 0 else ""
            style = "yellow" if finding.is_met and finding.fit != "satisfied" else _STYLES[finding.fit]
            table.add_row(Text(name), Text(finding.requirement), Text(finding.fit, style=style), Text(finding.why))
    if table.row_count:
        out.print(table)
    else:
        out.print(Text(f"{found.mission} demands nothing: add `requires` or `needs` to [missions.{found.mission}]."))
    for each in found.negotiations:
        out.print(Text(_verdict(each), style="green" if each.fits else "bold red"))
    out.print("Policy, orders and keys are not asked here: see `offramp check`.")


def _verdict(negotiation: Negotiation) -> str:
    if negotiation.fits:
        failing = ", ".join(each.requirement for each in negotiation.findings if each.fit == "degraded" and each.is_met)
        now_and_then = f", and fails now and then: {failing}" if failing else ""
        return f"{negotiation.endpoint} ({negotiation.who}) fits{now_and_then}."
    unmet = ", ".join(f"{each.requirement} {each.fit}" for each in negotiation.unmet)
    # What is unknown may yet be stated, in a profile or by an agreement of one's own; what is refuted may not.
    only_unknown = all(each.fit == "unknown" for each in negotiation.unmet)
    verdict = "is not known to fit" if only_unknown else "does not fit"
    return f"{negotiation.endpoint} ({negotiation.who}) {verdict}: {unmet}."


def _json(found: Match) -> JsonObject:
    return {
        "schema": "offramp-match/1",
        "mission": found.mission,
        "fitting": list(found.fitting),
        "endpoints": [
            {
                "endpoint": each.endpoint,
                "who": each.who,
                "fits": each.fits,
                "findings": [
                    _finding_json(finding, hard=finding.requirement in each.hard) for finding in each.findings
                ],
            }
            for each in found.negotiations
        ],
    }


def _finding_json(finding: Finding, *, hard: bool) -> JsonObject:
    evidence = finding.evidence
    return {
        "requirement": finding.requirement,
        "fit": finding.fit,
        "hard": hard,
        "why": finding.why,
        "emulations": list(finding.emulations),
        "level": evidence.level if evidence else None,
        "checked": evidence.checked.isoformat() if evidence else None,
        "source": evidence.source if evidence else None,
        "check_id": evidence.check_id if evidence else None,
        "digest": evidence.digest if evidence else None,
        "lapses": finding.lapses.as_json() if finding.lapses else None,
    }
