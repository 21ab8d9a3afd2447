"""A stream that crosses to the other dialect folds to the same answer there, less what its encoder names."""

import pytest

from offramp_conformance.accounting.crossing import PAIRS, WAYS, faults_of_stream, origin_in
from support.pieces import batches_of
from support.recorded import recorded_streams
from support.saturated import response_cases


@pytest.mark.parametrize(("source", "wire"), WAYS)
def test_every_leaf_of_a_recorded_stream_arrives_or_is_named(source: str, wire: str) -> None:
    faults = {
        name: found for name, batches in recorded_streams(source).items() if (found := faults_of_stream(batches, wire))
    }

    assert faults == {}


@pytest.mark.parametrize(("source", "wire"), [*PAIRS, ("openai_chat", "openai_chat")])
def test_every_value_of_a_streamed_answer_arrives_or_is_named(source: str, wire: str) -> None:
    cases = [batches_of(answer) for answer in response_cases(origin_in(source))]

    faults = {repr(case): found for case in cases if (found := faults_of_stream(case, wire))}

    assert faults == {}
