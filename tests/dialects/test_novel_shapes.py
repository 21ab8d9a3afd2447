"""What a vendor has invented since: kept whole, named where it is content, and never taken for an end."""

from offramp.contracts.dialect import Dialect
from offramp.types import Origin, OutcomeKind, WireEvent, fold
from offramp_providers.dialects.anthropic_messages import DIALECT as ANTHROPIC
from offramp_providers.dialects.bedrock_converse import DIALECT as BEDROCK
from offramp_providers.dialects.gemini import DIALECT as GEMINI


def issuer(dialect: Dialect) -> Origin:
    return Origin(developer="acme", host="acme", dialect=dialect.name, model="m")


def test_a_novel_event_block_or_delta_of_anthropic_messages_is_kept_and_named() -> None:
    events = [
        {"type": "message_start", "message": {"id": "m1", "model": "m", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "hologram", "beam": 1}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "beam_delta", "beam": 2}},
        {"type": "overture"},
    ]
    wire = [WireEvent(data=each, event=each["type"]) for each in events]
    decoder, encoder = ANTHROPIC.stream_decoder({}, issuer(ANTHROPIC)), ANTHROPIC.stream_encoder()

    batches = [decoder.decode(each) for each in wire]
    response = fold(batches)

    assert [encoder.encode(batch) for batch in batches] == [(each,) for each in wire]
    assert response.message.parts[0].type == "unknown"
    assert len(response.warnings) == 1
    assert response.outcome.kind is OutcomeKind.UNKNOWN


def test_a_novel_block_and_a_novel_event_of_bedrock_converse_are_kept_and_named() -> None:
    blocks = [{"hologram": {"beam": 1}}, {"text": "hi"}, {"cachePoint": {"type": "eternal"}}]
    body = {"output": {"message": {"role": "assistant", "content": blocks}}, "stopReason": "soared"}
    event = WireEvent(data={"overture": 1}, event="overture")

    response = BEDROCK.decode_response(body, {}, issuer(BEDROCK))
    batch = BEDROCK.stream_decoder({}, issuer(BEDROCK)).decode(event)

    assert [part.type for part in response.message.parts] == ["unknown", "text", "unknown"]
    assert (response.outcome.kind, response.outcome.raw) == (OutcomeKind.UNKNOWN, "soared")
    assert BEDROCK.encode_response(response).body == body
    assert BEDROCK.stream_encoder().encode(batch) == (event,)


def test_a_novel_part_and_a_novel_event_of_gemini_are_kept_and_named() -> None:
    parts = [{"hologram": {"beam": 1}}, {"text": "hi"}]
    events = [
        {"candidates": [{"content": {"role": "model", "parts": parts}, "index": 0}], "responseId": "r"},
        {"overture": 1},
        {"candidates": "none"},
    ]
    wire = [WireEvent(data=each) for each in events]
    decoder, encoder = GEMINI.stream_decoder({}, issuer(GEMINI)), GEMINI.stream_encoder()

    batches = [decoder.decode(each) for each in wire]
    response = fold(batches)

    assert [encoder.encode(batch) for batch in batches] == [(each,) for each in wire]
    assert [part.type for part in response.message.parts] == ["unknown", "text"]
    assert response.outcome.kind is OutcomeKind.UNKNOWN
