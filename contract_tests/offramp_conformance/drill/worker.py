"""`python -m offramp_conformance.drill.worker`: one application process of the drill, with its conversations."""

import argparse
import asyncio
import os
import sys
import threading
from contextlib import closing
from pathlib import Path

from offramp import AsyncClient, OfframpError, load_config
from offramp_conformance.drill.conversing import Desk, converse
from offramp_conformance.drill.faults import build_in
from offramp_conformance.drill.journal import EVENTS, STARTS, Journal
from offramp_conformance.drill.script import conversation
from offramp_conformance.drill.settings import SABOTAGES


def main() -> int:
    """Run the share of conversations that falls to this worker. What became of each stands in its events."""
    threading.Thread(target=_end_with_starter, daemon=True).start()
    options = _options()
    if options.sabotage:
        build_in(options.sabotage, first=options.first, second=options.second)
    try:
        asyncio.run(_run(options))
    except KeyboardInterrupt:
        return 130
    except OfframpError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _end_with_starter() -> None:
    """The starter holds our standard input open for as long as it lives."""
    # Not through `sys.stdin`: its lock would be held by this thread when the interpreter ends in good order.
    while os.read(0, 1):
        pass
    os._exit(3)


async def _run(options: argparse.Namespace) -> None:
    config = load_config(options.config)
    folder: Path = options.config.parent
    events, starts = Journal(folder, EVENTS, options.worker), Journal(folder, STARTS, options.worker)
    scripts = [
        conversation(number, seed=options.seed, words=options.words, directed=not options.undirected)
        for number in range(options.worker, options.conversations, options.workers)
    ]
    with closing(events), closing(starts):
        async with AsyncClient(config) as client:
            desk = Desk(client.mission(options.mission), config=config, events=events, starts=starts)
            async with asyncio.TaskGroup() as group:
                for script in scripts:
                    group.create_task(converse(desk, script))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m offramp_conformance.drill.worker", description=__doc__)
    add = parser.add_argument
    add("--config", type=Path, required=True)
    add("--mission", required=True)
    add("--first", required=True, help="endpoint that is lost")
    add("--second", required=True, help="endpoint that takes over")
    add("--worker", type=int, required=True, help="which worker this is, from 0")
    add("--workers", type=int, required=True)
    add("--conversations", type=int, required=True, help="of all workers together")
    add("--seed", type=int, required=True)
    add("--words", type=int, required=True, help="length of a streamed answer")
    add("--undirected", action="store_true", help="without directives for an emulated vendor")
    add("--sabotage", choices=SABOTAGES, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
