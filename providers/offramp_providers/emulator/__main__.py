"""`python -m offramp_providers.emulator`: one emulated vendor as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from errno import EADDRINUSE

from .config import DIALECTS, HOSTINGS, EmulatorConfig
from .server import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. Returns 1, after one line, where the port cannot be had."""
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(_config(options), ends_with_stdin=options.end_with_stdin))
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        reason = "is in use" if error.errno == EADDRINUSE else f"cannot be opened ({error.strerror})"
        print(f"offramp emulator: port {options.port} {reason}. Use --port 0 for a free one.", file=sys.stderr)  # noqa: T201  # a command
        return 1
    return 0


async def _run(config: EmulatorConfig, *, ends_with_stdin: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows has none; there the process is simply ended
            break
    if ends_with_stdin:
        # A daemon: a thread of the executor would be waited for, and the pipe may stay open after a signal.
        threading.Thread(target=_wait_for_stdin, args=(loop, stop), daemon=True).start()
    async with serve(config) as emulator:
        print(f"READY {emulator.url}\nADMIN {emulator.admin_url}", flush=True)  # noqa: T201  # a command
        await stop.wait()


def _wait_for_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 1024):  # the bare descriptor: a lock of `sys.stdin` held at exit would crash the interpreter
        pass
    with suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(stop.set)


def _config(options: argparse.Namespace) -> EmulatorConfig:
    return EmulatorConfig(
        dialect=options.dialect,
        port=options.port,
        admin_port=options.admin_port,
        seed=options.seed,
        pace_s=options.pace,
        first_s=options.first,
        key=options.key,
        issuer=options.issuer,
        models=tuple(options.model),
        also_recalled=options.also_recalled,
        hosting=options.hosting,
        record_bodies=options.record_bodies,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m offramp_providers.emulator", description=__doc__)
    add = parser.add_argument
    add("--dialect", choices=DIALECTS, required=True)
    add("--port", type=int, default=0, help="counted port on loopback; 0 takes a free one")
    add("--admin-port", type=int, default=0, help="port of the uncounted side entrance")
    add("--seed", type=int, default=0)
    add("--pace", type=float, default=0.02, metavar="S", help="mean pause between two events, in seconds")
    add("--first", type=float, default=0.0, metavar="S", help="pause before an answer, in seconds")
    add("--key", default=None, help="the one accepted key; without it any key opens")
    add("--issuer", default="emulated", help="whose signatures are issued and accepted")
    add("--model", action="append", default=[], help="a model that exists; may be given again; without it all do")
    add("--also-recalled", action="store_true", help="enforce rules that nobody read at the vendor, too")
    add("--hosting", choices=HOSTINGS, default="vendor", help="speak anthropic_messages as a cloud does")
    add("--record-bodies", action="store_true", help="keep request bodies for GET /requests?bodies=1")
    add(
        "--end-with-stdin",
        action="store_true",
        help="end when standard input ends, so that no process outlives its starter",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
