"""Run as a process: an application tries to reach a prohibited developer's model through LiteLLM, in one of many ways.

Arguments: the way, the address of the sink (where the prohibited developer would be reached), the address of another
vendor's server. Prints one line of JSON: the error's class, or `answered`.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.policy import Decision
from offramp.errors import OfframpError
from offramp.state import MemoryStore, StateGate, prohibit
from offramp.types import GenerateRequest, Selector, user
from support.long_tail import tail_endpoint

ASK = GenerateRequest((user("private"),))


def environment(sink: str) -> dict[str, str]:
    """Everything by which LiteLLM, its clients or Python would send requests somewhere else."""
    addresses = (
        *("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL", "GROQ_API_BASE"),
        *("LITELLM_PROXY_API_BASE", "HOSTED_VLLM_API_BASE", "AZURE_API_BASE", "GEMINI_API_BASE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
        *("LITELLM_MODEL_COST_MAP_URL", "LANGFUSE_HOST", "LITELLM_LOCAL_API_BASE"),
    )
    keys = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GROQ_API_KEY", "LITELLM_PROXY_API_KEY", "LANGFUSE_PUBLIC_KEY")
    return {
        **dict.fromkeys(addresses, sink),
        **dict.fromkeys(keys, "sk-of-the-environment"),
        "LITELLM_LOCAL_MODEL_COST_MAP": "False",
        "LITELLM_MODE": "DEV",
        "LITELLM_DROP_PARAMS": "True",
        "LITELLM_MODIFY_PARAMS": "True",
        "LITELLM_RUST": "true",
        "SSLKEYLOGFILE": "",
    }


def globals_of_litellm(sink: str) -> None:
    """What an application may have set in a LiteLLM of its own."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # its own fetching is not what is tried here
    import litellm as module

    litellm: Any = module
    litellm.api_base = sink
    litellm.model_alias_map = {"openai/m1": "anthropic/claude-x", "m1": "anthropic/claude-x"}
    litellm.model_fallbacks = ["anthropic/claude-x"]
    litellm.num_retries = 3
    litellm.callbacks = ["langfuse"]


def endpoint_for(way: str, sink: str, other: str) -> tuple[Endpoint, dict[str, Any]]:
    """The endpoint that is asked, and the options that go with it."""
    if way == "plain":
        return tail_endpoint("anthropic/claude-x", developer="prohibited", base_url=sink), {}
    if way == "plain-own-name":
        return tail_endpoint("openai/m1", developer="prohibited", base_url=sink), {}
    if way == "alias":
        return tail_endpoint("openai/innocent-claude-x", developer="acme", base_url=sink), {}
    if way == "fallbacks":
        return tail_endpoint(base_url=other), {"fallbacks": [{"model": "anthropic/claude-x", "api_base": sink}]}
    if way == "api_base":
        return tail_endpoint(base_url=other), {"api_base": sink}
    if way == "around":
        return tail_endpoint("gigachat/m1", base_url=other), {}
    return tail_endpoint(base_url=other), {}


def allowed(endpoint: Endpoint) -> Decision:
    """Policy would let it through: only the order stands in the way."""
    return Decision(allowed=True, mission="m", endpoint=endpoint.identity.endpoint, at=datetime.now(UTC), reasons=())


async def main(way: str, sink: str, other: str) -> None:
    """Try it, and say what came of it."""
    from offramp_providers.engines.litellm import LitellmProvider

    if way == "globals":
        globals_of_litellm(sink)
    os.environ.update(environment(sink))
    Path(".env").write_text("".join(f"{name}={text}\n" for name, text in environment(sink).items()), "utf-8")
    store = MemoryStore()
    prohibit(store, Selector.parse("developer:prohibited"), reason="ORDER-17", by="test")
    gate = StateGate(store)
    try:
        endpoint, options = endpoint_for(way, sink, other)
        provider = LitellmProvider(endpoint)
        try:
            call = provider.prepare(ASK, options)
            token = gate.admit(endpoint.identity, decision=allowed(endpoint))
            await provider.send(call, token=token)
        finally:
            await provider.aclose()
        told = "answered"
    except OfframpError as error:
        told = type(error).__name__
    finally:
        gate.close()
    print(json.dumps({"told": told, "loaded": "litellm" in sys.modules}))  # noqa: T201  # what the test reads


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
