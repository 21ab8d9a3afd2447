"""The command line: one file a command. Each has `register(app)`; `app.py` finds them."""

import sys

from offramp.errors import MissingExtraError


def main() -> int:
    """Run the command that the arguments name, and give its exit code.

    0: done. 1: a check has failed. 2: wrong usage, configuration or state. 130: stopped by Ctrl-C.
    """
    try:
        import rich as _rich
        import typer as _typer
    except ImportError:
        sys.stderr.write(f"offramp: error: {MissingExtraError('cli', needed_for='the command line')}\n")
        return 2
    del _rich, _typer
    from offramp.cli.app import run

    return run(sys.argv[1:])
