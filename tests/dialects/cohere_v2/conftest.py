"""What the tests of this dialect share."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin
from offramp_providers.dialects.cohere_v2 import DIALECT

OWN = Origin(developer="cohere", host="cohere", dialect=DIALECT.name, model="command-a-plus-05-2026")


@pytest.fixture
def issuer() -> Origin:
    """The vendor itself."""
    return OWN


@pytest.fixture
def other() -> Origin:
    """Another vendor, of another dialect."""
    return Origin(developer="acme", host="acme", dialect="openai_chat", model="acme-1")


@pytest.fixture
def encode() -> Callable[..., Any]:
    """Encode to the vendor: body, and code and path of each loss."""

    def run(request: GenerateRequest, options: Mapping[str, Any] | None = None) -> tuple[Any, list[tuple[str, str]]]:
        encoded = DIALECT.encode_request(request, Target(origin=OWN, options=options or {}))
        return encoded.body, [(loss.code, loss.path) for loss in encoded.losses]

    return run
