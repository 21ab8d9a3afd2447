"""Every way into Offramp: each public callable and each command, with a use of it that would send if it could.

`tests/policy/test_every_entry.py` finds by reflection what there is, and fails where it is not listed here.
"""

import asyncio
import contextlib
import inspect
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import typer.main
from typing_extensions import is_typeddict

import offramp
from offramp import (
    AsyncClient,
    AsyncMission,
    AsyncSession,
    AsyncStream,
    Batch,
    Client,
    Message,
    Mission,
    OfframpError,
    PartStart,
    ResponseStart,
    Session,
    Stream,
    Text,
    TextDelta,
    ToolFailure,
    load_config,
)
from offramp.cli.app import build, run
from support.overseen import declare_oversight

Drive: TypeAlias = Callable[[Path], object]
"""A use of one entry, given the path of an `offramp.toml`."""

ASK: Final = "Who is near the depot?"
CUT: Final = "cut"
"""A conversation whose last answer was cut off: `cut_off` makes it."""


def units_near(place: str) -> str:
    """Units near a place."""
    return place


def half_an_answer() -> list[Any]:
    """A script that says half of it, and no more."""
    return [Batch((ResponseStart(),)), Batch((PartStart(0, Text("")), TextDelta(0, "half"))), asyncio.Event()]


async def cut_off(client: AsyncClient) -> None:
    """Leave a conversation whose answer was cut off, so that there is something to resume."""
    async with client.mission("triage").session(CUT).stream(ASK) as stream:
        async for _ in stream.text:
            break


# How the front door is opened.


def asked(act: Callable[[AsyncMission], Awaitable[object]]) -> Drive:
    """By the async client."""

    async def play(path: Path) -> None:
        async with AsyncClient.from_file(path) as client:
            await act(client.mission("triage"))

    return lambda path: asyncio.run(play(path))


def asked_blocking(act: Callable[[Mission], object]) -> Drive:
    """By its blocking twin."""

    def play(path: Path) -> None:
        with Client.from_file(path) as client:
            act(client.mission("triage"))

    return play


def streamed(act: Callable[[AsyncStream[Any]], Awaitable[object]]) -> Drive:
    """On a stream that was entered first, whether or not that was refused."""

    async def play(mission: AsyncMission) -> None:
        stream = mission.stream(ASK)
        with contextlib.suppress(OfframpError):
            await stream.__aenter__()
        await act(stream)

    return asked(play)


def streamed_blocking(act: Callable[[Stream[Any]], object]) -> Drive:
    """The same, blocking."""

    def play(mission: Mission) -> None:
        stream = mission.stream(ASK)
        with contextlib.suppress(OfframpError):
            stream.__enter__()
        act(stream)

    return asked_blocking(play)


def in_session(act: Callable[[AsyncSession], Awaitable[object]], *, name: str = "case") -> Drive:
    """In a conversation."""
    return asked(lambda mission: act(mission.session(name)))


def in_session_blocking(act: Callable[[Session], object], *, name: str = "case") -> Drive:
    """The same, blocking."""
    return asked_blocking(lambda mission: act(mission.session(name)))


async def _read_all(stream: AsyncStream[Any]) -> None:
    async with stream:
        await stream.collect()


def _read_all_blocking(stream: Stream[Any]) -> None:
    with stream:
        stream.collect()


async def _texts(stream: AsyncStream[Any]) -> None:
    async for _ in stream.text:
        pass


async def _events(stream: AsyncStream[Any]) -> None:
    async for _ in stream:
        pass


async def _entered(client: AsyncClient) -> None:
    async with client:
        await client.mission("triage").generate(ASK)


async def _left(client: AsyncClient) -> None:
    await client.__aenter__()
    await client.__aexit__(None, None, None)
    await client.mission("triage").generate(ASK)


async def _closed(client: AsyncClient) -> None:
    await client.aclose()
    await client.mission("triage").generate(ASK)


async def _approval(client: AsyncClient) -> None:
    async with client:
        await client.approval("none")


async def _supervised(path: Path, *, stops: bool = False) -> None:
    """Begin and end to supervise, and ask nothing."""
    declare_oversight(path.with_name("triage.toml"), "supervise")
    async with AsyncClient.from_file(path) as client, client.supervise("triage", by="ann") as watch:
        if stops:
            await watch.stop()
        assert watch.live or stops


def _supervised_blocking(path: Path, *, stops: bool = False) -> None:
    declare_oversight(path.with_name("triage.toml"), "supervise")
    with Client.from_file(path) as client, client.supervise("triage", by="ann") as watch:
        if stops:
            watch.stop()
        assert watch.live or stops


async def _reloaded(client: AsyncClient) -> None:
    async with client:
        client.reload()


