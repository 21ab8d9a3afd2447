"""One request against the limits of what it uses."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from offramp.contracts.capability import Capability, Limits, Requirement
from offramp.contracts.evidence import Evidence
from offramp.contracts.needs import Demand
from offramp.contracts.offer import Offer
from offramp.contracts.scripted import scripted_endpoint
from offramp.errors import CapabilityError
from offramp.negotiation import fit, negotiate, requirements_of
from offramp.types import (
    DataSource,
    FunctionTool,
    GenerateRequest,
    Media,
    Message,
    Severity,
    ToolResult,
    UrlSource,
    user,
)

SEEN = Evidence(level="documented", checked=date(2026, 11, 2), source="Acme API reference 4.1")
KINDS: dict[Any, Requirement] = {
    "image": "input.images",
    "document": "input.documents",
    "audio": "input.audio",
    "video": "input.video",
}


def fitted(request: GenerateRequest, requirement: Requirement, limits: Limits | None, **stated: Any) -> Any:
    claim = Capability(support="native", evidence=SEEN, limits=limits)
    offers = (Offer(evidence=SEEN, **stated),)
    endpoint = replace(scripted_endpoint(), claims={requirement: claim}, offers=offers)
    return fit(request, endpoint, negotiate(Demand(), endpoint, implied=requirements_of(request)))


def tools(*names: str) -> GenerateRequest:
    return GenerateRequest((user("x"),), tools=tuple(FunctionTool(name) for name in names))


def media(kind: Any, count: int, size: int = 3) -> GenerateRequest:
    return GenerateRequest((user(*[Media(DataSource("aGkh" * (size // 3)), kind=kind)] * count),))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("limits", "fits"),
    [
        (Limits(count=2), True),
        (Limits(count=1), False),
        (Limits(largest_bytes=9), True),
        (Limits(largest_bytes=8), False),
    ],
)
def test_media_are_counted_and_measured(kind: Any, limits: Limits, fits: bool):
    request = media(kind, 2, 9)

    if fits:
        assert fitted(request, KINDS[kind], limits).request == request
    else:
        with pytest.raises(
            CapabilityError, match=r"takes [18] at most \(documented 2026-11-02, Acme API reference 4.1\)"
        ):
            fitted(request, KINDS[kind], limits)


def test_media_by_address_and_in_results_have_no_size_here():
    linked = GenerateRequest((user(Media(UrlSource("https://x.example/a.png"), kind="image")),))
    returned = GenerateRequest((Message("tool", (ToolResult("c", (Media(DataSource("aGkh"), kind="image"),)),)),))

    for request in (linked, returned):
        assert fitted(request, "input.images", Limits(largest_bytes=1)).request == request


@pytest.mark.parametrize(("names", "fits"), [(("a", "b"), True), (("a", "b", "c"), False)])
def test_functions_are_counted(names: tuple[str, ...], fits: bool):
    if fits:
        assert fitted(tools(*names), "tools", Limits(count=2)).losses == ()
    else:
        with pytest.raises(CapabilityError, match="3 functions, takes 2 at most"):
            fitted(tools(*names), "tools", Limits(count=2))


def test_a_name_that_the_vendor_does_not_take_is_told():
    with pytest.raises(CapabilityError, match=r"the name 'units\.near' does not match \[a-z\]\+"):
        fitted(tools("far", "units.near"), "tools", Limits(name_pattern="[a-z]+"))


@pytest.mark.parametrize("limits", [None, Limits(), Limits(media_types=("image/png",))])
def test_what_bounds_nothing_refuses_nothing(limits: Limits | None):
    request = media("image", 100)

    assert fitted(request, "input.images", limits).request == request


def test_a_longer_answer_than_the_model_can_write_is_clamped_and_named():
    request = GenerateRequest((user("x"),), max_output_tokens=200)

    found, plain = fitted(request, "text", None, max_output_tokens=128), fitted(request, "text", None)

    assert found.request.max_output_tokens == 128
    assert [(loss.code, loss.path, loss.action, loss.severity) for loss in found.losses] == [
        ("setting.clamped", "max_output_tokens", "clamped", Severity.BEHAVIOURAL)
    ]
    assert (plain.request, plain.losses) == (request, ())
