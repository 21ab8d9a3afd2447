"""The blocking front door: in scripts, threads, forked children, and inside a running loop."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from offramp import (
    AnyResponse,
    Client,
    ConfigurationError,
    Interrupted,
    ProviderError,
    ProviderErrorKind,
    StateError,
    load_config,
)
from offramp._portal import Portal
from offramp.contracts.scripted import ScriptedProvider
from offramp.types import Batch, OutcomeKind, PartStart, ResponseStart, Text, TextDelta, ToolCall
from support.deployment import write_deployment

Answer = Callable[..., AnyResponse]


@pytest.fixture
def scripted(tmp_path: Path, vendor_of: Callable[..., ScriptedProvider]) -> Iterator[tuple[Client, ScriptedProvider]]:
    path = write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    a, b = vendor_of(path, "a", []), vendor_of(path, "b", [])
    with Client(load_config(path), providers={"a": a, "b": b}) as client:
        yield client, a


def test_a_script_gets_an_answer(scripted: Any, answer: Answer):
    client, a = scripted
    a.script.append(answer("hi"))

    assert client.mission("triage").generate("hello").text == "hi"


def test_a_stream_is_read_as_it_arrives(scripted: Any, answer: Answer):
    client, a = scripted
    a.script.append(answer("hello there"))

    with client.mission("triage").stream("hi") as stream:
        pieces = list(stream.text)

    assert len(pieces) == 2
    assert stream.response.text == "".join(pieces) == "hello there"


def test_events_can_be_read_too(scripted: Any, answer: Answer):
    client, a = scripted
    a.script.append(answer("hello there"))

    with client.mission("triage").stream("hi") as stream:
        types = [event.type for event in stream]

    assert types[0] == "response_start"
    assert types[-1] == "response_end"


def test_a_session_runs_tools_and_resumes(scripted: Any, answer: Answer):
    client, a = scripted
    cut = [
        Batch((ResponseStart(),)),
        Batch((PartStart(0, Text("")), TextDelta(0, "half"))),
        ProviderError("gone", kind=ProviderErrorKind.STREAM_INTERRUPTED, phase="mid_stream"),
    ]
    called = ToolCall("c", "double", '{"number": 2}')
    a.script += [answer(called, kind=OutcomeKind.TOOL_CALLS), answer("four"), cut, answer("whole")]
    case = client.mission("triage").session("case")

    def double(number: int) -> int:
        """Twice the number."""
        return 2 * number

    first = case.run("2?", tools=[double])
    with pytest.raises(Interrupted), case.stream("again") as stream:
        stream.collect()
    resumed = case.resume()

    assert first.text == "four"
    assert resumed.text == "whole"
    assert len(case.messages) == 7


def test_many_threads_share_a_client(scripted: Any, answer: Answer):
    client, a = scripted
    a.script += [answer("hi") for _ in range(16)]
    texts: list[str] = []

    def ask() -> None:
        texts.append(client.mission("triage").generate("hello").text)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert texts == ["hi"] * 16


def test_it_works_inside_a_running_loop(scripted: Any, answer: Answer):
    client, a = scripted
    a.script.append(answer("hi"))

    async def notebook_cell() -> str:
        return client.mission("triage").generate("hello").text

    assert asyncio.run(notebook_cell()) == "hi"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_it_works_after_a_fork(tmp_path: Path):
    write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")

    done = subprocess.run(
        [sys.executable, "-c", _FORKS, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stderr == ""
    assert sorted(done.stdout.split()) == ["child", "parent"]


_FORKS = """
import os, sys, warnings
from dataclasses import replace
from offramp import Client, load_config
from offramp.config import endpoint_of
from offramp.contracts.scripted import ScriptedProvider
from offramp.types import Message, Origin, Outcome, OutcomeKind, Response, Text

origin = Origin(developer="acme", host="acme", dialect="scripted", model="claude-sonnet-5-5")
answer = Response(Message("assistant", (Text("hi"),)), Outcome(OutcomeKind.COMPLETED), origin=origin)
config = load_config(sys.argv[1] + "/offramp.toml")
providers = {name: ScriptedProvider(endpoint_of(config, name), [answer, answer]) for name in "ab"}
client = Client(config, providers=providers)
mission = client.mission("triage")
assert mission.generate("before").text == "hi"
warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of forks with threads; this is the very case
child = os.fork()
assert mission.generate("after").text == "hi"
print("parent" if child else "child", flush=True)
client.close()
if child:
    os.waitpid(child, 0)
else:
    os._exit(0)
"""


def test_an_async_tool_that_calls_its_own_client_is_told_and_nothing_waits_for_good(scripted: Any, answer: Answer):
    client, a = scripted
    a.script += [answer(ToolCall("c", "ask", "{}"), kind=OutcomeKind.TOOL_CALLS), answer("done")]
    raised: list[BaseException] = []

    async def ask() -> str:
        """Ask."""
        try:
            return client.mission("triage").generate("nested").text
        except ConfigurationError as error:
            raised.append(error)
            return "no"

    answered = client.mission("triage").run("hi", tools=[ask])

    assert answered.text == "done"
    assert "plain function" in str(raised[0])


def test_a_tool_that_ends_the_program_fails_and_the_client_lives_on(scripted: Any, answer: Answer):
    client, a = scripted
    a.script += [answer(ToolCall("c", "leave", "{}"), kind=OutcomeKind.TOOL_CALLS), answer("done"), answer("again")]

    def leave() -> str:
        """Leave."""
        sys.exit(3)

    answered = client.mission("triage").run("hi", tools=[leave])

    assert answered.text == "done"
    assert client.mission("triage").generate("hi").text == "again"


def test_a_call_that_waits_while_another_thread_closes_the_portal_is_told():
    portal, begun, raised = Portal(), threading.Event(), list[BaseException]()

    async def wait_for_good() -> None:
        begun.set()
        await asyncio.Event().wait()

    def call() -> None:
        try:
            portal.call(wait_for_good())
        except StateError as error:
            raised.append(error)

    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    begun.wait(5)
    portal.close()
    caller.join(5)

    assert not caller.is_alive()
    assert "closed" in str(raised[0])


def test_closing_twice_is_no_error(tmp_path: Path, vendor_of: Callable[..., ScriptedProvider]):
    path = write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    client = Client(load_config(path), providers={name: vendor_of(path, name, []) for name in "ab"})

    client.close()
    client.close()


def test_a_configuration_error_leaves_no_thread_behind(tmp_path: Path):
    before = threading.active_count()

    with pytest.raises(ConfigurationError):
        Client.from_file(tmp_path / "none.toml")

    assert threading.active_count() == before
