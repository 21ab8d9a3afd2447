"""`offramp record` with the vendors' own SDKs, each in a process of its own: it runs as before, and is written down."""

import asyncio
import json
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from offramp.cli.app import run
from offramp_conformance.liars.apt import AptVendor
from offramp_conformance.liars.deployment import ENDPOINT, write_deployment
from offramp_conformance.liars.places import PLACES
from offramp_conformance.liars.trial import config_of
from offramp_conformance.parity import load_golden_set
from offramp_providers.emulator import serve
from offramp_providers.emulator.config import Dialect

HEAD: Final = """
import json
SAY = "Reply with exactly the following text and nothing else: "
CALL = 'Call the tool look with exactly these arguments: {"place": "ann.lee@example.org"}'
SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}}
MAIL = SAY + "write to ann.lee@example.org"
STREAMED = SAY + "one by one: " + "\\u00e4\\u6f22\\U0001f600 " * 40
"""

# botocore checks the two checksums of every frame of the stream; the counts come in the last one.
BEDROCK: Final = """
import botocore.session
from botocore.exceptions import ClientError

client = botocore.session.Session().create_client(
    "bedrock-runtime", region_name="eu-west-1", aws_access_key_id="AKIDAPP", aws_secret_access_key="not-the-real-one"
)
look = {"toolSpec": {"name": "look", "description": "Looks.", "inputSchema": {"json": SCHEMA}}}


def asked(text, **more):
    messages = [{"role": "user", "content": [{"text": text}]}]
    return {"modelId": MODEL, "messages": messages, "inferenceConfig": {"maxTokens": 500}, **more}


print(client.converse(**asked(MAIL))["output"]["message"]["content"][0]["text"])
print(client.converse(**asked(CALL, toolConfig={"tools": [look]}))["stopReason"])
events = list(client.converse_stream(**asked(STREAMED))["stream"])
text = "".join(each.get("contentBlockDelta", {}).get("delta", {}).get("text", "") for each in events)
print(text.strip() == STREAMED.removeprefix(SAY).strip(), events[-1]["metadata"]["usage"]["outputTokens"] > 0)
try:
    client.converse(**asked("Hi", modelId="another"))
except ClientError as error:
    print(error.response["Error"]["Code"])
"""

CHAT: Final = """
import openai

client = openai.OpenAI(api_key="not-the-real-one", max_retries=0)
look = {"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": SCHEMA}}


def ask(text, **more):
    messages = [{"role": "user", "content": text}]
    return client.chat.completions.create(model=MODEL, messages=messages, max_completion_tokens=500, **more)


print(ask(MAIL).choices[0].message.content)
print(ask(CALL, tools=[look]).choices[0].finish_reason)
events = list(ask(STREAMED, stream=True, stream_options={"include_usage": True}))
text = "".join(each.choices[0].delta.content or "" for each in events if each.choices)
print(text.strip() == STREAMED.removeprefix(SAY).strip(), events[-1].usage.completion_tokens > 0)
try:
    client.models.list()
except openai.APIStatusError as error:
    print(error.status_code)
"""

RESPONSES: Final = """
import openai

client = openai.OpenAI(api_key="not-the-real-one", max_retries=0)
look = {"type": "function", "name": "look", "description": "Looks.", "parameters": SCHEMA, "strict": False}
asked = {"model": MODEL, "max_output_tokens": 500}

print(client.responses.create(input=MAIL, **asked).output_text)
print(client.responses.create(input=CALL, tools=[look], **asked).output[-1].type)
with client.responses.stream(input=STREAMED, **asked) as stream:
    answer = stream.get_final_response()
print(answer.output_text.strip() == STREAMED.removeprefix(SAY).strip(), answer.usage.output_tokens > 0)
try:
    client.models.list()
except openai.APIStatusError as error:
    print(error.status_code)
"""

GEMINI: Final = """
from google import genai
from google.genai import errors, types

client = genai.Client(api_key="not-the-real-one")
look = types.FunctionDeclaration(name="look", description="Looks.", parameters_json_schema=SCHEMA)
plain = types.GenerateContentConfig(max_output_tokens=500)
tools = types.GenerateContentConfig(max_output_tokens=500, tools=[types.Tool(function_declarations=[look])])

print(client.models.generate_content(model=MODEL, contents=MAIL, config=plain).text)
print(client.models.generate_content(model=MODEL, contents=CALL, config=tools).function_calls[0].name)
events = list(client.models.generate_content_stream(model=MODEL, contents=STREAMED, config=plain))
text = "".join(each.text or "" for each in events)
print(text.strip() == STREAMED.removeprefix(SAY).strip(), events[-1].usage_metadata.candidates_token_count > 0)
try:
    client.models.generate_content(model="another", contents="Hi")
except errors.APIError as error:
    print(error.code)
"""

APPS: Final[dict[Dialect, tuple[str, str, str]]] = {
    "bedrock_converse": (BEDROCK, "tool_use", "ResourceNotFoundException"),
    "gemini": (GEMINI, "look", "404"),
    "openai_chat": (CHAT, "tool_calls", "404"),
    "openai_responses": (RESPONSES, "function_call", "404"),
}
"""The application; what it prints of a call; and of what is not passed on."""


@pytest.mark.parametrize("dialect", APPS)
async def test_an_application_with_its_vendors_sdk_is_recorded(
    dialect: Dialect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    place, (app, called, refused) = PLACES[dialect], APPS[dialect]
    (tmp_path / "app.py").write_text(f"{HEAD}MODEL = {place.model!r}\n{app}", "utf-8")
    config = config_of(place)
    async with serve(config, AptVendor(config, place)) as vendor:
        write_deployment(tmp_path, place, vendor.url)
        code = await asyncio.to_thread(run, ("record", "--endpoint", ENDPOINT, "--", sys.executable, "app.py"))
        summary: Any = vendor.counters.summary()

    printed = capfd.readouterr()
    assert (code, printed.out.splitlines()) == (0, ["write to ann.lee@example.org", called, "True True", refused])
    assert (summary["requests_begun"], summary["answered"]) == (3, {"200": 3})  # all under the endpoint's own key
    contract = tomllib.loads((tmp_path / "recorded" / "contract.toml").read_text())
    assert contract["requires"] == ["streaming", "tools"]
    assert contract["missions"]["trial"]["needs"]["tool_names"] == ["look"]
    golden = tmp_path / "recorded" / "golden.jsonl"
    assert len(load_golden_set(golden).cases) == 3
    assert "ann.lee" not in golden.read_text()
    assert "[address-1]" in json.loads(golden.read_text().splitlines()[1])["request"]["messages"][0]["parts"][0]["text"]
