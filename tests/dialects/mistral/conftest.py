"""What the tests of this dialect share."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin
from offramp_providers.dialects.mistral import DIALECT

OWN = Origin(developer="mistral", host="mistral", dialect=DIALECT.name, model="mistral-small-latest")


@pytest.fixture
def issuer() -> Origin:
    """The vendor itself."""
    return OWN


@pytest.fixture
def other() -> Origin:
    """Another vendor, of another dialect."""
    return Origin(developer="acme", host="acme", dialect="anthropic_messages", model="acme-1")


@pytest.fixture
def encode() -> Callable[..., Any]:
    """Encode to the vendor: body, and code and path of each loss."""

    def run(
        request: GenerateRequest, options: Mapping[str, Any] | None = None, target: Origin = OWN
    ) -> tuple[Any, list[tuple[str, str]]]:
        encoded = DIALECT.encode_request(request, Target(origin=target, options=options or {}))
        return encoded.body, [(loss.code, loss.path) for loss in encoded.losses]

    return run