def _reloaded_blocking(path: Path) -> None:
    with Client.from_file(path) as client:
        client.reload()


def _left_blocking(path: Path) -> None:
    client = Client.from_file(path)
    client.__exit__(None, None, None)
    client.mission("triage").generate(ASK)


def _closed_blocking(path: Path) -> None:
    client = Client.from_file(path)
    client.close()
    client.mission("triage").generate(ASK)


def _portal(path: Path) -> None:
    with Client.from_file(path) as client:

        async def around() -> None:
            await client._client.mission("triage").generate(ASK)  # as somebody who goes around the twin

        client.portal.call(around())


def _generate(mission: Mission) -> object:
    return mission.generate(ASK)


SPEAKS: Final[dict[str, Drive]] = {
    "AsyncClient": lambda path: asyncio.run(_entered(AsyncClient(load_config(path)))),
    "AsyncClient.from_file": lambda path: asyncio.run(_entered(AsyncClient.from_file(path))),
    "AsyncClient.__aenter__": lambda path: asyncio.run(_entered(AsyncClient.from_file(path))),
    "AsyncClient.mission": asked(lambda mission: mission.generate(ASK)),
    "AsyncMission.generate": asked(lambda mission: mission.generate(ASK)),
    "AsyncMission.run": asked(lambda mission: mission.run(ASK, tools=[units_near])),
    "AsyncMission.stream": asked(lambda mission: _read_all(mission.stream(ASK))),
    "AsyncMission.count_tokens": asked(lambda mission: mission.count_tokens(ASK)),
    "AsyncMission.embed": asked(lambda mission: mission.embed([ASK])),
    "AsyncMission.models": asked(lambda mission: mission.models()),
    "AsyncMission.session": in_session(lambda session: session.generate(ASK)),
    "AsyncSession.generate": in_session(lambda session: session.generate(ASK)),
    "AsyncSession.run": in_session(lambda session: session.run(ASK, tools=[units_near])),
    "AsyncSession.stream": in_session(lambda session: _read_all(session.stream(ASK))),
    "AsyncSession.resume": in_session(lambda session: session.resume(), name=CUT),
    "AsyncStream.__aenter__": asked(lambda mission: mission.stream(ASK).__aenter__()),
    "Client": lambda path: _generate(Client(load_config(path)).mission("triage")),
    "Client.from_file": lambda path: _generate(Client.from_file(path).mission("triage")),
    "Client.__enter__": asked_blocking(_generate),
    "Client.mission": asked_blocking(_generate),
    "Client.portal": _portal,
    "Mission.generate": asked_blocking(_generate),
    "Mission.run": asked_blocking(lambda mission: mission.run(ASK, tools=[units_near])),
    "Mission.stream": asked_blocking(lambda mission: _read_all_blocking(mission.stream(ASK))),
    "Mission.count_tokens": asked_blocking(lambda mission: mission.count_tokens(ASK)),
    "Mission.embed": asked_blocking(lambda mission: mission.embed([ASK])),
    "Mission.models": asked_blocking(lambda mission: mission.models()),
    "Mission.session": in_session_blocking(lambda session: session.generate(ASK)),
    "Session.generate": in_session_blocking(lambda session: session.generate(ASK)),
    "Session.run": in_session_blocking(lambda session: session.run(ASK, tools=[units_near])),
    "Session.stream": in_session_blocking(lambda session: _read_all_blocking(session.stream(ASK))),
    "Session.resume": in_session_blocking(lambda session: session.resume(), name=CUT),
    "Stream.__enter__": asked_blocking(lambda mission: mission.stream(ASK).__enter__()),
}
"""Entries that send where nothing stands in the way."""

