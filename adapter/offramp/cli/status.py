"""`offramp status`: the orders in force, which replicas have obeyed them, and what of the files nobody follows."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from offramp._assembly import books_of
from offramp._oversight import Books
from offramp.cli._notices import FileNotices, notice_json, of_replicas
from offramp.cli._output import console, order_json, print_json, replica_json, replica_table
from offramp.cli._oversight import in_words
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, JsonOption, OperatorsOption, StateOption, setting_of
from offramp.contracts.oversight import WatchStanding
from offramp.contracts.state import Notice, PermissionStore, Snapshot
from offramp.errors import StateError
from offramp.state import OversightFile, ReplicaStanding, standings
from offramp.types import JsonObject, value

_PAUSE_S = 0.25
_NOTICE_NEAR = timedelta(days=7)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    state: StateOption = None,
    operators: OperatorsOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl-C.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the orders in force, and whether each replica has acknowledged them."""
    files = FileNotices(None if state else config)
    with closing(setting_of(config, state, operators).open()) as store:
        if watch and as_json:
            _watch_json(store, files)
        elif watch:
            _watch(store, files)
        elif as_json:
            print_json(status_json(gather(store, files)))
        else:
            console().print(_shown(gather(store, files)))


@value
class Status:
    """What `offramp status` shows."""

    url: str
    at: datetime
    snapshot: Snapshot
    replicas: tuple[ReplicaStanding, ...]
    warnings: tuple[str, ...]
    supervised: tuple[str, ...] = ()
    """Who watches which mission."""
    files: tuple[Notice, ...] = ()
    """What a client that started now would refuse or could not read."""


def gather(store: PermissionStore, files: FileNotices) -> Status:
    """Read it all once. Raises StateError."""
    snapshot, now = store.read(), datetime.now(UTC)
    replicas = standings(store, epoch=snapshot.epoch, now=now)
    supervised, overseen = _of_oversight(books_of(OversightFile.beside(store.url, Path())), now)
    found = files.now()
    warnings = (
        *_of_orders(snapshot, now),
        *_of_replicas(snapshot, replicas),
        *of_replicas(replicas),
        *(each.text for each in found),
        *overseen,
    )
    return Status(store.url, now, snapshot, replicas, warnings, supervised, found)


def status_json(found: Status) -> JsonObject:
    """As `--json` prints it."""
    return {
        "schema": "offramp-status/1",
        "state": found.url,
        "store": found.snapshot.store,
        "epoch": found.snapshot.epoch,
        "at": found.at.isoformat(),
        "orders": [order_json(order, at=found.at) for order in found.snapshot.stops],
        "ignored": [{"order": one.order.id, "why": one.why} for one in found.snapshot.ignored],
        "replicas": [replica_json(standing, at=found.at) for standing in found.replicas],
        "supervised": list(found.supervised),
        "files": [notice_json(each) for each in found.files],
        "warnings": list(found.warnings),
    }


def _of_orders(snapshot: Snapshot, now: datetime) -> list[str]:
    warnings = [
        f"the allow {one.order.id} for {one.order.selector} lifts nothing: {one.why}" for one in snapshot.ignored
    ]
    for order in snapshot.stops:
        due = order.notice_until
        if due is not None and now < due <= now + _NOTICE_NEAR:
            warnings.append(f"{order.selector} is prohibited from {due.isoformat()} on")
    return warnings


def _of_replicas(snapshot: Snapshot, replicas: tuple[ReplicaStanding, ...]) -> list[str]:
    warnings: list[str] = []
    for standing in replicas:
        report = standing.report
        if standing.obedience == "silent":
            warnings.append(f"{report.replica} is silent; if process {report.pid} lives, it may still send")
        if report.epoch_seen is not None and report.epoch_seen > snapshot.epoch:
            warnings.append(
                f"{report.replica} has seen epoch {report.epoch_seen}: this state is older, restored perhaps"
            )
    return warnings


def _of_oversight(books: Books, now: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who supervises, and warnings. Where the books cannot be read, the orders are shown all the same."""
    try:
        watches = books.watches.standings()
        return tuple(_watchers(watches, now)), tuple(_oversight_warnings(books, watches, now))
    except StateError as error:
        return (), (str(error),)


def _oversight_warnings(books: Books, watches: Mapping[str, WatchStanding], now: datetime) -> Iterator[str]:
    for mission, standing in watches.items():
        if standing.stopped_by is not None and standing.stopped_at is not None:
            since = standing.stopped_at.isoformat(timespec="seconds")
            yield f"{mission} was stopped by its supervisor {standing.stopped_by} at {since}"
    waiting = sum(each.state == "pending" and now < each.expires_at for each in books.approvals.requests())
    if waiting:
        yield f"calls that wait for an approval: {waiting} (offramp approvals list)"
    yield from map(in_words, books.use.alarms())


def _watchers(watches: Mapping[str, WatchStanding], now: datetime) -> Iterator[str]:
    for mission, standing in watches.items():
        for watch in standing.watches:
            age_s = max((now - watch.beat_at).total_seconds(), 0.0)
            yield f"{watch.by} supervises {mission}, last heard {age_s:.1f} s ago"


def _watch(store: PermissionStore, files: FileNotices) -> None:
    with Live(_shown(gather(store, files)), console=console(), auto_refresh=False) as live:
        while True:
            time.sleep(_PAUSE_S)
            live.update(_shown(gather(store, files)), refresh=True)


def _watch_json(store: PermissionStore, files: FileNotices) -> None:
    """One line for each change of what matters; a heartbeat alone is none."""
    before: object = None
    while True:
        found = gather(store, files)
        now = (found.snapshot, [(one.report.replica, one.obedience) for one in found.replicas], found.warnings)
        if now != before:
            print_json(status_json(found), indent=None)
            before = now
        time.sleep(_PAUSE_S)


def _shown(found: Status) -> Group:
    head = Text(f"{found.url}   epoch {found.snapshot.epoch}   {found.at.isoformat(timespec='seconds')}")
    warnings = [Text(f"warning: {warning}", style="yellow") for warning in found.warnings]
    replicas = replica_table(found.replicas, at=found.at) if found.replicas else Text("No replica is registered.")
    return Group(head, _order_table(found), replicas, *map(Text, found.supervised), *warnings)


def _order_table(found: Status) -> Table | Text:
    if not found.snapshot.stops:
        return Text("Nothing is prohibited.", style="green")
    table = Table("selector", "state", "stops", "reason", "by", "since", "epoch", title="Orders")
    for order in found.snapshot.stops:
        since = order.notice_until or order.at
        table.add_row(
            Text(str(order.selector)),
            "in force" if order.in_force(found.at) else "notice",
            ", ".join(order.rights),
            Text(order.reason),
            Text(order.by),
            since.isoformat(timespec="seconds"),
            str(order.epoch),
            style="red" if order.in_force(found.at) else "yellow",
        )
    return table
