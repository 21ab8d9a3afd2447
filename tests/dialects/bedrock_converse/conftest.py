"""What the tests of this dialect share."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin
from offramp_providers.dialects.bedrock_converse import DIALECT

OWN = Origin(developer="anthropic", host="bedrock", dialect=DIALECT.name, model="anthropic.claude-sonnet-4-6")


@pytest.fixture
def issuer() -> Origin:
    """A model of the host itself."""
    return OWN


@pytest.fixture
def other() -> Origin:
    """Another vendor, of another dialect."""
    return Origin(developer="acme", host="acme", dialect="openai_chat", model="acme-1")


@pytest.fixture
def neighbour() -> Origin:
    """Another developer's model at the same host."""
    return Origin(developer="amazon", host="bedrock", dialect=DIALECT.name, model="amazon.nova-micro-v1:0")


@pytest.fixture
def encode() -> Callable[..., Any]:
    """Encode to the vendor: body and the codes of the losses."""

    def run(request: GenerateRequest, options: Mapping[str, Any] | None = None) -> tuple[Any, list[str]]:
        encoded = DIALECT.encode_request(request, Target(origin=OWN, options=options or {}))
        return encoded.body, [loss.code for loss in encoded.losses]

    return run
