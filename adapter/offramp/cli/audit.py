"""`offramp audit`: verify the decision log, and read from it who was used."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from offramp.audit import UseReport, check, keep
from offramp.audit import prove as prove_call
from offramp.audit import uses as find_uses
from offramp.audit import verify as verify_log
from offramp.cli._audit_report import documents_at, public_key, show_verdict, verdict_json
from offramp.cli._output import console, print_json
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, JsonOption, setting_of
from offramp.errors import ConfigurationError
from offramp.json_file import read_json_object
from offramp.types import JsonObject, Selector

audit = typer.Typer(help="The decision log.")
KeyOption = Annotated[
    list[str] | None,
    typer.Option("--key", help="Public key in base64, or a file that holds it. May be given several times."),
]
LogOption = Annotated[Path | None, typer.Option("--log", help="Folder of the log, instead of the configuration's.")]
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(audit, name="audit")


@audit.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(help="A log file, or the folder of all of them.")],
    *,
    key: KeyOption = None,
    witness: Annotated[
        Path | None, typer.Option("--witness", help="Where `audit witness` has kept checkpoints.")
    ] = None,
    policy: Annotated[
        list[Path] | None,
        typer.Option("--policy", help="A policy file, or a folder of them, to be believed before the log."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find what was altered, taken away or not permitted. Needs no network, and no private key.

    Exit code 0 where a witness vouches for every record, 1 where something is wrong, 3 where nothing is and nobody
    vouches for all of it: whoever can write the log may have written it anew.
    """
    keys = [public_key(each) for each in key or ()]
    found = verify_log(path, keys=keys, witness=witness, documents=documents_at(policy or ()))
    if as_json:
        print_json({"schema": "offramp-verify/1", **verdict_json(found)})
    else:
        show_verdict(found, keys=len(keys))
    if found.verdict != "ok":
        raise typer.Exit(1 if found.problems else 3)


@audit.command("witness")
def witness(
    folder: Annotated[Path, typer.Argument(help="Where checkpoints are kept: out of reach of who writes the log.")],
    *,
    key: KeyOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    log: LogOption = None,
) -> None:
    """Keep the log's newest checkpoints elsewhere. Exit code 1, and nothing kept, where it denies those kept before."""
    source = log or setting_of(config, None).audit or Path("audit")
    told = keep(source, folder, keys=[public_key(each) for each in key or ()])
    out = console()
    for problem in told.problems:
        out.print(Text(str(problem), style="red"))
    out.print(f"{told.kept} new checkpoints kept; {told.witnessed} of {told.records} records are witnessed")
    if told.problems:
        raise typer.Exit(1)


@audit.command("prove")
def prove(
    call_id: Annotated[str, typer.Argument(help="The call, as the log names it.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    log: LogOption = None,
) -> None:
    """Print a proof that the lines of one call stand in the log. Whoever gets it needs no other line of the log."""
    print_json(prove_call(log or setting_of(config, None).audit or Path("audit"), call_id))


@audit.command("check-proof")
def check_proof(
    file: Annotated[Path, typer.Argument(help="What `audit prove` has printed.")], *, key: KeyOption = None
) -> None:
    """Check a proof. Needs nothing else, and no network.

    Exit code 0 where one of the keys has signed its checkpoints, 1 where it proves nothing, 3 where it is right and
    no key given vouches for its checkpoints.
    """
    keys = [public_key(each) for each in key or ()]
    out = console()
    try:
        proven = check(read_json_object(file))
    except ValueError as error:
        out.print(Text(f"NOT proven: {error}", style="red"))
        raise typer.Exit(1) from error
    for line in proven:
        out.print(Text(f"{line.file}:{line.number}: {line.line}"))
    if not all(any(line.note.is_signed_by(each) for each in keys) for line in proven):
        out.print("The lines stand under their checkpoints; NO key given vouches for these.")
        raise typer.Exit(3)
    out.print("The lines stand under checkpoints that a key given has signed.")


@audit.command("uses")
def uses(
    selector: Annotated[str, typer.Argument(help="Whose use is meant, such as developer:acme.")],
    *,
    since: Annotated[str, typer.Option("--since", help="30d, 12h, 45m, or a UTC date.")] = "30d",
    config: ConfigOption = DEFAULT_CONFIG,
    log: LogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count what was sent to whatever SELECTOR names. Exit code 1 where the log is not sound."""
    folder = log or setting_of(config, None).audit or Path("audit")
    report = find_uses(folder, Selector.parse(selector), since=_since(since))
    if as_json:
        print_json(_uses_json(report))
    else:
        _show(report)
    if not report.log.sound:
        raise typer.Exit(1)


def _show(report: UseReport) -> None:
    out = console()
    if report.uses:
        table = Table("mission", "endpoint", "developer", "host", "model", "sent", "refused", "cut", "first", "last")
        for use in report.uses:
            words = (use.mission or "unknown", use.endpoint, use.developer, use.host, use.model)
            table.add_row(
                *map(Text, words),
                str(use.sent),
                str(use.refused),
                str(use.cut),
                _iso(use.first_sent),
                _iso(use.last_sent),
            )
        out.print(table)
    else:
        out.print(f"The log tells of no use of {report.selector}.")
    if not report.log.sound:
        out.print(Text("The log is NOT sound: `offramp audit verify` says where.", style="red"))


def _uses_json(report: UseReport) -> JsonObject:
    return {
        "schema": "offramp-uses/1",
        "selector": str(report.selector),
        "since": _iso(report.since),
        "uses": [
            {
                "mission": use.mission,
                "endpoint": use.endpoint,
                "developer": use.developer,
                "host": use.host,
                "model": use.model,
                "sent": use.sent,
                "refused": use.refused,
                "cut": use.cut,
                "first_sent": _iso(use.first_sent) or None,
                "last_sent": _iso(use.last_sent) or None,
            }
            for use in report.uses
        ],
        "log": verdict_json(report.log),
    }


def _iso(instant: datetime | None) -> str:
    return instant.isoformat(timespec="seconds") if instant else ""


def _since(word: str) -> datetime:
    match = re.fullmatch(r"(\d{1,6})([dhm])", word)
    if match:
        return datetime.now(UTC) - int(match[1]) * _UNITS[match[2]]
    try:
        found = datetime.fromisoformat(word)
    except ValueError as error:
        raise ConfigurationError(
            f"{word!r} is not a time", where="--since", mend="write 30d, 12h, 45m or 2026-11-01"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
