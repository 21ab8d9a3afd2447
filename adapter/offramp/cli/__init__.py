"""The command line: one file a command. Each has `register(app)`; `app.py` finds them."""

import sys

from offramp.cli._ending import fail
from offramp.errors import MissingExtraError


def main() -> int:
    """Run the command that the arguments name, and give its exit code.

    0: done. 1: a check has failed. 2: wrong usage, configuration or state. 130: stopped by Ctrl-C.
    """
    try:
        import rich as _rich
        import typer as _typer
    except ImportError:
        return fail(str(MissingExtraError("cli", needed_for="the command line")))
    del _rich, _typer
    from offramp.cli.app import run

    return run(sys.argv[1:])
