"""`offramp sessions`: which conversations the ledger holds, which were cut off, and how to erase one."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from offramp.cli._output import console, print_json
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, JsonOption
from offramp.config import Config, load_config
from offramp.contracts.ledger import ConversationStatus, Ledger, Summary
from offramp.errors import ConfigurationError, SessionError
from offramp.sessions import open_ledger
from offramp.types import JsonObject

sessions_app = typer.Typer(help="Conversations in the ledger.", invoke_without_command=True)

_CUT_OFF: tuple[ConversationStatus, ...] = ("interrupted", "running")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(sessions_app, name="sessions")


@sessions_app.callback(invoke_without_command=True)
def sessions(
    context: typer.Context,
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    interrupted: Annotated[
        bool, typer.Option("--interrupted", help="Only those whose last turn has no end: resume() continues them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List conversations, longest untouched first. No content is shown."""
    if context.invoked_subcommand is not None:
        return
    found = asyncio.run(_summaries(_ledger_of(load_config(config)), interrupted=interrupted))
    if as_json:
        print_json({"schema": "offramp-sessions/1", "sessions": [_json(each) for each in found]})
    elif found:
        console().print(_table(found))
    else:
        console().print("No conversation was cut off." if interrupted else "The ledger holds no conversation.")


@sessions_app.command("erase")
def erase(
    conversation: Annotated[str, typer.Argument(help="Its id, as `offramp sessions` shows it.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Remove a conversation's content for good. Its id stays taken."""
    asyncio.run(_erase(_ledger_of(load_config(config)), conversation))
    console().print(f"{conversation} is erased.")


def _ledger_of(config: Config) -> Ledger:
    """The ledger's file; it is not made here."""
    scheme, _, name = config.ledger.url.partition(":")
    if scheme == "memory":
        raise ConfigurationError(
            "the ledger ends with its process, so there is nothing to read",
            where="ledger.url",
            mend='write url = "sqlite:ledger.db"',
        )
    if scheme == "sqlite" and not (config.folder / name).exists():
        raise ConfigurationError(
            "there is no ledger here yet", where=str(config.folder / name), mend="the first session makes it"
        )
    return open_ledger(config.ledger.url, base=config.folder)


async def _summaries(ledger: Ledger, *, interrupted: bool) -> tuple[Summary, ...]:
    try:
        return await ledger.summaries(status=_CUT_OFF if interrupted else ())
    finally:
        await ledger.aclose()


async def _erase(ledger: Ledger, conversation: str) -> None:
    try:
        if all(each.conversation != conversation for each in await ledger.summaries()):
            raise SessionError(
                f"there is no conversation {conversation!r}", mend="`offramp sessions` lists those there are"
            )
        await ledger.erase(conversation)
    finally:
        await ledger.aclose()


def _table(found: tuple[Summary, ...]) -> Table:
    table = Table("conversation", "mission", "status", "endpoint", "entries", "opened", "last touched")
    for each in found:
        words = (each.conversation, each.mission or "", each.status, each.endpoint or "")
        opened, updated = (instant.isoformat(timespec="seconds") for instant in (each.opened, each.updated))
        table.add_row(
            *map(Text, words), str(each.sequence), opened, updated, style="yellow" if each.status in _CUT_OFF else ""
        )
    return table


def _json(each: Summary) -> JsonObject:
    return {
        "conversation": each.conversation,
        "mission": each.mission,
        "status": each.status,
        "endpoint": each.endpoint,
        "entries": each.sequence,
        "opened": each.opened.isoformat(),
        "updated": each.updated.isoformat(),
    }