SILENT: Final[dict[str, Drive]] = {
    "AsyncClient.__aexit__": lambda path: asyncio.run(_left(AsyncClient.from_file(path))),
    "AsyncClient.approval": lambda path: asyncio.run(_approval(AsyncClient.from_file(path))),
    "AsyncClient.supervise": lambda path: asyncio.run(_supervised(path)),
    "AsyncSupervision": lambda path: asyncio.run(_supervised(path)),
    "AsyncSupervision.__aenter__": lambda path: asyncio.run(_supervised(path)),
    "AsyncSupervision.__aexit__": lambda path: asyncio.run(_supervised(path)),
    "AsyncSupervision.live": lambda path: asyncio.run(_supervised(path)),
    "AsyncSupervision.stop": lambda path: asyncio.run(_supervised(path, stops=True)),
    "Client.supervise": _supervised_blocking,
    "Supervision": _supervised_blocking,
    "Supervision.__enter__": _supervised_blocking,
    "Supervision.__exit__": _supervised_blocking,
    "Supervision.live": _supervised_blocking,
    "Supervision.stop": lambda path: _supervised_blocking(path, stops=True),
    "AsyncClient.reload": lambda path: asyncio.run(_reloaded(AsyncClient.from_file(path))),
    "AsyncClient.aclose": lambda path: asyncio.run(_closed(AsyncClient.from_file(path))),
    "AsyncMission": asked(lambda mission: AsyncMission(mission._parts, mission._plan).models("nobody")),
    "AsyncMission.name": asked(lambda mission: asyncio.sleep(0, mission.name)),
    "AsyncSession": in_session(lambda session: asyncio.sleep(0, type(session))),
    "AsyncSession.conversation": in_session(lambda session: asyncio.sleep(0, session.conversation)),
    "AsyncSession.messages": in_session(lambda session: asyncio.sleep(0, session.messages), name=CUT),
    "AsyncStream": asked(lambda mission: asyncio.sleep(0, mission.stream(ASK))),
    "AsyncStream.__aexit__": asked(lambda mission: mission.stream(ASK).__aexit__(None, None, None)),
    "AsyncStream.__aiter__": asked(lambda mission: _events(mission.stream(ASK))),
    "AsyncStream.text": asked(lambda mission: _texts(mission.stream(ASK))),
    "AsyncStream.response": asked(lambda mission: asyncio.sleep(0, mission.stream(ASK).response)),
    "AsyncStream.collect": asked(lambda mission: mission.stream(ASK).collect()),
    "Client.__exit__": _left_blocking,
    "Client.approval": lambda path: Client.from_file(path).approval("none"),
    "Client.reload": _reloaded_blocking,
    "Client.close": _closed_blocking,
    "Mission": asked_blocking(lambda mission: mission.name),
    "Mission.name": asked_blocking(lambda mission: mission.name),
    "Session": in_session_blocking(lambda session: session.messages),
    "Session.messages": in_session_blocking(lambda session: session.messages, name=CUT),
    "Stream": asked_blocking(lambda mission: mission.stream(ASK)),
    "Stream.__exit__": asked_blocking(lambda mission: mission.stream(ASK).__exit__(None, None, None)),
    "Stream.__iter__": asked_blocking(lambda mission: list(mission.stream(ASK))),
    "Stream.text": asked_blocking(lambda mission: list(mission.stream(ASK).text)),
    "Stream.response": asked_blocking(lambda mission: mission.stream(ASK).response),
    "Stream.collect": asked_blocking(lambda mission: mission.stream(ASK).collect()),
    "Config": load_config,
    "Config.at": lambda path: load_config(path).at(Path("org.toml")),
    "Config.digest": lambda path: load_config(path).digest,
    "Config.file": lambda path: load_config(path).file,
    "Config.folder": lambda path: load_config(path).folder,
    "Config.model_post_init": load_config,
    "Config.read_from": lambda path: load_config(path).read_from(path, ""),
    "ToolFailure": lambda _: ToolFailure("no"),
    "ToolFunction": lambda _: offramp.tool_from_function(units_near),
    "dump": lambda _: offramp.dump(offramp.user(ASK)),
    "load": lambda _: offramp.load(Message, offramp.dump(offramp.user(ASK))),
    "load_config": load_config,
    "tool_from_function": lambda _: offramp.tool_from_function(units_near),
}
"""Entries that send nothing in any case. A stream that was not entered is one."""

REFUSED_STREAMS: Final[dict[str, Drive]] = {
    "AsyncStream.__aexit__": streamed(lambda stream: stream.__aexit__(None, None, None)),
    "AsyncStream.__aiter__": streamed(_events),
    "AsyncStream.text": streamed(_texts),
    "AsyncStream.collect": streamed(lambda stream: stream.collect()),
    "Stream.__exit__": streamed_blocking(lambda stream: stream.__exit__(None, None, None)),
    "Stream.__iter__": streamed_blocking(list),
    "Stream.text": streamed_blocking(lambda stream: list(stream.text)),
    "Stream.collect": streamed_blocking(lambda stream: stream.collect()),
}
"""What may still be tried on a stream whose opening was refused."""


# Commands, run in the folder of the configuration.

_APPLICATION: Final = """
import json, os, urllib.request
body = json.dumps({"contents": [{"role": "user", "parts": [{"text": "Who is near?"}]}]}).encode()
address = os.environ["OFFRAMP_RECORD_URL"] + "/models/gemini-3.5-flash:generateContent"
urllib.request.urlopen(urllib.request.Request(address, body, {"content-type": "application/json"}), timeout=20)
"""
"""It speaks to its vendor by itself, and fails where it gets no answer."""

