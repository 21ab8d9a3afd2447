"""A request that names no model is for the endpoint's own, in every dialect."""

import pytest

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin, changed, user
from offramp_providers.installed import find_dialect, installed_dialects


@pytest.mark.parametrize("dialect", installed_dialects())
def test_without_a_model_the_target_s_is_asked_for(dialect: str):
    codec = find_dialect(dialect)
    target = Target(
        origin=Origin(developer="acme", host="acme", dialect=dialect, model="m-1"), default_max_output_tokens=64
    )
    request = GenerateRequest((user("Which road?"),))

    assert codec.encode_request(request, target) == codec.encode_request(changed(request, model="m-1"), target)
