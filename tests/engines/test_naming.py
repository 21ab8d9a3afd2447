"""A model's name tells whose it is, and an endpoint that says otherwise is not built: an order would miss it."""

import pytest

from offramp.contracts.scripted import scripted_endpoint
from offramp.errors import ConfigurationError
from offramp_providers.engines.naming import developers_named, refuse_other_developer


@pytest.mark.parametrize(
    ("model", "developers"),
    [
        ("anthropic/claude-x", {"anthropic"}),
        ("openrouter/anthropic/claude-x", {"anthropic"}),
        ("bedrock/us.anthropic.claude-x", {"anthropic"}),
        ("vertex_ai/claude-x@20261101", {"anthropic"}),
        ("openai/my-alias-claude-x", {"anthropic"}),
        ("azure/gpt-5", {"openai"}),
        ("groq/openai/gpt-oss-120b", {"openai"}),
        ("gemini/gemini-3-pro", {"google"}),
        ("together_ai/meta-llama/Llama-3.3-70B", {"meta"}),
        ("fireworks_ai/deepseek-r1-distill-llama-3-70b", {"deepseek", "meta"}),
        ("groq/m1", set()),
        ("openai/m1", set()),
        ("hosted_vllm/m1", set()),
    ],
)
def test_the_name_tells_whose_model_it_is(model: str, developers: set[str]):
    assert developers_named(model) == developers


@pytest.mark.parametrize("developer", ["acme", "openai"])
def test_an_endpoint_that_names_another_developer_is_refused(developer: str):
    endpoint = scripted_endpoint(model="openrouter/anthropic/claude-x", developer=developer)

    with pytest.raises(ConfigurationError, match="says anthropic, the endpoint says"):
        refuse_other_developer(endpoint)


@pytest.mark.parametrize(
    ("model", "developer"),
    [("anthropic/claude-x", "Anthropic"), ("groq/deepseek-r1-distill-llama-3", "meta"), ("groq/m1", "acme")],
)
def test_an_endpoint_that_agrees_with_the_name_or_that_the_name_says_nothing_of_is_built(model: str, developer: str):
    refuse_other_developer(scripted_endpoint(model=model, developer=developer))
