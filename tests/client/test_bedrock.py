"""A mission leaves Anthropic for Bedrock: signed requests, streams, and a cut in the middle, over real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from offramp import AsyncClient, Interrupted
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.deployment import write_deployment

pytest.importorskip("botocore.auth", reason="botocore is not installed")

KEY = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


@pytest.fixture
async def server() -> AsyncIterator[Emulator]:
    async with serve(EmulatorConfig("bedrock_converse", pace_s=0, key=KEY, also_recalled=True)) as emulator:
        yield emulator


@pytest.fixture
def config(tmp_path: Path, server: Emulator, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BEDROCK_KEY", KEY)
    # No terms of that host ship, so that policy would deny it; here it is a server of our own.
    b = f'base_url = "{server.url}"\nregion = "us-east-1"\nchannel = "self-host"\nkey.env = "BEDROCK_KEY"'
    path = write_deployment(tmp_path, b=b, b_vendor="bedrock", b_model="us.amazon.nova-micro-v1:0")
    path.write_text(path.read_text().replace('route = ["a", "b"]', 'route = ["b"]'))
    return path


async def test_a_mission_is_answered_whole_and_in_a_stream(config: Path, server: Emulator):
    async with AsyncClient.from_file(config) as client:
        mission = client.mission("triage")
        whole = await mission.generate("Flood at the depot")
        async with mission.stream("Flood at the depot") as stream:
            streamed = "".join([text async for text in stream.text])

    assert whole.text == streamed
    assert whole.origin is not None
    assert (whole.origin.developer, whole.origin.host, whole.origin.region) == ("bolt", "bolt", "us-east-1")
    assert whole.warnings == ("the vendor does not say which model has served",)
    assert server.counters.summary()["answered"] == {"200": 2}


async def test_a_stream_that_is_cut_in_the_middle_is_interrupted_and_keeps_what_had_come(config: Path):
    said: list[str] = []

    async def read() -> None:
        async with (
            AsyncClient.from_file(config) as client,
            client.mission("triage").stream("Go [[cut]] [[text:60]]") as stream,
        ):
            async for text in stream.text:
                said.append(text)  # noqa: PERF401  # what had come must stay when it is cut

    with pytest.raises(Interrupted) as caught:
        await read()

    assert said
    assert caught.value.partial is not None
    assert caught.value.partial.text == "".join(said)
