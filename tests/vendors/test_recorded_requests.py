"""Each recorded request of a host can be sent to that host's endpoint, as its author wrote it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from offramp.errors import ConfigurationError
from offramp_providers.dialects.openai_chat import DIALECT
from support.cassettes import recordings

PROFILES = {
    "azure": "azure-openai", "deepseek": "deepseek", "groq": "groq", "ollama": "ollama",
    "openrouter": "openrouter", "together": "together",
}  # fmt: skip
TAIL = "/chat/completions"


def recorded(vendor: str) -> Iterator[tuple[str, str, Any]]:
    """Id, address and body of what the host was asked."""
    for each in recordings("openai.chat"):
        request = each.get("request") or {}
        if each["vendor"] == vendor and request.get("body"):
            scheme = "http" if request["host"] == "localhost" else "https"
            yield each["id"], f"{scheme}://{request['host']}{request['path']}", request["body"]


def hosts_wished(body: Any) -> str:
    """Whom a request to the router asks for."""
    wished = body.get("provider", {})
    return (wished.get("order") or wished.get("only") or ["some-host"])[0]


def once(body: Any) -> Any:
    """The body with the same reasoning said once, where its author said it under two names."""
    told = json.loads(json.dumps(body))
    for message in told["messages"]:
        if message.get("reasoning") and message["reasoning"] == message.get("reasoning_content"):
            del message["reasoning_content"]
    return told


@pytest.fixture
def sent(endpoint: Callable[..., Any], prepare: Callable[..., Any]) -> Callable[..., Any]:
    """Take the recorded body in as a gateway does, and prepare it for the vendor's endpoint."""

    def run(vendor: str, url: str, body: Any) -> Any:
        table = {"developer": "somebody", "base_url": url.replace(TAIL, "")}
        table |= {"host": hosts_wished(body)} if vendor == "openrouter" else {}
        whom = endpoint(PROFILES[vendor], body["model"], **table)
        return prepare(whom, DIALECT.decode_request(json.loads(json.dumps(body)), {}, whom.origin))

    return run


@pytest.mark.parametrize("vendor", [name for name in PROFILES if name != "openrouter"])
def test_a_recorded_request_goes_to_its_address_as_it_was(vendor: str, sent: Callable[..., Any]):
    wrong = []
    for name, url, body in recorded(vendor):
        call = sent(vendor, url, body)
        if (once(json.loads(call.http.body)), call.http.url, call.losses) != (once(body), url, ()):
            wrong.append((name, [(loss.code, loss.path) for loss in call.losses]))

    assert wrong == []


def test_a_recorded_request_goes_through_the_router_to_one_host(sent: Callable[..., Any]):
    refused, wrong = {}, []
    for name, url, body in recorded("openrouter"):
        try:
            call = sent("openrouter", url, body)
        except ConfigurationError as error:
            refused[name] = str(error)
            continue
        said = json.loads(call.http.body)
        pinned = said.pop("provider")
        rest = {key: value for key, value in body.items() if key != "provider"}
        if (said, call.losses) != (rest, ()) or pinned != {"only": [hosts_wished(body)], "allow_fallbacks": False}:
            wrong.append(name)

    assert wrong == []
    assert sorted("models" in why or "transforms" in why for why in refused.values()) == [True] * len(refused)
    assert 0 < len(refused) < 5
