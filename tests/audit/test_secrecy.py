"""Whoever has the log and guesses short prompts, answers, keys and people learns nothing from it."""

import base64
import hashlib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from offramp import AsyncClient, load_config
from offramp.audit import DecisionLog
from offramp.config import endpoint_of
from offramp.contracts.scripted import ScriptedProvider
from support.deployment import write_deployment
from support.scripted_answers import said

PROMPT, ANSWER, PERSON = "no", "yes", "eve"
ALGORITHMS = ("md5", "sha1", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")


def guesses() -> Iterator[bytes]:
    """Every text of up to three letters: what was asked, answered and who it was about are among them."""
    for length in (1, 2, 3):
        yield from ("".join(letters).encode() for letters in product("abcdefghijklmnopqrstuvwxyz", repeat=length))


def digests(text: bytes) -> Iterator[str]:
    for algorithm in ALGORITHMS:
        digest = hashlib.new(algorithm, text).digest()
        yield digest.hex()[:16]
        yield base64.b64encode(digest).decode()[:12]


async def test_no_digest_of_a_short_text_is_in_the_log(tmp_path: Path):
    path = write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    config = load_config(path)
    a, b = (ScriptedProvider(endpoint_of(config, name), [said(ANSWER)]) for name in ("a", "b"))
    async with AsyncClient(config, providers={"a": a, "b": b}) as client:
        await client.mission("triage").generate(PROMPT, system=PERSON)
    log = DecisionLog(tmp_path / "audit")
    words = [log.pseudonym(PERSON)]
    log.close()

    everything = b"".join(
        file.read_bytes() for file in (tmp_path / "audit").iterdir() if file.name != "salt"
    ).decode() + "".join(words)

    assert '"sent"' in everything
    assert {PROMPT.encode(), ANSWER.encode(), PERSON.encode()} <= set(guesses())
    assert [
        text for text in guesses() for digest in digests(text) if digest in everything.lower() or digest in everything
    ] == []


@pytest.mark.parametrize("text", [PROMPT, ANSWER, PERSON])
def test_the_search_would_find_a_digest(text: str):
    """What the test above looks for is what a digest without a salt would leave."""
    line = f'{{"prompt":"{hashlib.sha256(text.encode()).hexdigest()}"}}'

    assert any(digest in line for digest in digests(text.encode()))
