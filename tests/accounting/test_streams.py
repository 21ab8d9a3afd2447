"""A stream that crosses to the other dialect folds to the same answer there, less what its encoder names."""

from typing import Final

import pytest

from offramp.types import Batch
from support.cassettes import streams
from support.crossing import DIALECTS, PAIRS, STREAM_APIS, faults_of_stream, origin_in
from support.leaves import strip_wire
from support.pieces import batches_of
from support.saturated import response_cases

SEVERAL_ANSWERS: Final = {"8b311095d326d87a", "3f1713ca06f23a61", "f843d01a0c20c1a1"}
"""Recordings of several answers in one list of events, which no vendor sends as one stream."""


def decoded(dialect: str) -> dict[str, list[Batch]]:
    """Every recorded stream of the dialect, without residue."""
    found: dict[str, list[Batch]] = {}
    for name, events in streams(STREAM_APIS[dialect]):
        if not events:
            continue  # an error that was answered in place of a stream
        decoder = DIALECTS[dialect].stream_decoder({}, origin_in(dialect))
        batches = [*(decoder.decode(event) for event in events), decoder.finish()]
        found[name] = [strip_wire(batch) for batch in batches]
    return {name: batches for name, batches in found.items() if name not in SEVERAL_ANSWERS}


@pytest.mark.parametrize(("source", "wire"), [*PAIRS, *((name, name) for name in DIALECTS)])
def test_every_leaf_of_a_recorded_stream_arrives_or_is_named(source: str, wire: str) -> None:
    faults = {name: found for name, batches in decoded(source).items() if (found := faults_of_stream(batches, wire))}

    assert faults == {}


@pytest.mark.parametrize(("source", "wire"), [*PAIRS, ("openai_chat", "openai_chat")])
def test_every_value_of_a_streamed_answer_arrives_or_is_named(source: str, wire: str) -> None:
    cases = [batches_of(answer) for answer in response_cases(origin_in(source))]

    faults = {repr(case): found for case in cases if (found := faults_of_stream(case, wire))}

    assert faults == {}
