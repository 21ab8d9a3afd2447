"""`offramp check`: could every mission be carried now, and who goes dark without a vendor? It sends no request."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from offramp.cli._named import told_of_nobody
from offramp.cli._notices import notice_json, of_replicas
from offramp.cli._output import console, print_json
from offramp.cli._reach import reach
from offramp.cli._readiness import readiness
from offramp.cli._standings import Darkness, MissionStanding, Readiness, Standing, Step
from offramp.cli._state import DEFAULT_CONFIG, JsonOption
from offramp.config import load_config
from offramp.contracts.policy import Reason
from offramp.policy.moves import Move
from offramp.types import JsonObject, Selector

_FINE: Final = "ok"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    *,
    config: Annotated[Path, typer.Option("--config", help="The configuration to check.")] = DEFAULT_CONFIG,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="As if this were stopped, such as developer:acme.")
    ] = None,
    network: Annotated[bool, typer.Option("--network/--no-network", help="Connect to each host.")] = True,
    as_json: JsonOption = False,
) -> int:
    """Check keys, reach, orders, policy, expiry, capability and ledger. No request is sent.

    Exit code 1 where a mission goes dark, or no session can be kept; 2 where the configuration cannot be read.
    """
    selectors = [Selector.parse(word) for word in without or []]
    connect = reach if network else None
    found = readiness(load_config(config), without=selectors, connect=connect, now=datetime.now(UTC))
    if as_json:
        print_json(_json(found, selectors))
    else:
        _show(found, selectors, config)
    return 1 if found.dark or found.ledger else 0


def _show(found: Readiness, without: Sequence[Selector], config: Path) -> None:
    out = console()
    out.print(_endpoint_table(found.endpoints))
    out.print(_mission_table(found.missions))
    _show_notes(found)
    identities = [each.endpoint.identity for each in found.endpoints]
    for selector in without:
        if told := told_of_nobody(selector, identities, where=str(config)):
            out.print(Text(f"warning: {told}", style="yellow"))
    absent = f" without {', '.join(map(str, without))}" if without else ""
    for mission in found.missions:
        if mission.carriers:
            out.print(Text(f"{mission.mission} is carried by {_in_turn(mission)}{absent}.", style="green"))
            if dark := mission.goes_dark:
                when = f"{mission.mission} goes dark on {dark.at.date()}, 00:00 UTC"
                out.print(Text(f"  {when}: {dark.reason}{_mend(dark.reason)}"))
        else:
            out.print(Text(f"{mission.mission} GOES DARK{absent}.", style="bold red"))


def _show_notes(found: Readiness) -> None:
    """What is due, open, refused or left, before the verdicts."""
    out = console()
    for warning in dict.fromkeys(str(each) for mission in found.missions for each in mission.warnings):
        out.print(f"warning: {warning}")
    for note in (each for mission in found.missions for each in mission.overseen):
        out.print(f"oversight: {note}")
    for reason in dict.fromkeys(str(each) for mission in found.missions for each in mission.refused):
        out.print(f"REFUSED: {reason}")
    for told in of_replicas(found.replicas):
        out.print(Text(f"REPLICA: {told}", style="yellow"))
    if found.ledger:
        out.print(Text(f"LEDGER: no session can be kept: {found.ledger}", style="bold red"))
    for mission in found.missions:
        for move in mission.moves:
            out.print(Text(f"MOVED: {mission.mission}: {move}. To tell of it: {move.mend}", style="yellow"))


def _mend(reason: Reason) -> str:
    return f" Who could change it: {reason.mend}." if reason.mend else ""


def _in_turn(mission: MissionStanding) -> str:
    return ", then ".join(mission.carriers)


def _endpoint_table(standings: Sequence[Standing]) -> Table:
    table = Table("endpoint", "model", "key", "reach", "orders", "notes", title="Endpoints")
    for each in standings:
        reached = each.reach or (_FINE if each.tried else "not tried")
        words = (each.name, each.endpoint.identity.model, each.key or _FINE, reached, each.stop or "none")
        table.add_row(*map(Text, words), Text("; ".join(each.notes)))
    return table


def _mission_table(missions: Sequence[MissionStanding]) -> Table:
    table = Table("mission", "endpoint", "may and can answer", "policy until", title="Missions")
    for mission in missions:
        for place, step in enumerate(mission.steps):
            name = mission.mission if place == 0 else ""
            table.add_row(
                Text(name),
                Text(step.endpoint),
                Text(_verdict(step), style="red" if step.obstacle else "green"),
                Text(_until(step)),
            )
    return table


def _verdict(step: Step) -> str:
    if step.obstacle is None:
        unsigned = ", unsigned" if step.decision.unsigned else ""
        return f"yes{', on an unreviewed contract' if step.decision.unreviewed else ''}{unsigned}"
    mend = f"; mend: {step.obstacle.mend}" if step.obstacle.mend else ""
    ends = "; a call ends here" if step.obstacle.ends_the_call else ""
    return f"no ({step.obstacle.kind}): {step.obstacle.why.rstrip('.')}{mend}{ends}"


def _until(step: Step) -> str:
    if not step.decision.allowed:
        return "denied"
    return str(step.until.date()) if step.until else "no known end"


def _json(found: Readiness, without: Sequence[Selector]) -> JsonObject:
    return {
        "schema": "offramp-check/1",
        "without": [str(selector) for selector in without],
        "dark": list(found.dark),
        "ledger_problem": found.ledger,
        "endpoints": [
            {
                "endpoint": each.name,
                "developer": each.endpoint.identity.developer,
                "host": each.endpoint.identity.host,
                "model": each.endpoint.identity.model,
                "key_problem": each.key,
                "reached": each.reach is None if each.tried else None,
                "reach_problem": each.reach,
                "stopped_by": each.stop,
                "notes": list(each.notes),
            }
            for each in found.endpoints
        ],
        "missions": [_mission_json(each) for each in found.missions],
        "replicas": [
            {
                "replica": one.report.replica,
                "obedience": one.obedience,
                "notices": [*map(notice_json, one.report.notices)],
            }
            for one in found.replicas
        ],
    }


def _mission_json(mission: MissionStanding) -> JsonObject:
    return {
        "mission": mission.mission,
        "carried_by": list(mission.carriers),
        "dark": not mission.carriers,
        "goes_dark": _darkness_json(mission.goes_dark) if mission.goes_dark else None,
        "route": [
            {
                "endpoint": step.endpoint,
                "obstacle": step.obstacle.kind if step.obstacle else None,
                "why": step.obstacle.why if step.obstacle else None,
                "mend": step.obstacle.mend if step.obstacle else None,
                "ends_the_call": step.obstacle.ends_the_call if step.obstacle else False,
                "allowed": step.decision.allowed,
                "unreviewed": step.decision.unreviewed,
                "unsigned": step.decision.unsigned,
                "denied_from": step.until.isoformat() if step.until else None,
            }
            for step in mission.steps
        ],
        "warnings": [str(warning) for warning in mission.warnings],
        "refused": [str(reason) for reason in mission.refused],
        "oversight": list(mission.overseen),
        "moved": [_move_json(move) for move in mission.moves],
    }


def _darkness_json(dark: Darkness) -> JsonObject:
    return {
        "at": dark.at.isoformat(),
        "endpoint": dark.endpoint,
        "why": str(dark.reason),
        "mend": dark.reason.mend,
    }


def _move_json(move: Move) -> JsonObject:
    return {
        "endpoint": move.identity.endpoint,
        "developer": move.identity.developer,
        "host": move.identity.host,
        "model": move.identity.model,
        "last_seen": move.last_seen.isoformat(),
        "documents": [f"{contract.name} {contract.version}" for contract in move.contracts],
        "mend": move.mend,
    }
