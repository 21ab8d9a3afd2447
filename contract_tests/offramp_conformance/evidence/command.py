"""`offramp verify-report`: check a signed report, offline."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from offramp.cli._output import console, print_json
from offramp.cli._state import JsonOption
from offramp.config import load_config
from offramp.errors import ConfigurationError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify-report")(verify_report)


def verify_report(
    folder: Annotated[Path, typer.Argument(help="The folder that `offramp conform --key` has written.")],
    *,
    public_key: Annotated[
        list[str], typer.Option("--public-key", help="Whom you trust: a public key in base64; may be repeated.")
    ],
    level: Annotated[str | None, typer.Option("--level", help="At least this: core, contract or full.")] = None,
    max_age: Annotated[str | None, typer.Option("--max-age", help="At most so old, such as 30d.")] = None,
    parity: Annotated[
        bool, typer.Option("--parity", help="The answers must be no worse than the old vendor's.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="It must be of the endpoint, contract and model as this offramp.toml has them."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Check who signed a report, that it is that one, what it proves and how old it is. Exit code 1: not enough."""
    from offramp_conformance.conform.levels import level_named
    from offramp_conformance.evidence.verifying import Demanded, verify

    demanded = Demanded(
        level=None if level is None else level_named(level, "--level"),
        max_age=_days(max_age),
        parity=parity,
        config=None if config is None else load_config(config),
    )
    found = verify(folder, [_key(each) for each in public_key], demanded, now=datetime.now(UTC))
    if as_json:
        print_json(
            {
                "schema": "offramp-verified-report/1",
                "ok": found.ok,
                "endpoint": found.endpoint,
                "key": found.key,
                "level": found.level,
                "at": found.at.isoformat(),
                "problems": list(found.problems),
            }
        )
    else:
        console().print(f"{found.endpoint}, level {found.level}, {found.at:%Y-%m-%d %H:%M} UTC, key {found.key}")
        for problem in found.problems:
            console().print(f"  {problem}")
        console().print("It proves what is demanded." if found.ok else "It does not prove what is demanded.")
    return 0 if found.ok else 1


def _key(text: str) -> bytes:
    try:
        public = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        public = b""
    if len(public) != 32:
        raise ConfigurationError(
            "a public key is 32 bytes in base64", where="--public-key", mend="`offramp keys new` prints it"
        )
    return public


def _days(word: str | None) -> timedelta | None:
    if word is None:
        return None
    if not word.removesuffix("d").isdigit() or len(word) > 6:
        raise ConfigurationError(f"{word!r} is no number of days", where="--max-age", mend="write it as 30d")
    return timedelta(days=int(word.removesuffix("d")))
