"""Each leaf of any request is on the wire, or lies under a named loss."""

import json

from hypothesis import HealthCheck, given, settings

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin
from offramp_providers.dialects.bedrock_converse import DIALECT
from support.marking import Marking, silent
from support.strategies import values

OWN = Origin(developer="amazon", host="bedrock", dialect=DIALECT.name, model="m")


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(values(GenerateRequest))
def test_each_leaf_of_any_request_is_said_or_named(found: GenerateRequest) -> None:
    marking = Marking(OWN)
    request = marking.of(found, "", GenerateRequest)

    encoded = DIALECT.encode_request(request, Target(origin=OWN))

    # The model stands in the path.
    assert silent(marking.marks, json.dumps(encoded.body) + encoded.path, encoded.losses) == []
