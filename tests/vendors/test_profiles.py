"""What the profiles that ship claim, and on what evidence."""

import ast
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest

from offramp.catalog import load_profile, vendor_names
from offramp_providers.dialects.anthropic_messages.options import OPTIONS
from offramp_providers.dialects.bedrock_converse.options import OPTIONS as BEDROCK
from offramp_providers.dialects.cohere_v2.options import DEFAULTS as COHERE
from offramp_providers.dialects.mistral.options import DEFAULTS as MISTRAL
from offramp_providers.dialects.ollama_native.options import DEFAULTS as OLLAMA
from offramp_providers.dialects.openai_chat.options import DEFAULTS

CHAT = [
    "azure-openai", "deepseek", "groq", "litellm-proxy", "llama-cpp", "ollama", "openai", "openrouter", "sglang",
    "together", "vllm", "xai",
]  # fmt: skip
KNOWN_OPTIONS: dict[str, dict[str, Any]] = {
    "bedrock_converse": {name: default for name, (default, _) in BEDROCK.items()},
    "cohere_v2": dict(COHERE),
    "mistral": dict(MISTRAL),
    "ollama_native": dict(OLLAMA),
    "openai_chat": dict(DEFAULTS),
    "anthropic_messages": {name: default for name, (default, _) in OPTIONS.items()},
}


@pytest.mark.parametrize("vendor", CHAT)
def test_the_vendor_is_installed_and_speaks_the_dialect(vendor: str):
    assert vendor in vendor_names()
    assert load_profile(vendor).dialect == "openai_chat"


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_profile_claims_something_of_substance(vendor: str):
    claims = load_profile(vendor).capabilities

    assert {"text", "streaming", "system", "tools"} <= set(claims)


@pytest.mark.parametrize("vendor", vendor_names())
def test_what_is_recalled_is_declared_at_most(vendor: str):
    profile = load_profile(vendor)
    tables = [each.capabilities for each in (profile, *profile.models.values(), *profile.families.values())]

    recalled = [claim for table in tables for claim in table.values() if "ecalled" in (claim.note or "")]

    assert {claim.evidence.level for claim in recalled} <= {"declared"}


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_option_is_one_that_the_dialect_documents(vendor: str):
    profile = load_profile(vendor)
    known = KNOWN_OPTIONS.get(profile.dialect)
    if known is None:
        pytest.skip(f"{profile.dialect} documents its options elsewhere")

    known = {**known, "provider": "", "transport": ""}  # read before any dialect is: who talks, and over what
    given = [
        *profile.options.items(),
        *(o for table in (*profile.models.values(), *profile.families.values()) for o in table.options.items()),
    ]

    wrong = [(name, value) for name, value in given if name not in known or type(value) is not type(known[name])]
    assert wrong == []


@pytest.mark.parametrize("vendor", CHAT)
def test_a_compatible_vendor_needs_no_python(vendor: str):
    folder = files(f"offramp_providers.vendors.{vendor.replace('-', '_')}")
    names = {entry.name for entry in folder.iterdir() if entry.name != "__pycache__"}

    tree = ast.parse((folder / "__init__.py").read_text("utf-8"))

    assert names <= {"__init__.py", "profile.toml", "policy.toml"}
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


@pytest.mark.parametrize("vendor", vendor_names())
def test_a_models_life_is_in_order_and_its_successor_is_another(vendor: str):
    for name, facts in load_profile(vendor).models.items():
        assert facts.successor != name
        if facts.deprecated and facts.retires:
            assert facts.deprecated <= facts.retires, name


def test_the_ends_of_models_are_data():
    xai, deepseek = load_profile("xai").models, load_profile("deepseek").models

    assert str(xai["grok-3"].retires) == "2026-05-15"
    assert (str(deepseek["deepseek-chat"].retires), deepseek["deepseek-chat"].successor) == (
        "2026-07-24",
        "deepseek-v4-flash",
    )
    assert deepseek["deepseek-chat"].evidence.level == "declared"


def test_only_a_server_of_ones_own_is_asked_without_encryption():
    plain = {name for name in vendor_names() if load_profile(name).base_url.startswith("http:")}

    assert all(urlsplit(load_profile(name).base_url).hostname == "localhost" for name in plain)
    assert {"vllm", "llama-cpp", "ollama", "ollama-native", "sglang"} <= plain


# What would let somebody else than the endpoint's host see the data, or change what it says, at a router.
NEVER = {
    "models", "route", "fallbacks", "plugins", "preset", "transforms", "mcp_servers", "data_sources",
    "search_parameters", "session_id", "trace", "debug", "api_base", "model_list", "user_config", "tags",
}  # fmt: skip


@pytest.mark.parametrize("vendor", CHAT)
def test_no_list_of_fields_lets_a_router_choose(vendor: str):
    assert NEVER.isdisjoint(load_profile(vendor).routing_fields)


def test_resellers_are_named_as_such():
    resellers = {name: load_profile(name).reseller for name in CHAT if load_profile(name).reseller}

    assert resellers == {"litellm-proxy": "litellm-proxy", "openrouter": "openrouter"}


REJECTABLE = {
    "logprobs": "logprobs", "stop": "stop", "n": "candidates", "tool_choice": "tools.forced",
    "presence_penalty": "penalties", "frequency_penalty": "penalties", "temperature": "temperature",
}  # fmt: skip


@pytest.mark.parametrize("vendor", CHAT)
def test_what_is_left_out_for_a_host_is_not_claimed_of_it(vendor: str):
    profile = load_profile(vendor)
    for options, claims in [
        (profile.options, profile.capabilities),
        *((facts.options, {**profile.capabilities, **facts.capabilities}) for facts in profile.models.values()),
    ]:
        rejected: Any = options.get("rejects", ())
        named: list[Any] = [REJECTABLE[field] for field in rejected if field in REJECTABLE]

        assert [name for name in named if claims[name].support == "native"] == []


@pytest.mark.parametrize("vendor", CHAT)
def test_top_k_is_written_where_it_is_claimed(vendor: str):
    profile = load_profile(vendor)
    claim = profile.capabilities.get("top_k")

    assert bool(profile.options.get("top_k")) == (claim is not None and claim.support == "native")
