"""`make fidelity`: prints how much of recorded traffic passes through the dialects exactly, and what of it is named."""

import argparse
import json
import sys
from collections.abc import Sequence

from rich.console import Console

from offramp_conformance.accounting.dialects import SPOKEN
from offramp_conformance.fidelity.report import report
from offramp_conformance.fidelity.table import show


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it. 0: all exact and nothing silent; 1: not so. Raises ConfigurationError: there are no recordings."""
    options = _parser().parse_args(arguments)
    found = report(dialects=options.dialect, crossing=not options.same_only)
    if options.json:
        sys.stdout.write(f"{json.dumps(found.as_json(), indent=2)}\n")
    else:
        show(found, Console(highlight=False, width=None if sys.stdout.isatty() else 140))
    return 0 if found.is_sound else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m offramp_conformance.fidelity", description=__doc__)
    add = parser.add_argument
    add("--dialect", action="append", choices=sorted(SPOKEN), default=[], help="only what was recorded in this one")
    add("--same-only", action="store_true", help="leave out the ways to other dialects")
    add("--json", action="store_true", help="print the report as JSON, with every difference")
    return parser
