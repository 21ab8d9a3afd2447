"""What the tests of this dialect share."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin
from offramp_providers.dialects.anthropic_messages import DIALECT

OWN = Origin(developer="anthropic", host="anthropic", dialect=DIALECT.name, model="claude-opus-5")


@pytest.fixture
def issuer() -> Origin:
    """The vendor itself."""
    return OWN


@pytest.fixture
def other() -> Origin:
    """Another vendor, of another dialect."""
    return Origin(developer="acme", host="acme", dialect="openai_chat", model="acme-1")


@pytest.fixture
def reseller() -> Origin:
    """Another host of the same models, in the same dialect."""
    return Origin(developer="anthropic", host="cloud", dialect=DIALECT.name, model="claude-opus-5")


@pytest.fixture
def encode() -> Callable[..., Any]:
    """Encode to the vendor: body and the codes of the losses."""

    def run(request: GenerateRequest, options: Mapping[str, Any] | None = None) -> tuple[Any, list[str]]:
        target = Target(origin=OWN, default_max_output_tokens=100, options=options or {})
        encoded = DIALECT.encode_request(request, target)
        return encoded.body, [loss.code for loss in encoded.losses]

    return run
