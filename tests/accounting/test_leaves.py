"""Every leaf of every recorded request and answer is on the other side, or under a loss that names it."""

import pytest

from offramp_conformance.accounting.crossing import PAIRS, WAYS, faults_of_request, faults_of_response, sent
from support.recorded import recorded_answers, recorded_requests


@pytest.mark.parametrize(("source", "wire"), WAYS)
def test_every_leaf_of_a_recorded_request_arrives_or_is_named(source: str, wire: str) -> None:
    recorded = recorded_requests(source)

    faults = {name: found for name, request in recorded.items() if (found := faults_of_request(request, wire))}

    assert faults == {}


@pytest.mark.parametrize(("source", "wire"), PAIRS)
def test_every_leaf_comes_home_or_is_named(source: str, wire: str) -> None:
    there = {name: sent(request, wire)[1] for name, request in recorded_requests(source).items()}

    faults = {name: found for name, request in there.items() if (found := faults_of_request(request, source))}

    assert faults == {}


@pytest.mark.parametrize(("source", "wire"), WAYS)
def test_every_leaf_of_a_recorded_answer_arrives_or_is_named(source: str, wire: str) -> None:
    recorded = recorded_answers(source)

    faults = {name: found for name, answer in recorded.items() if (found := faults_of_response(answer, wire))}

    assert faults == {}
