"""`make liars`: tries the suite on vendors of which we know whether they are honest, and prints who was caught."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import get_args

from rich.console import Console
from rich.progress import Progress

from offramp.errors import ConfigurationError
from offramp_conformance.liars.campaign import Kind, Outcome, Report, jobs, run
from offramp_conformance.liars.matrix import show
from offramp_conformance.whole_numbers import at_least_one, none_or_more
from offramp_providers.emulator.config import DIALECTS

_MOST_WORKERS = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it. 0: every liar was caught and nobody honest accused; 1: not so.

    Raises:
        ConfigurationError: there is no lie or variant of that name.
    """
    options = _parser().parse_args(arguments)
    listed = list(
        jobs(
            every=options.all,
            only=options.only,
            dialects=options.dialect,
            kinds=options.kind,
            draws=options.draws,
            seed=options.seed,
        )
    )
    if not listed:
        raise ConfigurationError("there is no lie or variant of that name, or none in that dialect", mend="see --help")
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("trials", total=len(listed))

        def told(_: Outcome) -> None:
            progress.advance(task)

        report = Report(run(listed, workers=options.workers, told=told))
    if options.json:
        sys.stdout.write(f"{json.dumps(report.as_json(), indent=2)}\n")
    else:
        show(report, Console(highlight=False, width=None if sys.stdout.isatty() else 140))
    return 0 if report.is_sound else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m offramp_conformance.liars", description=__doc__)
    add = parser.add_argument
    add("--all", action="store_true", help="in every dialect where it makes sense, which takes long")
    add("--only", action="append", default=[], metavar="ID", help="only this lie or variant; may be given again")
    add("--dialect", action="append", choices=DIALECTS, default=[], help="only this one; may be given again")
    add("--kind", action="append", choices=get_args(Kind), default=[], help="only such trials; may be given again")
    add("--seed", type=int, default=0, help="of all chances: in which calls a rare lie is told")
    add("--draws", type=none_or_more, default=8, help="anonymous liars to be found out")
    add("--workers", type=at_least_one, default=min(os.cpu_count() or 1, _MOST_WORKERS), help="processes at once")
    add("--json", action="store_true", help="print every trial as JSON")
    return parser