TALKING_COMMANDS: Final[dict[str, tuple[str, ...]]] = {
    "conform": ("conform", "a", "--only", "text.answers", "--tries", "1", "--call-timeout", "5", "--yes"),
    "models": ("models", "a"),
    "record": ("record", "--endpoint", "a", "--", sys.executable, "-c", _APPLICATION),
}
"""Those that send where nothing stands in the way."""

QUIET_COMMANDS: Final[dict[str, tuple[str, ...]]] = {
    "allow": ("allow", "developer:acme", "--reason", "r", "--key", "none.key"),
    "approvals deny": ("approvals", "deny", "none"),
    "approvals grant": ("approvals", "grant", "none", "--key", "none.key"),
    "approvals list": ("approvals", "list"),
    "approvals show": ("approvals", "show", "none"),
    "audit check-proof": ("audit", "check-proof", "none.json"),
    "audit prove": ("audit", "prove", "none"),
    "audit uses": ("audit", "uses", "developer:acme"),
    "audit verify": ("audit", "verify", "audit"),
    "audit witness": ("audit", "witness", "elsewhere"),
    "check": ("check",),
    "init": ("init", "begun"),
    "keys new": ("keys", "new", "ann"),
    "match": ("match", "triage"),
    "policy carry-over": ("policy", "carry-over", "a", "--terms", "acme.toml", "--into", "kept"),
    "policy check": ("policy", "check"),
    "policy diff": ("policy", "diff", "a", "b", "--carry-over", "kept"),
    "policy explain": ("policy", "explain", "triage"),
    "policy matrix": ("policy", "matrix"),
    "policy new": ("policy", "new", "cohere"),
    "policy render": ("policy", "render", "acme.toml"),
    "policy schema": ("policy", "schema", "contract"),
    "policy sign": ("policy", "sign", "acme.toml", "--key", "none.key"),
    "policy waive": (
        *("policy", "waive", "triage", "endpoint:b", "*"),
        *("--authority", "board", "--reason", "r", "--until", "2099-01-01"),
    ),
    "prohibit": ("prohibit", "developer:other", "--reason", "r", "--no-wait"),
    "schema": ("schema", "check"),
    "sessions": ("sessions",),
    "sessions erase": ("sessions", "erase", CUT),
    "status": ("status",),
    "supervise": ("supervise", "triage", "--as", "ann", "--stop"),
    "vendors": ("vendors",),
    "vendors new": ("vendors", "new", "somebody"),
    "vendors sources": ("vendors", "sources", "openai"),
    "vendors show": ("vendors", "show", "openai"),
    "verify-report": ("verify-report", "conform-report", "--public-key", "none"),
}
"""Those that send nothing in any case. `check` connects and hangs up."""

DRILL: Final = ("drill", "--config", "offramp.toml", "--from", "a", "--to", "b", "--conversations", "2")


def command(arguments: tuple[str, ...]) -> int:
    """Run one as `offramp` does, in the working directory."""
    return run(arguments)


# What there is.

_OPERATORS: Final = ("__call__", "__enter__", "__exit__", "__iter__", "__aenter__", "__aexit__", "__aiter__")


def public_callables() -> set[str]:
    """Every export that could do something, and every public member of the classes among them.

    Left out are the values and errors of floor 0, which `tests/project/test_floors.py` keeps apart from all that can
    send, and names that type checkers alone have a use for.
    """
    found: set[str] = set()
    for name in offramp.__all__:
        thing: object = getattr(offramp, name)
        if is_typeddict(thing) or getattr(thing, "__module__", "").startswith(("offramp.types", "offramp.errors")):
            continue
        if inspect.isclass(thing):
            found |= {name, *(f"{name}.{member}" for member in members(thing))}
        elif inspect.isroutine(thing):
            found.add(name)
    return found


def members(kind: type[Any]) -> set[str]:
    """Public members that our own code gives a class, with the operators by which it is used."""
    own = [base for base in kind.__mro__ if base.__module__.partition(".")[0].startswith("offramp")]
    names = {name for base in own for name, each in vars(base).items() if _acts(each)}
    return {name for name in names if not name.startswith("_") or name in _OPERATORS}


def _acts(member: object) -> bool:
    return inspect.isroutine(member) or isinstance(member, property | classmethod | staticmethod)


def commands() -> set[str]:
    """Every command with its group's name before it. A group that runs by itself is one."""
    return set(_commands(typer.main.get_command(build()), ()))


def _commands(found: Any, path: tuple[str, ...]) -> Iterator[str]:
    inner: dict[str, Any] = getattr(found, "commands", {})
    if path and (not inner or found.invoke_without_command):
        yield " ".join(path)
    for name, each in inner.items():
        yield from _commands(each, (*path, name))
