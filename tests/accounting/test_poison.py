"""A key that nobody knows, in every object of recorded traffic, is named where it stands, and is not sent elsewhere."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from offramp.types import Batch, Loss, PartStart, WireEvent
from offramp_conformance.accounting.crossing import DIALECTS, PAIRS, origin_in, target_in
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_conformance.accounting.leaves import is_under
from support.cassettes import answers, requests, streams
from support.poison import ARGUMENTS, KEY, numbers_in, objects, places, poisoned


def silent(node: Any, count: int, losses: Sequence[Loss], sent: Any, *, never_sent: tuple[str, ...] = ()) -> list[str]:
    """Which keys were lost by the reader, not named by the writer, or leaked.

    Args:
        node: what was read.
        count: how many keys the wire had.
        losses: of writing it elsewhere.
        sent: what was written.
        never_sent: fields that are kept beside the canonical value and are no part of what is written.
    """
    found, arrived = set[int](), numbers_in(sent)
    faults: list[str] = []
    named = [loss.path for loss in losses]
    for path, is_data, numbers in places(node):
        found |= numbers
        beside = any(is_under(path, each) for each in never_sent)
        # Of data, a part may be named beneath: a keyword of a schema, say.
        covered = any(is_under(path, each) or (is_data and is_under(each, path)) for each in named)
        if numbers and not (beside or covered or (is_data and numbers <= arrived)):
            faults.append(f"silent {path}")
        if not is_data and not beside and numbers & arrived:
            faults.append(f"leaked {path}")
    return faults + [f"not read: {number}" for number in set(range(count)) - found]


@pytest.mark.parametrize(("source", "wire"), PAIRS)
def test_an_unknown_key_of_a_request_is_named_and_not_sent(source: str, wire: str) -> None:
    faults = {}
    for name, request, body in requests(SPOKEN[source].recordings):
        bad, count = poisoned(body)
        read = DIALECTS[source].decode_request(
            bad, {**(request["headers"] or {}), ":path": request["path"]}, origin_in(source)
        )

        encoded = DIALECTS[wire].encode_request(read, target_in(wire))

        faults[name] = silent(read, count, encoded.losses, encoded.body)
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(("source", "wire"), PAIRS)
def test_an_unknown_key_of_an_answer_is_named_and_not_sent(source: str, wire: str) -> None:
    faults = {}
    for name, _, body in answers(SPOKEN[source].recordings):
        bad, count = poisoned(body)
        read = DIALECTS[source].decode_response(bad, {}, origin_in(source))

        encoded = DIALECTS[wire].encode_response(read)

        faults[name] = silent(read, count, encoded.losses, encoded.body, never_sent=("raw", "usage.raw"))
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(("source", "wire"), PAIRS)
def test_an_unknown_key_of_an_event_is_named_and_not_sent(source: str, wire: str) -> None:
    faults = {}
    for name, events in streams(SPOKEN[source].streams or SPOKEN[source].recordings):
        decoder, encoder = DIALECTS[source].stream_decoder({}, origin_in(source)), DIALECTS[wire].stream_encoder()
        bad = [WireEvent(data=poisoned(event.data)[0], event=event.event) for event in events]
        batches = [*(decoder.decode(event) for event in bad), decoder.finish()]

        sent = [event.data for batch in batches for event in encoder.encode(batch)]

        leaked = [f"leaked {each}" for each in objects(sent, without=ARGUMENTS) if KEY in each]
        faults[name] = [*_unnamed(batches, encoder.losses), *leaked]
    assert {name: found for name, found in faults.items() if found} == {}


def _unnamed(batches: Sequence[Batch], losses: Sequence[Loss]) -> list[str]:
    """Residue with the key in it that no loss names, itself or with the part that holds it."""
    named = [loss.path for loss in losses]
    faults: list[str] = []
    for batch in batches:
        for event in [replace(batch, events=()), *batch.events]:
            part = f"message.parts[{event.index}]" if isinstance(event, PartStart) else None
            residue = [path for path, _, found in places(event) if found and "wire." in path]
            for path in residue:
                tail = path[path.index("wire.fields.") :]
                if part not in named and not any(each.endswith(tail) for each in named):
                    faults.append(path)
    return faults
