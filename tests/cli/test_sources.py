"""`offramp vendors sources`: what claims rest on, where it can be opened, and whether it still can."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from offramp.catalog import load_profile, vendor_names
from offramp.cli import _sources
from offramp.cli._sources import Opening, opened, sources_of
from offramp.contracts.statements import statements

Call = Callable[..., Any]


def test_each_source_stands_once_with_its_address_its_vendors_and_its_last_day(offramp: Call):
    ran = offramp("vendors", "sources", "vertex-claude", "bedrock-claude", "--json")

    rows = {row["source"]: row for row in ran.json["sources"]}
    row = rows["anthropic-sdk-python 2.14.0"]
    assert (ran.code, row["address"]) == (0, "https://pypi.org/project/anthropic/2.14.0/")
    assert (row["vendors"], row["claims"] > 1, row["checked"]) == (
        ["vertex-claude", "bedrock-claude"],
        True,
        "2026-11-26",
    )
    assert len(rows) == len(ran.json["sources"])
    assert {row["state"] for row in rows.values()} == {None}


def test_no_claim_of_any_vendor_is_left_out():
    told = sum(each.claims for each in sources_of(vendor_names()))
    stated = [e for name in vendor_names() for _, e in statements(load_profile(name)) if e.source]

    assert told >= len(stated)  # and those of policy contracts


def test_the_terms_that_a_policy_contract_was_read_from_are_listed_too(offramp: Call):
    out = offramp("vendors", "sources", "deepseek").out

    assert "Developer Terms of 2026-04-29, as kept by Open Terms Archive" in out
    assert (
        "    https://github.com/OpenTermsArchive/genai-eu-versions/blob/fce8d454/DeepSeek/Developer%20Terms.md\n" in out
    )


def test_an_address_is_never_cut(offramp: Call):
    out = offramp("vendors", "sources").out

    assert "…" not in out
    assert all(each.address is None or each.address in out for each in sources_of(vendor_names()))


def test_an_unknown_vendor_is_named(offramp: Call):
    ran = offramp("vendors", "sources", "acne")

    assert ran.code == 2
    assert "there is no vendor 'acne'" in ran.err


def test_nothing_is_opened_unless_asked(offramp: Call, monkeypatch: pytest.MonkeyPatch):
    def fail(_: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr("offramp.cli.vendors.opened", fail)

    assert offramp("vendors", "sources").code == 0


@pytest.mark.parametrize(
    ("state", "code"), [("opens", 0), ("moved", 0), ("refused", 0), ("gone", 1), ("unreachable", 1)]
)
def test_a_source_that_nobody_can_open_any_more_is_an_error(
    state: Any, code: int, offramp: Call, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("offramp.cli.vendors.opened", lambda all_: dict.fromkeys(all_, Opening(state, "because")))

    ran = offramp("vendors", "sources", "xai", "--open")

    assert ran.code == code
    assert f"; {state}, because" in ran.out


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """A host with a page for each status."""
    answers = {
        "/200": "200 OK",
        "/301": "301 Moved\r\nLocation: /200",
        "/404": "404 Gone",
        "/403": "403 No",
        "/500": "500 Oh",
    }

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        writer.write(f"HTTP/1.1 {answers[path]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_page_is_told_by_its_status_and_a_redirect_is_not_followed(site: str):
    found = await asyncio.to_thread(opened, [f"{site}/{each}" for each in (200, 301, 404, 403, 500)])

    assert [found[f"{site}/{each}"] for each in (200, 301, 404, 403, 500)] == [
        Opening("opens", "status 200"),
        Opening("moved", "to /200"),
        Opening("gone", "status 404"),
        Opening("refused", "status 403"),
        Opening("refused", "status 500"),
    ]


def test_a_host_that_is_not_there_is_unreachable():
    found = opened(["http://127.0.0.1:1/"])

    assert found["http://127.0.0.1:1/"].state == "unreachable"
    assert {"gone", "unreachable"} == _sources.DEAD
