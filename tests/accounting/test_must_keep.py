"""What both dialects can say passes from either to the other without any loss."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from offramp.types import Severity
from offramp_conformance.accounting.accountant import unaccounted_request, unaccounted_response
from offramp_conformance.accounting.crossing import DIALECTS, PAIRS, origin_in, sent, streamed
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_conformance.accounting.leaves import strip_wire
from support.must_keep import AFTERWARDS, ENVELOPE, REQUESTS, RESPONSES
from support.pieces import batches_of


def said_by_both(rows: Iterable[str]) -> list[tuple[str, str, str]]:
    """Each row with each ordered pair of dialects that can both say it."""
    ways = [(row, source, wire) for row in rows for source, wire in PAIRS]
    return [(row, *pair) for row, *pair in ways if not any(row in SPOKEN[name].unsaid for name in pair)]


def admitted(row: str, wire: str) -> frozenset[str]:
    """The losses that the wire's entry admits."""
    return SPOKEN[wire].admitted.get(row, frozenset())


@pytest.mark.parametrize(("row", "source", "wire"), said_by_both(REQUESTS))
def test_a_request_keeps_what_both_dialects_can_say(row: str, source: str, wire: str) -> None:
    request = REQUESTS[row]

    _, first, lost_first = sent(request, source)
    _, last, lost_last = sent(first, wire)

    codes = {loss.code for loss in lost_first}
    assert codes <= admitted(row, source)
    again = {lost for put_in, lost in AFTERWARDS.items() if put_in in codes}
    # What is put in without changing anything is no loss of what was said.
    worse = [loss for loss in lost_last if not (loss.action == "injected" and loss.severity is Severity.COSMETIC)]
    assert {loss.code for loss in worse} <= admitted(row, wire) | again
    assert unaccounted_request(request, first, lost_first, source) == []
    assert unaccounted_request(first, last, lost_last, wire) == []
    assert last.model == "m"


@pytest.mark.parametrize(("row", "source", "wire"), said_by_both(RESPONSES))
def test_an_answer_keeps_what_both_dialects_can_say(row: str, source: str, wire: str) -> None:
    author = replace(origin_in(source), response_id="r")
    answer = replace(RESPONSES[row], origin=author)

    encoded = DIALECTS[wire].encode_response(answer)
    read = DIALECTS[wire].decode_response(encoded.body, {}, origin_in(wire))

    assert {loss.code for loss in encoded.losses} <= ENVELOPE
    assert unaccounted_response(answer, strip_wire(read), encoded.losses, wire) == []


@pytest.mark.parametrize(("row", "source", "wire"), said_by_both(RESPONSES))
def test_a_stream_keeps_what_both_dialects_can_say(row: str, source: str, wire: str) -> None:
    author = replace(origin_in(source), response_id="r")
    answer = replace(RESPONSES[row], origin=author)

    _, read, losses = streamed(batches_of(answer), wire)

    assert {loss.code for loss in losses} <= ENVELOPE
    assert unaccounted_response(answer, read, losses, wire) == []


@pytest.mark.parametrize("wire", DIALECTS)
def test_what_is_admitted_is_cosmetic_or_added_and_still_needed(wire: str) -> None:
    for row in REQUESTS.keys() - SPOKEN[wire].unsaid.keys():
        losses = sent(REQUESTS[row], wire)[2]

        assert {loss.code for loss in losses} == admitted(row, wire), row
        assert all(loss.severity is Severity.COSMETIC or loss.action == "injected" for loss in losses), row


@pytest.mark.parametrize("wire", DIALECTS)
def test_what_is_called_unsayable_is_lost_indeed(wire: str) -> None:
    unsaid = SPOKEN[wire].unsaid.keys()

    assert unsaid <= REQUESTS.keys() | RESPONSES.keys()
    for row in unsaid & REQUESTS.keys():
        assert sent(REQUESTS[row], wire)[2], row
    for row in unsaid & RESPONSES.keys():
        assert DIALECTS[wire].encode_response(RESPONSES[row]).losses, row


def test_every_row_is_said_by_a_third_of_the_dialects() -> None:
    for row in [*REQUESTS, *RESPONSES]:
        assert 3 * sum(row not in spoken.unsaid for spoken in SPOKEN.values()) >= len(SPOKEN), row
