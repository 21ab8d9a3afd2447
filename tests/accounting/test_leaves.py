"""Every leaf of every recorded request and answer is on the other side, or under a loss that names it."""

import pytest

from offramp.types import AnyResponse, GenerateRequest
from support.cassettes import answers, requests
from support.crossing import APIS, DIALECTS, PAIRS, faults_of_request, faults_of_response, origin_in, sent
from support.leaves import strip_wire


def decoded(dialect: str) -> list[tuple[str, GenerateRequest]]:
    """Every recorded request of the dialect, without residue."""
    recorded = requests(APIS[dialect])
    return [
        (name, strip_wire(DIALECTS[dialect].decode_request(body, request["headers"] or {}, origin_in(dialect))))
        for name, request, body in recorded
    ]


def answered(dialect: str) -> list[tuple[str, AnyResponse]]:
    """Every recorded answer of the dialect, without residue."""
    decode = DIALECTS[dialect].decode_response
    recorded = answers(APIS[dialect])
    return [(name, strip_wire(decode(body, {}, origin_in(dialect)))) for name, _, body in recorded]


@pytest.mark.parametrize(("source", "wire"), [*PAIRS, *((name, name) for name in DIALECTS)])
def test_every_leaf_of_a_recorded_request_arrives_or_is_named(source: str, wire: str) -> None:
    faults = {name: found for name, request in decoded(source) if (found := faults_of_request(request, wire))}

    assert faults == {}


@pytest.mark.parametrize(("source", "wire"), PAIRS)
def test_every_leaf_comes_home_or_is_named(source: str, wire: str) -> None:
    there = [(name, sent(request, wire)[1]) for name, request in decoded(source)]

    faults = {name: found for name, request in there if (found := faults_of_request(request, source))}

    assert faults == {}


@pytest.mark.parametrize(("source", "wire"), [*PAIRS, *((name, name) for name in DIALECTS)])
def test_every_leaf_of_a_recorded_answer_arrives_or_is_named(source: str, wire: str) -> None:
    faults = {name: found for name, answer in answered(source) if (found := faults_of_response(answer, wire))}

    assert faults == {}
