"""What the encoders write fits the vendors' published schemas, save for what was reviewed."""

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from offramp.errors import CapabilityError
from offramp.types import AnyResponse, GenerateRequest
from offramp_conformance.accounting.crossing import DIALECTS, PAIRS, origin_in, sent
from offramp_conformance.accounting.dialects import SPOKEN
from support.must_keep import REQUESTS, RESPONSES
from support.published_schemas import published
from support.recorded import recorded_answers, recorded_requests
from support.saturated import message_cases, response_cases, setting_cases

WIRES: Final = [name for name, spoken in SPOKEN.items() if spoken.schema is not None]
WAYS: Final = [(source, wire) for source, wire in PAIRS if wire in WIRES]


@cache
def validator(dialect: str, kind: str) -> Draft202012Validator:
    """The published schema; skips the test where there is none."""
    file, api = SPOKEN[dialect].schema or ("", "")
    schema = published(file)
    name = schema["roots"][f"{api}.{kind}"]
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": schema["components"]})


def deviations(body: Any, dialect: str, kind: str) -> list[str]:
    """What breaks the schema and was not reviewed."""
    written = json.loads(json.dumps(body))
    found = []
    for error in validator(dialect, kind).iter_errors(written):
        deepest = min(error.context or [error], key=lambda each: -len(each.absolute_path))
        place = re.sub(r"\.?\b(\d+)\b", "[N]", ".".join(map(str, deepest.absolute_path)))
        found.append(f"{kind} {place}: {deepest.validator}")
    return [each for each in found if not any(re.fullmatch(known, each) for known in SPOKEN[dialect].deviations)]


def faults_of_requests(requests: Iterable[GenerateRequest], wire: str) -> dict[str, GenerateRequest]:
    """Each deviation of what is written, with a request that shows it."""
    found: dict[str, GenerateRequest] = {}
    for request in requests:
        try:
            body, _, _ = sent(request, wire)
        except CapabilityError:
            continue
        found |= dict.fromkeys(deviations(body, wire, "request"), request)
    return found


def faults_of_answers(answers: Iterable[AnyResponse], wire: str) -> dict[str, AnyResponse]:
    """The same of answers."""
    found: dict[str, AnyResponse] = {}
    for answer in answers:
        body = DIALECTS[wire].encode_response(answer).body
        found |= dict.fromkeys(deviations(body, wire, "response"), answer)
    return found


@pytest.mark.parametrize(("source", "wire"), WAYS)
def test_every_recorded_request_fits_the_published_schema_elsewhere(source: str, wire: str) -> None:
    assert faults_of_requests(recorded_requests(source).values(), wire) == {}


@pytest.mark.parametrize("wire", WIRES)
def test_every_request_of_an_application_fits_the_published_schema(wire: str) -> None:
    foreign = message_cases(origin_in(next(name for name in DIALECTS if name != wire)))

    assert faults_of_requests([*setting_cases(), *foreign, *REQUESTS.values()], wire) == {}


@pytest.mark.parametrize(("source", "wire"), WAYS)
def test_every_recorded_answer_fits_the_published_schema_elsewhere(source: str, wire: str) -> None:
    assert faults_of_answers(recorded_answers(source).values(), wire) == {}


@pytest.mark.parametrize("wire", WIRES)
def test_every_possible_answer_fits_the_published_schema(wire: str) -> None:
    foreign = response_cases(origin_in(next(name for name in DIALECTS if name != wire)))

    assert faults_of_answers([*foreign, *RESPONSES.values()], wire) == {}
