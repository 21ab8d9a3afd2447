"""Whether a model of Anthropic's takes sampling: the profile and the strict emulator say the same."""

from typing import Any

import pytest

from offramp.catalog import load_profile
from offramp_providers.emulator.anthropic_messages.validator import validate
from offramp_providers.emulator.rules import ValidatorState
from offramp_providers.emulator.signatures import Issuer

PROFILE = load_profile("anthropic")
STATE = ValidatorState(key="k", issuer=Issuer("acme", 7), models=frozenset(), also_recalled=True)
HEADERS = {"x-api-key": "k", "anthropic-version": "2023-06-01"}
UNLISTED = ("acme-large-1", "claude-opus-6", "claude-haiku-6-1", "claude-opus-4-9")


def support_of(model: str, requirement: Any) -> str:
    facts = PROFILE.facts_of(model)
    claim = facts.capabilities.get(requirement) if facts else None
    return (claim or PROFILE.capabilities[requirement]).support


@pytest.mark.parametrize("model", [*PROFILE.models, *UNLISTED])
@pytest.mark.parametrize(("requirement", "setting"), [("temperature", 0.5), ("top_k", 5)])
def test_the_emulator_refuses_sampling_where_the_profile_says_so(model: str, requirement: str, setting: float):
    if model == "claude-sonnet-5" and requirement == "top_k":
        pytest.skip("of Sonnet 5 only values of the temperature were read")
    body = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "x"}], requirement: setting}

    rejection = validate(body, HEADERS, STATE)

    assert (rejection is not None) is (support_of(model, requirement) == "rejected")
    assert rejection is None or rejection.rule.startswith("sampling_")
