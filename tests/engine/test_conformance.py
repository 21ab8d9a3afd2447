"""The checks at a real inference server, in both dialects. Its model is random, so that most behaviour cannot be told;
what the server itself does can."""

from pathlib import Path
from typing import TYPE_CHECKING

from offramp.config import load_config
from offramp_conformance.checks import catalogue
from offramp_conformance.liars.deployment import ENDPOINT, write_deployment
from offramp_conformance.liars.places import Place
from offramp_conformance.suite.opening import opened
from offramp_conformance.suite.results import CheckResult
from offramp_conformance.suite.runner import Runner, RunSettings

if TYPE_CHECKING:
    from conftest import Engine

MODEL = "tiny-random"
NEVER_S = 600.0
"""Longer than any answer takes on a machine that is busy with other things: this server does not hang."""
OFFERS = {"context_tokens": 2048, "max_output_tokens": 600}
AREAS = frozenset(
    (
        *("text", "roles", "parameters", "streaming", "usage", "errors", "served", "operations", "caching"),
        *("isolation", "latency", "context"),
    )
)


async def results_at(engine: "Engine", place: Place, folder: Path) -> dict[str, CheckResult]:
    config = load_config(write_deployment(folder, place, engine.url, offers=OFFERS))
    async with opened(config, ENDPOINT, call_timeout_s=NEVER_S) as bench:
        checks = [each for each in catalogue() if each.area in AREAS]
        return {each.id: each for each in await Runner(bench, RunSettings(tries=2)).run(checks)}


def refuted(results: dict[str, CheckResult], *, axis: str) -> set[str]:
    """MUSTs that fail, of what is owed or claimed."""
    return {name for name, each in results.items() if each.state == "refuted" and each.counts and each.axis == axis}


async def test_nothing_is_held_against_a_server_that_does_it(engine: "Engine", tmp_path: Path):
    place = Place("openai_chat", "llama-cpp", MODEL, base_path="/v1", key=engine.key)

    results = await results_at(engine, place, tmp_path)

    assert not [each.why for each in results.values() if "could not go on" in each.why]
    assert refuted(results, axis="wire") == set()
    assert refuted(results, axis="behaviour") == set()
    for name in ("text.answers", "parameters.logprobs.given", "usage.total",
                 "errors.bad_json", "errors.wrong_key", "served.model", "operations.count_tokens.honest"):  # fmt: skip
        assert results[name].state == "proven", results[name].why


async def test_its_other_dialect_is_found_to_take_what_is_no_conversation(engine: "Engine", tmp_path: Path):
    place = Place("anthropic_messages", "anthropic", MODEL, key=engine.key)

    results = await results_at(engine, place, tmp_path)

    assert not [each.why for each in results.values() if "could not go on" in each.why]
    # Seen at xllamacpp 2026.10.11549 on 2026-11-26: a request without messages is a failure of the server, and a number
    # in their place is answered.
    assert refuted(results, axis="wire") <= {"errors.missing_field", "errors.wrong_type", "errors.streamed"}
    assert "errors.missing_field" in refuted(results, axis="wire")
    assert refuted(results, axis="behaviour") == set()


async def test_a_server_for_embeddings_is_found_to_mix_what_it_puts_into_one_batch(
    embedding_engine: "Engine", tmp_path: Path
):
    place = Place("openai_chat", "llama-cpp", MODEL, base_path="/v1", key=embedding_engine.key)
    config = load_config(write_deployment(tmp_path, place, embedding_engine.url, offers=OFFERS))
    async with opened(config, ENDPOINT, call_timeout_s=NEVER_S) as bench:
        checks = [each for each in catalogue() if each.id.startswith("operations.embeddings")]
        results = await Runner(bench, RunSettings(tries=2, parallel=1)).run(checks)

    states = {each.id.rpartition(".")[2]: each.state for each in results}
    # Seen at xllamacpp 2026.10.11549 on 2026-11-26: cosine 0.86 of one text, alone and in a batch of four.
    assert states.pop("among_others") == "refuted"
    assert states.pop("apart") in ("proven", "refuted")  # its model is random
    assert states == {"counted": "proven", "repeats": "proven", "order": "proven"}
