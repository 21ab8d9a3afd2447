"""How a program ends: whatever went wrong is one line on standard error and an exit code, never a traceback.

Loaded before the command line's extra is known to be there: it needs the standard library alone.
"""

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from offramp.errors import OfframpError


def ended(work: Callable[[], int]) -> int:
    """Run it, and give its exit code: its own; 1 where the reader of its output went away; else as `main` says."""
    _prepare_outputs()
    try:
        code = work()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _silence_output()
        return 1
    except OfframpError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{error.filename or 'input or output'}: {error.strerror}. Check disk, path and mode.")
    return code


def fail(message: str) -> int:
    """Say in one line what went wrong. Always 2."""
    line = " ".join(message.split())
    sys.stderr.write(f"offramp: error: {line}\n")
    return 2


@contextmanager
def naming(path: Path) -> Generator[None]:
    """Whatever fails at a file names it. Of a full disk, writing does not say whose."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or os.fspath(path)
        raise


def _prepare_outputs() -> None:
    """A letter that a terminal does not know is escaped; what is written to a closed output goes nowhere."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # until the process ends
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _silence_output() -> None:
    """Whoever read our output has gone. Python must not complain about it once more at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
