"""A vendor that hangs, drips, bombs, closes, or answers anything at all: each check ends in a finding, and in time."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from offramp.config import load_config
from offramp.contracts.clock import SystemClock
from offramp_conformance.checks import catalogue
from offramp_conformance.liars.deployment import ENDPOINT, write_deployment
from offramp_conformance.liars.places import PLACES
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.opening import opened
from offramp_conformance.suite.results import CheckResult
from offramp_conformance.suite.runner import Runner, RunSettings
from support.raw_server import Handler, Peer, raw_server

MINE = [each for each in catalogue() if each.area != "policy"]
"""Those of permission ask for no answer."""


class Impatient(SystemClock):
    """Does not wait between tries."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.001))


def body(content: bytes, media_type: bytes, *, status: bytes = b"200 OK") -> Handler:
    """Answers each request with this."""
    head = b"HTTP/1.1 %s\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n" % (status, media_type, len(content))

    async def handle(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.say(head + content)

    return handle


async def hangs(peer: Peer) -> None:
    await peer.request()
    await peer.gone()


async def closes(peer: Peer) -> None:
    await peer.request()


async def drips(peer: Peer) -> None:
    await peer.request()
    await peer.say(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        await peer.say(b"1\r\n:\r\n", pause_s=0.02)


async def bombs(peer: Peer) -> None:
    await peer.request()
    await peer.say(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    piece = b"10000\r\n%s\r\n" % (b"[" * 0x10000)
    while True:
        await peer.say(piece)


async def garbles(peer: Peer) -> None:
    await peer.request()
    await peer.say(b"\x16\x03\x01\x00\xff no HTTP at all \r\n\r\n")


FAILED = json.dumps({"error": {"message": "no", "type": "server_error", "code": None}}).encode()
OTHER = json.dumps({"type": "message", "role": "assistant", "content": [{"type": "text", "text": "yes"}]}).encode()
EVENTS = b'data: {"choices": 7}\n\ndata: [[[\n\ndata: null\n\ndata: [DONE]\n\n'
_BEGUN = (
    b'{"id": "c", "model": "gpt-4.1", "choices": [{"index": 0, "delta": {"content": "1 2 3"}, "finish_reason": null}]}'
)
BREAKS_OFF = b"data: %s\n\ndata: %s\n\n" % (_BEGUN, FAILED)
QUICK: dict[str, Handler] = {
    "closes": closes,
    "no HTTP": garbles,
    "a page": body(b"<html>Sign in</html>", b"text/html"),
    "a list": body(b"[]", b"application/json"),
    "another dialect": body(OTHER, b"application/json"),
    "an error as an answer": body(FAILED, b"application/json"),
    "garbage events": body(EVENTS, b"text/event-stream"),
    "an error in the middle": body(BREAKS_OFF, b"text/event-stream"),
    "nothing": body(b"", b"application/json", status=b"204 No Content"),
    "a failure": body(b"no", b"text/plain", status=b"500 Oops"),
}
SLOW: dict[str, Handler] = {"hangs": hangs, "drips": drips, "bombs": bombs}


async def results_of(checks: Sequence[Check], handler: Handler, folder: Path) -> dict[str, CheckResult]:
    async with raw_server(handler) as server:
        config = load_config(write_deployment(folder, PLACES["openai_chat"], server.url))
        async with opened(config, ENDPOINT, clock=Impatient(), call_timeout_s=0.3) as bench:
            results = await Runner(bench, RunSettings(tries=1, parallel=32)).run(checks)
    return {each.id: each for each in results}


def told_of_nothing(results: dict[str, CheckResult]) -> list[str]:
    """Checks that crashed, or that say nothing."""
    return [name for name, each in results.items() if "could not go on" in each.why or not (each.why or each.tries)]


@pytest.mark.parametrize("vendor", QUICK)
async def test_every_check_ends_in_a_finding(vendor: str, tmp_path: Path):
    results = await results_of(MINE, QUICK[vendor], tmp_path)

    assert told_of_nothing(results) == []
    assert results["text.answers"].state != "proven"
    assert results["streaming.answers"].state != "proven"


async def test_an_error_in_the_middle_of_each_stream_is_a_finding_of_its_own(tmp_path: Path):
    results = await results_of(MINE, QUICK["an error in the middle"], tmp_path)

    assert results["streaming.finishes"].state == "refuted"
    assert "began to answer, and ended with an error" in results["streaming.finishes"].why


@pytest.mark.parametrize("vendor", SLOW)
async def test_a_vendor_without_an_end_ends_in_a_finding(vendor: str, tmp_path: Path):
    results = await results_of(MINE, SLOW[vendor], tmp_path)

    assert told_of_nothing(results) == []
    assert [name for name, each in results.items() if each.state == "proven"] == []
    assert results["text.answers"].state == "refuted"
