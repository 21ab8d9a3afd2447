"""What is written here fits the types of the vendor's own package, where that is installed."""

from typing import Any

import pytest

from offramp.contracts.provider import Target
from offramp.errors import CapabilityError
from offramp.types import GenerateRequest, Origin
from offramp_providers.dialects.gemini import DIALECT
from support.saturated import request_cases

types = pytest.importorskip("google.genai.types", reason="google-genai is not installed")

_OUTER = {"contents", "systemInstruction", "generationConfig", "toolConfig", "tools"}
"""Fields of a request whose types the package has."""


def _written(issuer: Origin) -> list[Any]:
    foreign = Origin(developer="acme", host="acme", dialect="openai_chat", model="acme-1")
    bodies = []
    for case in request_cases(foreign):
        assert isinstance(case, GenerateRequest)
        try:
            bodies.append(DIALECT.encode_request(case, Target(origin=issuer)).body)
        except CapabilityError:
            continue
    return bodies


def test_every_body_fits_the_published_types(issuer: Origin) -> None:
    for body in _written(issuer):
        for content in (*body["contents"], body.get("systemInstruction", {})):
            types.Content.model_validate(content)
        for tool in body.get("tools", []):
            types.Tool.model_validate(tool)
        types.GenerationConfig.model_validate(body.get("generationConfig", {}))
        types.ToolConfig.model_validate(body.get("toolConfig", {}))
        assert body.keys() - _OUTER <= {"serviceTier", "store", "labels"}
