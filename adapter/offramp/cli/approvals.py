"""`offramp approvals`: the calls that wait for a person, and that person's answer."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from offramp.cli._output import console, print_json
from offramp.cli._oversight import open_books, record
from offramp.cli._state import DEFAULT_CONFIG, ConfigOption, JsonOption, user
from offramp.config import Config, load_config
from offramp.contracts.oversight import ApprovalBook, ApprovalRequest
from offramp.errors import ConfigurationError, StateError
from offramp.oversight import grant as sign_and_rule
from offramp.oversight import load_approvers
from offramp.types import JsonObject

approvals_app = typer.Typer(help="Calls that wait for a person's approval.", no_args_is_help=True)

RequestArgument = Annotated[str, typer.Argument(help="The request's id, as `offramp approvals list` shows it.")]
_SPAN: Final = re.compile(r"(\d{1,6})([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(approvals_app, name="approvals")


@approvals_app.command("list")
def list_requests(
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    everything: Annotated[bool, typer.Option("--all", help="Answered and expired ones too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the requests that wait, oldest first. Nothing of their content is shown."""
    now = datetime.now(UTC)
    kept = open_books(load_config(config)).approvals.requests()
    found = [each for each in kept if everything or _standing(each, now) == "pending"]
    if as_json:
        print_json({"schema": "offramp-approvals/1", "requests": [_json(each, now) for each in found]})
    elif found:
        console().print(_table(found, now))
    else:
        console().print("No call was ever asked about." if everything else "No call waits for an approval.")


@approvals_app.command("show")
def show(request: RequestArgument, *, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Show a request, with its content where the configuration keeps it: what is shown is what would be signed."""
    book = open_books(load_config(config)).approvals
    found, now = _found(book, request), datetime.now(UTC)
    content = _checked_content(book, found)
    if as_json:
        print_json({"schema": "offramp-approval-request/1", **_json(found, now), "content": content})
        return
    out = console()
    out.print(_table([found], now))
    out.print(Text(f"digest {found.digest}"))
    out.print(Text(json.dumps(content, indent=2)) if content is not None else _no_content(found))


@approvals_app.command("grant")
def grant(
    request: RequestArgument,
    *,
    key: Annotated[Path, typer.Option("--key", help="The approver's private key, made by `offramp keys new`.")],
    valid: Annotated[str, typer.Option("--for", help="How long it may be used: 90s, 15m, 8h, 2d.")] = "15m",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Approve one call, once, with the signature of an approver who has the role that it needs."""
    setting = load_config(config)
    book = open_books(setting).approvals
    found = _found(book, request)
    _checked_content(book, found)
    approval = sign_and_rule(
        book,
        request,
        key=key,
        approvers=load_approvers(_approvers(setting, config)),
        at=datetime.now(UTC),
        lifetime=_span(valid),
    )
    until = approval.expires_at.isoformat(timespec="seconds")
    console().print(f"{approval.approver} ({approval.role}) approves {request} of {approval.mission} until {until}")
    _record(setting, found, state="granted", by=approval.approver)


@approvals_app.command("deny")
def deny(
    request: RequestArgument,
    *,
    by: Annotated[str | None, typer.Option("--by", help="Who denies it. Default: the user.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Deny one call, for good: the very same call is not asked about again. Needs no signature."""
    setting = load_config(config)
    book = open_books(setting).approvals
    found, name = _found(book, request), by or user()
    if not book.rule(request, state="denied", by=name, token=None):
        raise StateError(f"the request {request} was answered before, or its time is over", where="approvals")
    console().print(f"{name} denies {request} of {found.mission}: the very same call stays denied")
    _record(setting, found, state="denied", by=name)


def _record(setting: Config, request: ApprovalRequest, *, state: str, by: str) -> None:
    detail = {"approval": request.id, "digest": request.digest, "state": state}
    warning = record(setting, "ruling", mission=request.mission, by=by, detail={**detail})
    if warning:
        console().print(f"warning: {warning}")


def _approvers(setting: Config, config: Path) -> Path:
    if setting.approvers is None:
        raise ConfigurationError("nobody may approve", where=str(config), mend='add approvers = "approvers.toml"')
    return setting.at(setting.approvers)


def _found(book: ApprovalBook, request: str) -> ApprovalRequest:
    found = next((each for each in book.requests() if each.id == request), None)
    if found is None:
        raise ConfigurationError(
            f"there is no request {request!r}", mend="`offramp approvals list` shows those waiting"
        )
    return found


def _checked_content(book: ApprovalBook, request: ApprovalRequest) -> object:
    """The content as JSON; None where none is kept.

    Raises:
        StateError: it is not what the digest stands for, so that nobody signs what he has not read.
    """
    if request.content is None:
        return None
    if book.keyed(request.content.encode()) != request.digest:
        raise StateError("the kept content is not that of the request", where=request.id, mend="deny it")
    return json.loads(request.content)


def _no_content(request: ApprovalRequest) -> str:
    if request.state != "pending":
        return "Its content is not kept any more."
    return "Its content is not kept: the application has to show it. [approvals] keep_content = true keeps it here."


def _span(word: str) -> timedelta:
    found = _SPAN.fullmatch(word)
    if found is None or int(found[1]) == 0:
        raise ConfigurationError(f"{word!r} is no length of time", where="--for", mend="write 90s, 15m, 8h or 2d")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def _standing(request: ApprovalRequest, now: datetime) -> str:
    return "expired" if request.state == "pending" and now >= request.expires_at else request.state


def _table(found: list[ApprovalRequest], now: datetime) -> Table:
    table = Table("request", "mission", "role", "state", "by", "asked", "until", title="Approvals")
    for each in found:
        asked, until = (instant.isoformat(timespec="seconds") for instant in (each.asked_at, each.expires_at))
        words = (each.id, each.mission, each.role, _standing(each, now), each.by or "")
        table.add_row(*map(Text, words), asked, until)
    return table


def _json(request: ApprovalRequest, now: datetime) -> JsonObject:
    return {
        "request": request.id,
        "mission": request.mission,
        "role": request.role,
        "digest": request.digest,
        "state": _standing(request, now),
        "by": request.by,
        "asked_at": request.asked_at.isoformat(),
        "expires_at": request.expires_at.isoformat(),
        "has_content": request.content is not None,
    }
