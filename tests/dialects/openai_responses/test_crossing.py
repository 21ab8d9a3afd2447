"""What comes from another dialect is said here, or named: nothing is silent, and nothing is invented."""

from typing import Any

import pytest

from offramp.contracts.provider import Dialect, Target
from offramp.types import AnyResponse, Folder, GenerateRequest, Origin, fold
from offramp_conformance.accounting.accountant import unaccounted_request, unaccounted_response
from offramp_conformance.accounting.leaves import strip_wire
from offramp_providers.dialects.anthropic_messages import DIALECT as ANTHROPIC
from offramp_providers.dialects.openai_chat import DIALECT as CHAT
from offramp_providers.dialects.openai_responses import DIALECT
from support.cassettes import answers, requests, streams

OWN = Origin(developer="openai", host="openai", dialect=DIALECT.name, model="gpt-5.4", account="ours")
TARGET = Target(origin=OWN, default_max_output_tokens=4096)
API = "openai.responses"
ELSEWHERE = ((ANTHROPIC, "anthropic.messages"), (CHAT, "openai.chat"))
NEUTRAL = (
    # Reviewed: what asks for nothing but what happens anyway.
    "absent candidates: 1 → None",
    "absent frequency_penalty: 0",
    "absent presence_penalty: 0",
    "new model: None →",
    "absent tool_choice: ToolChoiceAuto(",
)
_UNASKED = ".detail: None → 'auto'"
"""The published schema requires a word, and this is what the vendor does without one."""


def _told(faults: list[str]) -> list[str]:
    return [fault for fault in faults if not fault.startswith(NEUTRAL) and not fault.endswith(_UNASKED)]


@pytest.mark.parametrize(("dialect", "api"), ELSEWHERE)
def test_recorded_requests_of_other_dialects_lose_nothing_in_silence(dialect: Dialect, api: str) -> None:
    failed = {}
    for name, request, body in requests(api):
        issuer = Origin(developer="acme", host="acme", dialect=dialect.name)
        bare: GenerateRequest = strip_wire(dialect.decode_request(body, request["headers"] or {}, issuer))

        encoded = DIALECT.encode_request(bare, TARGET)

        read = strip_wire(DIALECT.decode_request(encoded.body, {}, OWN))
        faults = _told(unaccounted_request(bare, read, encoded.losses, DIALECT.name))
        if faults:
            failed[name] = faults

    assert failed == {}


@pytest.mark.parametrize(("dialect", "api"), ELSEWHERE)
def test_recorded_requests_of_this_dialect_lose_nothing_in_silence_elsewhere(dialect: Dialect, api: str) -> None:
    failed = {}
    del api
    target = Target(
        origin=Origin(developer="acme", host="acme", dialect=dialect.name, model="m"), default_max_output_tokens=4096
    )
    for name, _, body in requests(API):
        bare: GenerateRequest = strip_wire(DIALECT.decode_request(body, {}, OWN))

        encoded = dialect.encode_request(bare, target)

        read = strip_wire(dialect.decode_request(encoded.body, encoded.headers, target.origin))
        faults = _told(unaccounted_request(bare, read, encoded.losses, dialect.name))
        if faults:
            failed[name] = faults

    assert failed == {}


@pytest.mark.parametrize(("dialect", "api"), ELSEWHERE)
def test_recorded_answers_of_other_dialects_lose_nothing_in_silence(dialect: Dialect, api: str) -> None:
    failed = {}
    for name, _, body in answers(api):
        issuer = Origin(developer="acme", host="acme", dialect=dialect.name)
        bare: AnyResponse = strip_wire(dialect.decode_response(body, {}, issuer))

        encoded = DIALECT.encode_response(bare)

        read = strip_wire(DIALECT.decode_response(encoded.body, {}, OWN))
        faults = unaccounted_response(bare, read, encoded.losses, DIALECT.name)
        if faults:
            failed[name] = faults

    assert failed == {}


@pytest.mark.parametrize(("dialect", "api"), ELSEWHERE)
def test_recorded_streams_of_other_dialects_say_what_they_said(dialect: Dialect, api: str) -> None:
    failed = {}
    for name, events in streams(api):
        decoder = dialect.stream_decoder({}, Origin(developer="acme", host="acme", dialect=dialect.name))
        encoder, reader = DIALECT.stream_encoder(), DIALECT.stream_decoder({}, OWN)
        before, after = Folder(), Folder()
        for event in events:
            batch = decoder.decode(event)
            before.add(batch)
            for each in encoder.encode(batch):
                after.add(reader.decode(each))
        for each in encoder.finish():
            after.add(reader.decode(each))

        one, other = before.response(), after.response()
        if _said(one) != _said(other) or (after.failure is None and before.ended != after.ended):
            failed[name] = (_said(one), _said(other))

    assert failed == {}


def _said(response: AnyResponse) -> Any:
    """What a reader of the answer sees: its words, and the calls that it is to run."""
    parts = response.message.parts
    theirs = [part for part in parts if part.type == "tool_call" and part.executor == "client"]
    calls = [(part.call_id, part.name, part.arguments_json or "") for part in theirs]
    reasoning = "".join(part.text or "" for part in parts if part.type == "reasoning")
    refusal = "".join(part.text for part in parts if part.type == "refusal")
    return response.text, reasoning, refusal, calls


@pytest.mark.parametrize(("dialect", "api"), ELSEWHERE)
def test_recorded_streams_of_this_dialect_say_elsewhere_what_they_said(dialect: Dialect, api: str) -> None:
    del api
    for name, events in streams(API):
        decoder, encoder = DIALECT.stream_decoder({}, OWN), dialect.stream_encoder()
        reader = dialect.stream_decoder({}, Origin(developer="acme", host="acme", dialect=dialect.name))
        batches = [decoder.decode(event) for event in events]

        crossed = [each for batch in batches for each in encoder.encode(batch)]

        read = fold([reader.decode(each) for each in [*crossed, *encoder.finish()]])
        one = fold(batches)
        assert one.text in (read.text, ""), name
