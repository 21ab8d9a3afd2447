"""Every field of the types with every one of its values, and every part in every role, arrives or is named."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import pytest

from offramp.errors import CapabilityError
from offramp.types import (
    AnyResponse,
    GenerateRequest,
    Loss,
    Message,
    Origin,
    Part,
    Response,
    Text,
    Timings,
    Unknown,
    Wire,
    user,
)
from offramp_conformance.accounting.crossing import (
    DIALECTS,
    PAIRS,
    faults_of_request,
    faults_of_response,
    origin_in,
    target_in,
)
from offramp_conformance.accounting.dialects import SPOKEN
from support.recorded import sayable
from support.saturated import fields_given, fields_of, least_cases, request_cases, response_cases

WAYS: Final = [
    (source, wire)
    for wire in DIALECTS
    for source in (wire, next(other for other in reversed(DIALECTS) if other != wire))
]
"""Whose words stand in the history or the answer, and the wire: its own vendor's, and another's."""

REVIEWED: Final = {
    (Origin, "region"): "who answered is told by the reader, on no wire",
    (Origin, "account"): "the same",
    (Response, "losses"): "told by the encoder, on no wire",
    (Response, "warnings"): "told by the client",
    (Response, "timings"): "measured by the client",
    (Response, "output"): "made by the client from the text",
    (Response, "raw"): "the vendor's own payload, kept beside",
    (Timings, "total_s"): "measured by the client",
    (Timings, "first_output_s"): "the same",
    (Timings, "attempts"): "the same",
}
"""Fields that no case covers, each with its reason."""


def faults(
    cases: Iterable[Any], faults_of: Callable[[Any, str], list[str]], wire: str
) -> tuple[dict[str, list[str]], int]:
    """What each case loses in silence, and how many the dialect refused with a mend."""
    found: dict[str, list[str]] = {}
    refused = 0
    for case in cases:
        try:
            silent = faults_of(case, wire)
        except CapabilityError:
            refused += 1
            continue
        if silent:
            found[repr(case)] = silent
    return found, refused


@pytest.mark.parametrize(("source", "wire"), WAYS)
def test_every_value_of_a_request_arrives_or_is_named(source: str, wire: str) -> None:
    silent, refused = faults(request_cases(origin_in(source)), faults_of_request, wire)

    assert silent == {}
    assert refused <= 4


@pytest.mark.parametrize(("source", "wire"), PAIRS)
def test_whatever_one_dialect_can_say_arrives_elsewhere_or_is_named(source: str, wire: str) -> None:
    silent, refused = faults(sayable(source), faults_of_request, wire)

    assert silent == {}
    assert refused <= 4


RULES: Final = [(wire, name) for wire, spoken in SPOKEN.items() for name in spoken.options if name != "pin_host"]
"""Options of hosts. One is set aside: it adds the endpoint's own host to what a router is told, by configuration."""


@pytest.mark.parametrize(("wire", "option"), RULES)
def test_a_hosts_rule_names_what_it_takes_away(wire: str, option: str) -> None:
    for rule in SPOKEN[wire].options[option]:
        silent, _ = faults(
            least_cases(origin_in(wire)),
            lambda case, name, rule=rule: faults_of_request(case, name, {option: rule}),
            wire,
        )

        assert silent == {}, rule


def test_no_option_of_a_host_is_left_without_a_case() -> None:
    for spoken in SPOKEN.values():
        assert frozenset(spoken.options) == spoken.documented_options, spoken.name


@pytest.mark.parametrize(("source", "wire"), WAYS)
def test_every_value_of_an_answer_arrives_or_is_named(source: str, wire: str) -> None:
    silent, refused = faults(response_cases(origin_in(source)), faults_of_response, wire)

    assert silent == {}
    assert refused == 0


def test_no_field_of_the_types_is_left_without_a_case() -> None:
    origin = origin_in("openai_chat")
    cases = [*request_cases(origin), *response_cases(origin)]

    given = {each for case in cases for each in fields_given(case)}

    named = {(cls, name) for cls, name in fields_of(GenerateRequest, set()) | fields_of(AnyResponse, set())}
    fixed = {(cls, name) for cls, name in named if name in ("type", "wire") or cls in (Wire, Loss)}
    assert named - given - fixed == set(REVIEWED)


@pytest.mark.parametrize("wire", DIALECTS)
def test_a_value_that_stands_in_two_places_is_named_at_both(wire: str) -> None:
    part: Part = Unknown(dialect="elsewhere", vendor_type="t", raw={})
    request = GenerateRequest(
        (user(part, "a"), Message("assistant", (part, Text("b"))), user(part, "c")), max_output_tokens=9
    )

    losses = DIALECTS[wire].encode_request(request, target_in(wire)).losses

    paths = [loss.path for loss in losses if loss.code == "unknown_part"]
    assert paths == [f"messages[{n}].parts[0]" for n in range(3)]
