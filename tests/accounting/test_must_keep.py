"""What both dialects can say passes from either to the other without any loss."""

from dataclasses import replace

import pytest

from offramp.types import Severity
from support.accountant import unaccounted_request, unaccounted_response
from support.crossing import DIALECTS, origin_in, sent, streamed
from support.leaves import strip_wire
from support.must_keep import ADMITTED, ENVELOPE, PAIRS, REQUESTS, RESPONSES
from support.pieces import batches_of

ROWS = [(name, source, wire) for name in REQUESTS for source, wire in PAIRS]
ANSWERS = [(name, source, wire) for name in RESPONSES for source, wire in PAIRS]


@pytest.mark.parametrize(("row", "source", "wire"), ROWS)
def test_a_request_keeps_what_both_dialects_can_say(row: str, source: str, wire: str) -> None:
    request = REQUESTS[row]

    _, first, lost_first = sent(request, source)
    body, last, lost_last = sent(first, wire)

    none = frozenset[str]()
    codes = {loss.code for loss in lost_first}
    assert codes <= ADMITTED.get((row, source), none)
    # A name that was put in on the way there is lost on the way on.
    again = {"output.name"} if "output.name.injected" in codes else none
    assert {loss.code for loss in lost_last} <= ADMITTED.get((row, wire), none) | again
    assert unaccounted_request(request, first, lost_first, source) == []
    assert unaccounted_request(first, last, lost_last, wire) == []
    assert body["model"] == "m"


@pytest.mark.parametrize(("row", "source", "wire"), ANSWERS)
def test_an_answer_keeps_what_both_dialects_can_say(row: str, source: str, wire: str) -> None:
    author = replace(origin_in(source), response_id="r")
    answer = replace(RESPONSES[row], origin=author)

    encoded = DIALECTS[wire].encode_response(answer)
    read = DIALECTS[wire].decode_response(encoded.body, {}, origin_in(wire))

    assert {loss.code for loss in encoded.losses} <= ENVELOPE
    assert unaccounted_response(answer, strip_wire(read), encoded.losses, wire) == []


@pytest.mark.parametrize(("row", "source", "wire"), ANSWERS)
def test_a_stream_keeps_what_both_dialects_can_say(row: str, source: str, wire: str) -> None:
    author = replace(origin_in(source), response_id="r")
    answer = replace(RESPONSES[row], origin=author)

    _, read, losses = streamed(batches_of(answer), wire)

    assert {loss.code for loss in losses} <= ENVELOPE
    assert unaccounted_response(answer, read, losses, wire) == []


@pytest.mark.parametrize("row", REQUESTS)
def test_what_is_admitted_is_cosmetic_and_still_needed(row: str) -> None:
    for wire, _ in PAIRS:
        losses = sent(REQUESTS[row], wire)[2]

        assert {loss.code for loss in losses} == ADMITTED.get((row, wire), frozenset())
        assert all(loss.severity is Severity.COSMETIC for loss in losses)
