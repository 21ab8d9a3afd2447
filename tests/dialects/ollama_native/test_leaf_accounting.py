"""Each leaf of any request is on the wire, or lies under a named loss."""

import json

from hypothesis import HealthCheck, given, settings

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin
from offramp_providers.dialects.ollama_native import DIALECT
from support.marking import Marking, silent
from support.strategies import values

OWN = Origin(developer="acme", host="self", dialect=DIALECT.name, model="m")


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(values(GenerateRequest))
def test_each_leaf_of_any_request_is_said_or_named(found: GenerateRequest) -> None:
    marking = Marking(OWN)
    request = marking.of(found, "", GenerateRequest)

    # The keyword in every schema here; what is dropped of one is named beneath it, which other tests hold.
    encoded = DIALECT.encode_request(request, Target(origin=OWN, options={"tool_keywords": ("key",)}))

    assert silent(marking.marks, json.dumps(encoded.body), encoded.losses) == []
