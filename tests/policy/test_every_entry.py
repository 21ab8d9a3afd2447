"""P2 and P3 on every way into Offramp: what may not be sent is not, whichever callable or command is used.

The entries are found by reflection; one that `support/entries.py` does not list fails here. What arrives is counted at
a socket.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from offramp import AsyncClient, OfframpError, PolicyDenied, Prohibited, Selector, load_config
from offramp.config import endpoint_of
from offramp.contracts.scripted import ScriptedProvider
from offramp.state import open_store, prohibit
from support import entries
from support.deployment import rewrite, write_deployment
from support.overseen import declare_oversight
from support.sink import Sink, sink

BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
"""An answer that is neither retried nor asked for elsewhere, so that a permitted use ends soon."""


@dataclass
class Site:
    """A deployment whose two vendors are one sink."""

    path: Path
    sink: Sink


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("ANY_KEY", "k")
    monkeypatch.chdir(tmp_path)
    with sink(BAD_REQUEST, at_once=True) as vendors:
        where = f'base_url = "{vendors.url}"\nkey.env = "ANY_KEY"'
        vendor, model = "google-ai", "gemini-3.5-flash"  # which can be asked everything there is to ask
        path = write_deployment(
            tmp_path,
            a=where,
            b=where,
            mission="timeout_s = 5",
            ledger='[ledger]\nurl = "sqlite:ledger.db"',
            a_place=(vendor, model),
            b_vendor=vendor,
            b_model=model,
        )
        asyncio.run(_cut_off(path))
        yield Site(path, vendors)


async def _cut_off(path: Path) -> None:
    vendor = ScriptedProvider(endpoint_of(load_config(path), "a"), [entries.half_an_answer()])
    async with AsyncClient(load_config(path), providers={"a": vendor}) as client:
        await entries.cut_off(client)


def without_approval(path: Path) -> None:
    """The organisation approves another mission only."""
    rewrite(path.with_name("org.toml"), 'mission = "triage"', 'mission = "other"')


def excluded(path: Path) -> None:
    """The mission declares what the floor forbids."""
    rewrite(path.with_name("triage.toml"), "uses = [", 'uses = ["force.engage", ')


def unreadable(path: Path) -> None:
    """A vendor's terms cannot be read."""
    path.with_name("bolt.toml").write_text("layer = ", "utf-8")


def prohibited(path: Path) -> None:
    """Orders stop both vendors."""
    store = open_store("sqlite:state.db", base=path.parent, create=True)
    for word in ("developer:acme", "developer:bolt"):
        prohibit(store, Selector.parse(word), reason="ORDER-17", by="ann")
    store.close()


def unapproved(path: Path) -> None:
    """The mission declares that a person approves, and nobody has."""
    declare_oversight(path.with_name("triage.toml"), "approve")


def unsupervised(path: Path) -> None:
    """The mission declares that a person supervises, and nobody does."""
    declare_oversight(path.with_name("triage.toml"), "supervise")


STANDINGS: dict[Callable[[Path], None], type[OfframpError]] = {
    without_approval: PolicyDenied,
    excluded: PolicyDenied,
    unreadable: PolicyDenied,
    unapproved: PolicyDenied,
    unsupervised: PolicyDenied,
    prohibited: Prohibited,
}


def outcome(drive: entries.Drive, path: Path) -> BaseException | None:
    """What a use ends with."""
    try:
        drive(path)
    except (OfframpError, RuntimeError) as error:
        return error
    return None


def test_every_public_callable_is_listed():
    assert entries.public_callables() == {*entries.SPEAKS, *entries.SILENT}


def test_every_command_is_listed():
    assert entries.commands() == {*entries.TALKING_COMMANDS, *entries.QUIET_COMMANDS, "drill"}


@pytest.mark.parametrize("stand", STANDINGS, ids=lambda stand: stand.__name__)
@pytest.mark.parametrize("name", entries.SPEAKS)
def test_what_may_not_be_sent_is_refused_on_every_entry(name: str, stand: Callable[[Path], None], site: Site):
    stand(site.path)

    error = outcome(entries.SPEAKS[name], site.path)

    assert isinstance(error, STANDINGS[stand])
    assert (site.sink.connections, site.sink.received) == (0, b"")


@pytest.mark.parametrize("name", entries.SPEAKS)
def test_each_of_these_entries_sends_where_nothing_stands_in_the_way(name: str, site: Site):
    outcome(entries.SPEAKS[name], site.path)

    assert site.sink.received


@pytest.mark.parametrize("stand", [without_approval, prohibited], ids=lambda stand: stand.__name__)
@pytest.mark.parametrize("name", entries.REFUSED_STREAMS)
def test_a_stream_that_was_refused_sends_nothing_whatever_is_tried_on_it(
    name: str, stand: Callable[[Path], None], site: Site
):
    stand(site.path)

    outcome(entries.REFUSED_STREAMS[name], site.path)

    assert (site.sink.connections, site.sink.received) == (0, b"")


@pytest.mark.parametrize("name", entries.SILENT)
def test_every_other_entry_sends_nothing_in_any_case(name: str, site: Site):
    outcome(entries.SILENT[name], site.path)

    assert (site.sink.connections, site.sink.received) == (0, b"")


@pytest.mark.parametrize("stand", STANDINGS, ids=lambda stand: stand.__name__)
@pytest.mark.parametrize("name", [*entries.TALKING_COMMANDS, *entries.QUIET_COMMANDS])
def test_no_command_sends_what_may_not_be_sent(
    name: str, stand: Callable[[Path], None], site: Site, capsys: pytest.CaptureFixture[str]
):
    stand(site.path)

    code = entries.command({**entries.TALKING_COMMANDS, **entries.QUIET_COMMANDS}[name])

    assert site.sink.received == b""
    assert code != 0 or name not in entries.TALKING_COMMANDS
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("name", entries.TALKING_COMMANDS)
def test_a_talking_command_sends_where_nothing_stands_in_the_way(name: str, site: Site):
    entries.command(entries.TALKING_COMMANDS[name])

    assert site.sink.received


@pytest.mark.parametrize("name", entries.QUIET_COMMANDS)
def test_every_other_command_sends_nothing_in_any_case(name: str, site: Site):
    entries.command(entries.QUIET_COMMANDS[name])

    assert site.sink.received == b""


@pytest.mark.parametrize("stand", STANDINGS, ids=lambda stand: stand.__name__)
def test_no_drill_between_endpoints_that_may_not_be_used(
    stand: Callable[[Path], None], site: Site, capsys: pytest.CaptureFixture[str]
):
    stand(site.path)

    code = entries.command(entries.DRILL)

    assert site.sink.received == b""
    assert code != 0
    assert "Traceback" not in capsys.readouterr().err
