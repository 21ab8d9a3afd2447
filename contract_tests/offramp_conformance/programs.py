"""Starts the programs beside `offramp`, each `python -m` of its folder, and ends them as it ends its commands."""

import sys
from importlib import import_module
from typing import Final

from offramp.cli._ending import ended
from offramp.errors import MissingExtraError

_OF_THE_COMMAND_LINE: Final = ("rich", "typer")


def run_program(folder: str) -> int:
    """Run `main` of the folder's `command`, and give its exit code.

    2, after one line: an extra is missing, or what it was given is wrong. 130: stopped by Ctrl-C.
    """
    return ended(lambda: _main(folder))


def _main(folder: str) -> int:
    try:
        code: int = import_module(f"{folder}.command").main(sys.argv[1:])
    except ModuleNotFoundError as error:
        absent = (error.name or "").partition(".")[0]
        if absent.startswith("offramp"):
            raise
        extra = "cli" if absent in _OF_THE_COMMAND_LINE else "conformance"
        raise MissingExtraError(extra, needed_for=f"python -m {folder}") from error
    return code
