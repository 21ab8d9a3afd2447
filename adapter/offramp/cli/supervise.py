"""`offramp supervise`: keep a mission's stop channel live, and stop the mission when its supervisor says so."""

import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from offramp._policy_files import compiled_policy, read_policy
from offramp._supervision import starter_of, supervision_need
from offramp.cli._output import console
from offramp.cli._oversight import open_books, record
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, user
from offramp.config import Config, endpoint_of, load_config
from offramp.contracts.oversight import WatchBook
from offramp.errors import ConfigurationError
from offramp.oversight import LONGEST_WATCH, beat_every_s
from offramp.policy import CompiledPolicy

_LONG_ENOUGH: Final = "Your watch has lasted 12 hours and is over. Have somebody begin anew."


class _Leave(BaseException):
    """The process is to end, and nobody has pressed stop."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("supervise")(supervise)


def supervise(
    mission: Annotated[str, typer.Argument(help="A mission that declares oversight = supervise.")],
    *,
    name: Annotated[str | None, typer.Option("--as", help="Who supervises. Default: the user.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Your private key, where `approvers` are named.")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the mission now, and supervise nothing.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> int:
    """Watch MISSION until Ctrl-C, which stops it: open exchanges are cut, and nothing is sent until somebody begins
    anew. A process that ends otherwise only leaves; without another supervisor the mission then falls silent.
    """
    setting, who = load_config(config), name or user()
    book = open_books(setting).watches
    if stop:
        _refuse_unknown(setting, mission, config)
        return _stop(setting, book, mission, who)
    need = supervision_need(_policy_of(setting, mission, config))
    _on_signals(_leave)
    watch = starter_of(setting, who, key).begin(book, need, at=datetime.now(UTC))
    try:
        _record(setting, mission, who, "begin")
        console().print(f"{who} supervises {mission} as {need.role}. Ctrl-C stops it.")
        stopped = _beat(book, watch, beat_every_s(need.reaction_time_s))
    except KeyboardInterrupt:
        return _stop(setting, book, mission, who)
    except _Leave:
        book.leave(watch)
        _record(setting, mission, who, "leave")
        return 0
    console().print(f"{mission} was stopped by {book.standing(mission).stopped_by}." if stopped else _LONG_ENOUGH)
    return 1


def _beat(book: WatchBook, watch: int, period_s: float) -> bool:
    """Until the mission is stopped by somebody else, or the watch has lasted long enough. Whether it was stopped."""
    until = time.monotonic() + LONGEST_WATCH.total_seconds()
    while time.monotonic() < until:
        if not book.beat(watch):
            return True
        time.sleep(period_s)
    book.leave(watch)
    return False


def _stop(setting: Config, book: WatchBook, mission: str, who: str) -> int:
    book.stop(mission, by=who)
    console().print(f"{mission} is stopped. It goes on when somebody supervises it anew.")
    _record(setting, mission, who, "stop")
    return 0


def _record(setting: Config, mission: str, who: str, action: str) -> None:
    warning = record(setting, "supervision", mission=mission, by=who, detail={"action": action})
    if warning:
        console().print(f"warning: {warning}")


def _policy_of(setting: Config, mission: str, config: Path) -> CompiledPolicy:
    _refuse_unknown(setting, mission, config)
    endpoints = {name: endpoint_of(setting, name) for name in setting.endpoints}
    return compiled_policy(setting, mission, endpoints, read_policy(setting))


def _refuse_unknown(setting: Config, mission: str, config: Path) -> None:
    if mission not in setting.missions:
        known = ", ".join(sorted(setting.missions))
        raise ConfigurationError(f"there is no mission {mission!r}", where=str(config), mend=f"use one of {known}")


def _on_signals(handler: Callable[[int, object], None]) -> None:
    """What ends a process besides Ctrl-C: a request to end, and the loss of its terminal."""
    signal.signal(signal.SIGTERM, handler)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, handler)


def _leave(_number: int, _frame: object) -> None:
    raise _Leave
