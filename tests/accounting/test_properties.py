"""Any request, in any order and combination: what comes back is what was sent less its losses, and it is accepted."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.errors import CapabilityError
from offramp.types import GenerateRequest, Origin
from offramp_conformance.accounting.crossing import DIALECTS, PAIRS, faults_of_request, origin_in, sent
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_conformance.accounting.leaves import strip_wire
from offramp_providers.emulator.rules import Rejection, ValidatorState
from support.conversations import requests
from support.strategies import values

EMULATED = [name for name, spoken in SPOKEN.items() if spoken.refuses is not None]
"""The dialects that a strict vendor is emulated for."""
MANY = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
FEW = settings(MANY, max_examples=15)
"""For each of the many pairs."""
ELSEWHERE = Origin(developer="acme", host="acme", dialect="elsewhere", model="acme-1")
ORIGINS = [*(origin_in(name) for name in DIALECTS), ELSEWHERE]


def rejected(body: Any, dialect: str) -> Rejection | None:
    """Why the strict vendor would refuse it."""
    spoken = SPOKEN[dialect]
    assert spoken.refuses is not None
    return spoken.refuses(body, spoken.headers, ValidatorState(also_recalled=True))


@pytest.mark.parametrize("wire", DIALECTS)
@MANY
@given(data=st.data())
def test_a_conversation_comes_back_less_its_losses(wire: str, data: st.DataObject) -> None:
    request = data.draw(requests(ORIGINS))

    assert faults_of_request(request, wire) == []


@pytest.mark.parametrize("wire", EMULATED)
@MANY
@given(data=st.data())
def test_a_conversation_is_accepted_by_the_strict_vendor(wire: str, data: st.DataObject) -> None:
    body, _, _ = sent(data.draw(requests([ELSEWHERE])), wire)

    assert rejected(body, wire) is None


@pytest.mark.parametrize(("source", "wire"), PAIRS)
@FEW
@given(data=st.data())
def test_a_conversation_crosses_twice_less_its_losses(source: str, wire: str, data: st.DataObject) -> None:
    _, there, _ = sent(data.draw(requests(ORIGINS)), source)

    assert faults_of_request(there, wire) == []


@pytest.mark.parametrize("wire", DIALECTS)
@MANY
@given(request_=values(GenerateRequest))
def test_any_request_at_all_is_encoded_or_refused_by_type(wire: str, request_: GenerateRequest) -> None:
    request_ = replace(strip_wire(request_), model="m")

    with suppress(CapabilityError):
        assert all(loss.path for loss in sent(request_, wire)[2])
