"""Runs a drill: vendors, workers, load, order, stop, the work's end; and gathers the evidence."""

import asyncio
import secrets
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Final, TypeAlias

import aiohttp

from offramp.config import load_config
from offramp_conformance.drill import collect
from offramp_conformance.drill.children import Children
from offramp_conformance.drill.evidence import Evidence, SeenVendor
from offramp_conformance.drill.journal import EVENTS, STARTS, Tail, journal_path
from offramp_conformance.drill.orders import give_order, seen_order, wait_until_obeyed
from offramp_conformance.drill.own_config import write_own
from offramp_conformance.drill.permission import refuse_unless_permitted
from offramp_conformance.drill.progress import Progress
from offramp_conformance.drill.scenario import FIRST_KEY, SECOND_KEY, Deployment, write_emulated
from offramp_conformance.drill.script import Conversation, conversation
from offramp_conformance.drill.settings import DrillSettings
from offramp_conformance.drill.vendors import Counters, seen_vendor, start_vendors
from offramp_conformance.drill.workplace import workplace

_LOOK_S: Final = 0.05
_PERMISSION_S: Final = 0.5
_WORKER: Final = "offramp_conformance.drill.worker"

Show: TypeAlias = Callable[[Progress], None]


async def rehearse(settings: DrillSettings, show: Show) -> Evidence:
    """Run one drill and gather what it has left behind. No process of it is left when this returns or raises.

    Args:
        settings: of the drill.
        show: called with the state of things several times a second.

    Raises:
        DrillFailed, ConfigurationError: the drill could not be carried out.
        Prohibited, PolicyDenied: an order or policy stands against the user's own endpoints.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(workplace())
        children = await stack.enter_async_context(Children(folder))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        return await _Drill(settings, folder, children, http, show).run()


class _Drill:
    """One drill under way."""

    def __init__(
        self, settings: DrillSettings, folder: Path, children: Children, http: aiohttp.ClientSession, show: Show
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._children = children
        self._http = http
        self._show = show
        self._began_s = monotonic()
        self._keys = (secrets.token_hex(16), secrets.token_hex(16))
        self._scripts = _scripts(settings)
        self._progress = _progress(settings, self._scripts)
        self._counters: tuple[Counters, Counters] | None = None
        self._workers: list[Process] = []
        self._mission = ""
        self._permitted_s = float("-inf")
        workers = range(settings.workers)
        self._events = [Tail(journal_path(folder, EVENTS, worker)) for worker in workers]
        self._starts = [Tail(journal_path(folder, STARTS, worker)) for worker in workers]

    async def run(self) -> Evidence:
        """From the first process to the evidence."""
        deployment = await self._deploy()
        await self._start_workers(deployment)
        self._progress.phase = "working"
        await self._until(self._is_loaded, self._settings.load_limit_s)
        await self._order(deployment)
        self._progress.phase = "handed off"
        await self._until(self._is_over, self._settings.limit_s - (monotonic() - self._began_s))
        await self._look()
        await self._let_workers_end()
        return await self._evidence(deployment)

    async def _deploy(self) -> Deployment:
        if self._settings.own is not None:
            deployment = write_own(self._folder, self._settings.own)
            self._mission = deployment.mission
            await self._ask_permission()
            return deployment
        first, second = await start_vendors(
            self._children, seed=self._settings.seed, pace_s=self._settings.pace_s, keys=self._keys
        )
        self._counters = (Counters(self._http, first), Counters(self._http, second))
        return write_emulated(self._folder, first=first.url, second=second.url)

    async def _ask_permission(self) -> None:
        """Of the user's own state and policy, again and again: an order that comes meanwhile ends the drill too."""
        own, now = self._settings.own, monotonic()
        if own is not None and now - self._permitted_s > _PERMISSION_S:
            await asyncio.to_thread(refuse_unless_permitted, own, self._mission)
            self._permitted_s = now

    async def _start_workers(self, deployment: Deployment) -> None:
        environment = {} if self._settings.own else {FIRST_KEY: self._keys[0], SECOND_KEY: self._keys[1]}
        load_config(deployment.config)  # what is wrong with it is said here, once
        for worker in range(self._settings.workers):
            arguments = _worker_arguments(self._settings, deployment, worker)
            self._workers.append(await self._children.start(_WORKER, arguments, environment=environment))

    async def _until(self, done: Callable[[], bool], limit_s: float) -> bool:
        """Look again and again. Whether it came to be within the limit."""
        ends = monotonic() + limit_s
        while monotonic() < ends:
            await self._look()
            if done():
                return True
            await asyncio.sleep(_LOOK_S)
        return False

    async def _look(self) -> None:
        await self._ask_permission()
        for tail in self._events:
            for event in tail.read():
                self._progress.take(event)
        for tail in self._starts:
            self._progress.tool_starts += sum(1 for _ in tail.read())
        if self._counters is not None:
            first, second = self._counters
            self._progress.first, self._progress.second = await first.sums(), await second.sums()
        self._show(self._progress)

    def _is_loaded(self) -> bool:
        """The moment for the order has come, or nothing is left to wait for."""
        return self._progress.is_loaded or self._is_over()

    def _is_over(self) -> bool:
        return self._progress.over or self._workers_are_gone()

    def _workers_are_gone(self) -> bool:
        return all(process.returncode is not None for process in self._workers)

    async def _order(self, deployment: Deployment) -> None:
        """Give the order, and read the first vendor's counters as soon as all replicas have acknowledged it."""
        self._progress.streaming_when_told = self._progress.streaming_at_first
        self._progress.phase = "ordered to stop"
        self._show(self._progress)
        obeyed = asyncio.create_task(asyncio.to_thread(wait_until_obeyed, load_config(deployment.config)))
        printed, sampled = await asyncio.gather(
            give_order(self._children, deployment, self._settings.selector), self._sample_after(obeyed)
        )
        order = seen_order(printed, stop_s=sampled)
        if order.acknowledged_s is None or order.acknowledged_s > sampled:
            order = replace(order, stop_s=await self._sample())  # a busy machine: the replicas were taken for silent
        self._progress.order = order

    async def _sample_after(self, obeyed: "asyncio.Task[None]") -> float:
        await obeyed
        return await self._sample()

    async def _sample(self) -> float:
        """Read the first vendor's counters, and give the moment on its clock, which is this host's.

        It is asked twice: what had arrived in its kernel before, it has read when it answers the second time.
        """
        if self._counters is None:
            return monotonic()
        await self._counters[0].sums()
        moment: float = (await self._counters[0].sums())["now"]
        return moment

    async def _let_workers_end(self) -> None:
        """Let them close their ledger and log. One that was told to end early may still do so."""
        waits = [asyncio.create_task(process.wait()) for process in self._workers]
        await asyncio.wait(waits, timeout=5.0)
        for wait in waits:
            wait.cancel()

    def _worker_failures(self) -> tuple[str, ...]:
        """Workers that ended otherwise than by finishing or saying what failed, with their last words."""
        return tuple(
            f"worker {number} ended with {process.returncode}: {self._children.last_words(process)}"
            for number, process in enumerate(self._workers)
            if process.returncode not in (0, None)
        )

    async def _evidence(self, deployment: Deployment) -> Evidence:
        settings, config = self._settings, load_config(deployment.config)
        first, second = await self._seen_vendors()
        return Evidence(
            at=datetime.now(UTC),
            began_s=self._began_s,
            ended_s=monotonic(),
            first=settings.first,
            second=settings.second,
            dialects=collect.dialects(config, settings.first, settings.second),
            order=self._progress.order,
            streaming_when_told=self._progress.streaming_when_told,
            conversations=await collect.conversations(config, self._scripts, workers=settings.workers),
            tool_starts=collect.tool_starts(self._folder, workers=settings.workers),
            first_vendor=first,
            second_vendor=second,
            log=collect.decision_log(config.at(config.audit)),
            worker_failures=self._worker_failures(),
            sabotage=settings.sabotage,
            cut_limit_s=settings.cut_limit_s,
            unreviewed=collect.unreviewed_contracts(config),
        )

    async def _seen_vendors(self) -> tuple[SeenVendor | None, SeenVendor | None]:
        if self._counters is None:
            return None, None
        order = self._progress.order
        stop_s = order.stop_s if order else monotonic()
        first, second = self._counters
        return await seen_vendor(first, stop_s=stop_s), await seen_vendor(second, stop_s=stop_s)


def _scripts(settings: DrillSettings) -> tuple[Conversation, ...]:
    return tuple(
        conversation(number, seed=settings.seed, words=settings.words, directed=settings.own is None)
        for number in range(settings.conversations)
    )


def _progress(settings: DrillSettings, scripts: Sequence[Conversation]) -> Progress:
    progress = Progress(settings.conversations, sum(len(script.turns) for script in scripts))
    progress.kinds = {(script.id, turn.number): turn.kind for script in scripts for turn in script.turns}
    return progress


def _worker_arguments(settings: DrillSettings, deployment: Deployment, worker: int) -> list[str]:
    return [
        *("--config", str(deployment.config), "--mission", deployment.mission),
        *("--first", settings.first, "--second", settings.second),
        *("--worker", str(worker), "--workers", str(settings.workers)),
        *("--conversations", str(settings.conversations), "--seed", str(settings.seed)),
        *("--words", str(settings.words)),
        *(["--undirected"] if settings.own else []),
        *(["--sabotage", settings.sabotage] if settings.sabotage else []),
    ]
