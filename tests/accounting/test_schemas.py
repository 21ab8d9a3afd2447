"""What the encoders write fits the vendors' published schemas, save for what was reviewed."""

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from offramp.errors import CapabilityError
from offramp.types import AnyResponse, GenerateRequest
from support.cassettes import answers, requests
from support.crossing import APIS, DIALECTS, origin_in, sent
from support.leaves import strip_wire
from support.must_keep import PAIRS, REQUESTS, RESPONSES
from support.saturated import message_cases, response_cases, setting_cases

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "cassettes"
_FILES: Final = {"anthropic_messages": "anthropic", "openai_chat": "openai"}
_ROOTS: Final = {"anthropic_messages": "anthropic.messages", "openai_chat": "openai.chat"}

REVIEWED: Final = (
    # A tool in the vendor's own words is the application's to get right.
    r"anthropic_messages.request tools\[N\]\.type: anyOf",
    r"openai_chat.request tools\[N\]\.type: enum",
    # A request without messages is sent as it is, and refused there.
    r"openai_chat.request messages: minItems",
    # What is unknown is null or left out, never 0 and never a word that claims completion.
    r"anthropic_messages.response usage.(in|out)put_tokens: type",
    r"anthropic_messages.response (id|model): type",
    r"openai_chat.response choices\[N\].finish_reason: (type|enum)",
    r"openai_chat.response usage: required",
    # Nullable members that the schema requires nevertheless; the vendor's recordings of older dates lack them too.
    r"anthropic_messages.response (usage)?: required",
    # A stop reason of the vendor's documentation that the snapshot lacks.
    r"anthropic_messages.response stop_reason: enum",
    # A block of an answer must have members that only the vendor can fill, such as `citations`.
    r"anthropic_messages.response content\[N\]\.type: const",
)
"""Accepted deviations: wire, kind and place, and the rule that is broken."""


@cache
def validator(dialect: str, kind: str) -> Draft202012Validator:
    """The published schema; skips the test where there is none."""
    folder = Path(os.environ.get("OFFRAMP_CASSETTES") or _BESIDE).parent / "specs"
    path = folder / f"{_FILES[dialect]}.json"
    if not path.is_file():
        pytest.skip("the vendors' published schemas are not at ../shared/specs")
    published = json.loads(path.read_text(encoding="utf-8"))
    name = published["roots"][f"{_ROOTS[dialect]}.{kind}"]
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": published["components"]})


def deviations(body: Any, dialect: str, kind: str) -> list[str]:
    """What breaks the schema and was not reviewed."""
    written = json.loads(json.dumps(body))
    found = []
    for error in validator(dialect, kind).iter_errors(written):
        deepest = min(error.context or [error], key=lambda each: -len(each.absolute_path))
        place = re.sub(r"\.?\b(\d+)\b", "[N]", ".".join(map(str, deepest.absolute_path)))
        found.append(f"{dialect}.{kind} {place}: {deepest.validator}")
    return [each for each in found if not any(re.fullmatch(known, each) for known in REVIEWED)]


def foreign_requests(source: str) -> Iterator[GenerateRequest]:
    """Recorded in the other dialect, saturated, and reviewed."""
    decode = DIALECTS[source].decode_request
    for _, request, body in requests(APIS[source]):
        yield strip_wire(decode(body, request["headers"] or {}, origin_in(source)))
    yield from setting_cases()
    yield from message_cases(origin_in(source))
    yield from REQUESTS.values()


def foreign_answers(source: str) -> Iterator[AnyResponse]:
    """The same of answers."""
    for _, _, body in answers(APIS[source]):
        yield strip_wire(DIALECTS[source].decode_response(body, {}, origin_in(source)))
    yield from response_cases(origin_in(source))
    yield from RESPONSES.values()


@pytest.mark.parametrize(("source", "wire"), PAIRS)
def test_every_request_fits_the_published_schema(source: str, wire: str) -> None:
    found: dict[str, GenerateRequest] = {}
    for request in foreign_requests(source):
        try:
            body, _, _ = sent(request, wire)
        except CapabilityError:
            continue
        found |= dict.fromkeys(deviations(body, wire, "request"), request)

    assert found == {}


@pytest.mark.parametrize(("source", "wire"), PAIRS)
def test_every_answer_fits_the_published_schema(source: str, wire: str) -> None:
    found: dict[str, AnyResponse] = {}
    for answer in foreign_answers(source):
        body = DIALECTS[wire].encode_response(answer).body
        found |= dict.fromkeys(deviations(body, wire, "response"), answer)

    assert found == {}
