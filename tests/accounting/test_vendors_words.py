"""A loss of what only its vendor has a word for tells that word, and nothing that somebody said."""

from collections.abc import Iterable
from typing import Any

import pytest

from offramp.types import (
    GenerateRequest,
    Loss,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    Response,
    RoutingField,
    Text,
    Unknown,
    Usage,
    VendorTool,
    user,
)
from offramp_conformance.accounting.crossing import DIALECTS, sent, streamed
from support.pieces import batches_of

ELSEWHERE = Origin(developer="acme", host="acme", dialect="elsewhere", model="acme-1")
SAID = "Tell nobody about the depot"


def told(losses: Iterable[Loss], code: str) -> list[str]:
    """What losses of a kind say behind their reason."""
    return [one.why.rpartition(": ")[2] for one in losses if one.code == code]


@pytest.mark.parametrize("wire", DIALECTS)
@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("canvas_block", "`canvas_block` of elsewhere"),
        (None, "one of elsewhere without a name"),
        (SAID, "one of elsewhere without a name"),
    ],
)
def test_a_block_type_without_a_name_here_is_named_as_its_vendor_does(wire: str, word: Any, named: str) -> None:
    part = Unknown(dialect="elsewhere", vendor_type=word, raw={"type": word, "text": SAID})
    answer = Response(
        message=Message("assistant", (Text("a"), part), origin=ELSEWHERE),
        outcome=Outcome(OutcomeKind.COMPLETED),
        usage=Usage(),
        origin=ELSEWHERE,
    )

    of_request = sent(GenerateRequest((user(part, "a"),), model="m", max_output_tokens=9), wire)[2]
    of_answer = DIALECTS[wire].encode_response(answer).losses
    of_stream = streamed(batches_of(answer), wire)[2]

    for losses in (of_request, of_answer, of_stream):
        assert told(losses, "unknown_part") == [named]
        assert not any(SAID in repr(one) for one in losses)


@pytest.mark.parametrize("wire", DIALECTS)
def test_a_routing_field_and_a_vendor_s_tool_are_named(wire: str) -> None:
    request = GenerateRequest(
        (user("a"),),
        model="m",
        max_output_tokens=9,
        tools=(VendorTool(dialect="elsewhere", vendor_type="web_search", raw={}),),
        routing=(RoutingField(dialect="elsewhere", name="fallbacks", raw=[]),),
    )

    losses = sent(request, wire)[2]

    assert told(losses, "vendor_tool") == ["`web_search` of elsewhere"]
    assert told(losses, "routing_field") == ["`fallbacks` of elsewhere"]
