"""The vendor's profile: every claim rests on something, and its options keep requests within the vendor's rules."""

from typing import get_args

import pytest

from offramp import catalog
from offramp.contracts.capability import Requirement
from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin, ReasoningSettings, SchemaOutput, user
from offramp_providers.dialects.openai_chat import DIALECT
from offramp_providers.dialects.openai_chat.options import DEFAULTS
from offramp_providers.emulator.openai_chat.validator import validate
from offramp_providers.emulator.rules import ValidatorState

PROFILE = catalog.load_profile("openai")


def test_every_requirement_is_answered() -> None:
    assert set(PROFILE.capabilities) == set(get_args(Requirement))
    assert PROFILE.dialect == DIALECT.name
    assert PROFILE.routing_fields == ()


def test_a_claim_that_nobody_read_is_only_declared() -> None:
    levels = {name: claim.evidence.level for name, claim in PROFILE.capabilities.items()}

    assert set(levels.values()) == {"documented", "declared"}
    assert [name for name, level in levels.items() if level == "declared"] == ["system.mid_conversation"]


def test_only_options_that_the_dialect_documents_are_set() -> None:
    given = [*PROFILE.options, *(name for model in PROFILE.models.values() for name in model.options)]

    assert set(given) <= set(DEFAULTS)


@pytest.mark.parametrize("model", sorted(PROFILE.models))
def test_a_full_request_passes_the_rules_for_every_model(model: str) -> None:
    origin = Origin(developer="openai", host="openai", dialect=DIALECT.name, model=model)
    options = {**PROFILE.options, **PROFILE.models[model].options}
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    request = GenerateRequest(
        (user("hi"),),
        temperature=0.2,
        top_p=0.5,
        stop=("x",),
        max_output_tokens=100,
        stream=True,
        reasoning=ReasoningSettings(effort="low"),
        output=SchemaOutput(schema, strict=True),
    )

    encoded = DIALECT.encode_request(request, Target(origin=origin, options=options))

    assert validate(encoded.body, {"authorization": "Bearer k"}, ValidatorState(also_recalled=True)) is None
