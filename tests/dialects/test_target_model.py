"""A request that names no model is for the endpoint's own, in every dialect."""

from importlib.metadata import entry_points

import pytest

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin, changed, user
from offramp_providers.installed import find_dialect


@pytest.mark.parametrize("dialect", sorted(entry_points(group="offramp.dialects").names))
def test_without_a_model_the_target_s_is_asked_for(dialect: str):
    codec = find_dialect(dialect)
    target = Target(
        origin=Origin(developer="acme", host="acme", dialect=dialect, model="m-1"), default_max_output_tokens=64
    )
    request = GenerateRequest((user("Which road?"),))

    assert codec.encode_request(request, target) == codec.encode_request(changed(request, model="m-1"), target)
