"""Needs that have a value against limits, figures and terms."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.capability import Capability, Limits, Requirement, Support
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.evidence import Evidence
from offramp.contracts.needs import Demand, MediaNeed, NeedName, Needs
from offramp.contracts.offer import Offer, Price
from offramp.contracts.profile import ModelFacts
from offramp.contracts.scripted import scripted_endpoint
from offramp.negotiation import negotiate

SEEN = Evidence(level="documented", checked=date(2026, 11, 2), source="Acme API reference 4.1")
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 5}}}
DEAR = {"context_tokens": 1_000_000, "output_tokens": 100_000}

# need: (what is asked, what meets it, what does not)
OFFERED: dict[NeedName, tuple[Needs, dict[str, Any], dict[str, Any]]] = {
    "context_tokens": (Needs(context_tokens=1000), {"context_tokens": 1000}, {"context_tokens": 999}),
    "output_tokens": (Needs(output_tokens=100), {"max_output_tokens": 100}, {"max_output_tokens": 99}),
    "first_output_s": (Needs(first_output_s=2.0), {"first_output_s": 2.0}, {"first_output_s": 2.1}),
    "output_tokens_per_s": (Needs(output_tokens_per_s=50), {"output_tokens_per_s": 50}, {"output_tokens_per_s": 49.9}),
    "retention_days": (Needs(retention_days=0), {"retention_days": 0}, {"retention_days": 1}),
    "no_training": (Needs(no_training=True), {"trains_on_data": False}, {"trains_on_data": True}),
    "residency": (Needs(residency=("us", "us-gov")), {"residency": ("us",)}, {"residency": ("us", "ie")}),
    "authorisations": (
        Needs(authorisations=("fedramp-high",)),
        {"authorisations": ("il2", "fedramp-high")},
        {"authorisations": ("fedramp-moderate",)},
    ),
    "max_cost_usd": (
        Needs(max_cost_usd=Decimal("4.20"), **DEAR),
        {"price": Price(input_usd=Decimal(3), output_usd=Decimal(15))},
        {"price": Price(input_usd=Decimal(3), output_usd=Decimal("15.01"))},
    ),
}
LIMITED: dict[NeedName, tuple[Requirement, Needs, Limits, Limits]] = {
    "tool_count": ("tools", Needs(tool_count=20), Limits(count=20), Limits(count=19)),
    "tool_names": (
        "tools",
        Needs(tool_names=("units.near", "far")),
        Limits(name_pattern=r"[a-z.]{1,64}"),
        Limits(name_pattern=r"[a-z]{1,64}"),
    ),
    "stop_sequences": ("stop", Needs(stop_sequences=5), Limits(count=5), Limits(count=4)),
    "candidates": ("candidates", Needs(candidates=2), Limits(count=8), Limits(count=1)),
    "alternatives": ("logprobs", Needs(alternatives=20), Limits(count=20), Limits(count=5)),
    "images": ("input.images", Needs(images=MediaNeed(count=9)), Limits(count=9), Limits(count=8)),
    "documents": (
        "input.documents",
        Needs(documents=MediaNeed(largest_bytes=900)),
        Limits(largest_bytes=900),
        Limits(largest_bytes=899),
    ),
    "audio": (
        "input.audio",
        Needs(audio=MediaNeed(media_types=("audio/wav",))),
        Limits(media_types=("audio/mp3", "audio/wav")),
        Limits(media_types=("audio/mp3",)),
    ),
    "video": ("input.video", Needs(video=MediaNeed(count=1, largest_bytes=9)), Limits(count=1, largest_bytes=9),
              Limits(count=1, largest_bytes=8)),
    "output_schema": (
        "structured_output",
        Needs(output_schema="triage.json"),
        Limits(keywords=("type", "properties", "maximum")),
        Limits(keywords=("type", "properties")),
    ),
}  # fmt: skip


def offering(**stated: Any) -> Endpoint:
    return replace(scripted_endpoint(), offers=(Offer(evidence=SEEN, **stated),))


def limited(requirement: Requirement, support: Support | None, limits: Limits | None) -> Endpoint:
    plain = scripted_endpoint()
    claims = dict(plain.profile.capabilities)
    del claims[requirement]
    if support is not None:
        claims[requirement] = Capability(support=support, evidence=SEEN, limits=limits)
    return replace(plain, profile=replace(plain.profile, capabilities=claims))


def finding(needs: Needs, name: str, endpoint: Endpoint, **more: Any) -> Any:
    found = negotiate(Demand(needs=needs, schema=SCHEMA if needs.output_schema else None, **more), endpoint)
    (one,) = [each for each in found.findings if each.requirement == name]
    assert found.fits is all(each.fit in ("satisfied", "emulated") for each in found.findings)
    return one


def test_every_need_of_the_vocabulary_is_a_field_and_is_tested_here():
    assert tuple(each.name for each in fields(Needs)) == get_args(NeedName)
    assert {*OFFERED, *LIMITED, "fits_context"} == set(get_args(NeedName))


def test_nothing_is_needed_by_default():
    assert Needs().given == ()
    assert negotiate(Demand(), scripted_endpoint()).findings == ()


@pytest.mark.parametrize("name", OFFERED)
def test_a_stated_figure_or_term_decides(name: NeedName):
    needs, meeting, failing = OFFERED[name]

    met, unmet, unknown = (finding(needs, name, offering(**stated)) for stated in (meeting, failing, {}))

    assert [met.fit, unmet.fit, unknown.fit] == ["satisfied", "unsatisfiable", "unknown"]
    assert (met.evidence, unmet.evidence, unknown.evidence) == (SEEN, SEEN, None)
    assert "documented 2026-11-02, Acme API reference 4.1" in met.why


@pytest.mark.parametrize("name", LIMITED)
def test_a_limit_of_a_claim_decides(name: NeedName):
    requirement, needs, wide, narrow = LIMITED[name]

    fits = [
        finding(needs, name, limited(requirement, "native", limits)).fit for limits in (wide, narrow, Limits(), None)
    ]

    assert fits == ["satisfied", "unsatisfiable", "unknown", "unknown"]


@pytest.mark.parametrize("name", LIMITED)
@pytest.mark.parametrize(
    ("support", "fit"),
    [
        ("emulated", "emulated"),
        ("ignored", "degraded"),
        ("rejected", "unsatisfiable"),
        ("unsupported", "unsatisfiable"),
        (None, "unknown"),
    ],
)
def test_nothing_is_within_the_limits_of_what_an_endpoint_does_not_do(name: NeedName, support: Any, fit: str):
    requirement, needs, wide, _ = LIMITED[name]

    assert finding(needs, name, limited(requirement, support, wide)).fit == fit


@pytest.mark.parametrize(("stated", "fit"), [({"context_tokens": 9}, "satisfied"), ({}, "unknown")])
def test_whether_requests_fit_can_be_told_where_the_context_is_known(stated: dict[str, Any], fit: str):
    assert finding(Needs(fits_context=True), "fits_context", offering(**stated)).fit == fit


def test_a_limit_rests_on_its_own_evidence_where_it_has_one():
    own = Evidence(level="declared", checked=date(2026, 11, 3))

    found = finding(Needs(stop_sequences=1), "stop_sequences", limited("stop", "native", Limits(count=4, evidence=own)))

    assert found.evidence == own


def test_keywords_that_a_vendor_does_not_enforce_are_validated_here_where_the_mission_allows_it():
    place = limited("structured_output", "native", Limits(keywords=("type", "properties")))

    found = finding(Needs(output_schema="s.json"), "output_schema", place, emulations=("validation",))

    assert (found.fit, found.emulations) == ("emulated", ("validation",))
    assert found.why.startswith("not enforced: maximum (documented")
    assert found.why.endswith("; Offramp validates the answer")


def test_media_of_which_nothing_more_is_demanded_need_only_be_taken():
    found = finding(Needs(images=MediaNeed()), "images", limited("input.images", "native", Limits(count=4)))

    assert found.fit == "satisfied"
    assert found.why.startswith("taken")


def test_keywords_that_a_vendor_enforces_are_not_validated_instead():
    place = limited("structured_output", "native", Limits(keywords=("type", "properties", "maximum")))

    found = finding(Needs(output_schema="s.json"), "output_schema", place, emulations=("validation",))

    assert (found.fit, found.emulations) == ("satisfied", ())


def test_a_schema_asks_for_structured_output():
    place = limited("structured_output", "unsupported", None)

    found = negotiate(Demand(needs=Needs(output_schema="s.json"), schema=SCHEMA, emulations=("validation",)), place)

    assert [each.requirement for each in found.unmet] == ["structured_output"]


@pytest.mark.parametrize("missing", ["input_usd", "output_usd"])
def test_a_price_that_is_known_in_part_is_unknown(missing: str):
    price = replace(Price(input_usd=Decimal(3), output_usd=Decimal(15)), **{missing: None})

    assert finding(OFFERED["max_cost_usd"][0], "max_cost_usd", offering(price=price)).fit == "unknown"


SMALL = Price(input_usd=Decimal(2), output_usd=Decimal(10), up_to_input_tokens=1000)
LARGE = Price(input_usd=Decimal(4), output_usd=Decimal(15))


@pytest.mark.parametrize(
    ("context_tokens", "offered", "says"),
    [
        (1100, (SMALL, LARGE), "costs 0.003 USD"),
        (1101, (SMALL, LARGE), "costs 0.005504 USD"),
        (1100, (LARGE, SMALL), "costs 0.0055 USD"),
        (1101, (SMALL,), "the price of 1001 tokens of input is not known"),
    ],
    ids=["at the bound", "above it", "the first that holds counts", "above it, and nothing more is stated"],
)
def test_a_price_holds_up_to_its_bound_of_input(context_tokens: int, offered: tuple[Price, ...], says: str):
    endpoint = replace(scripted_endpoint(), offers=tuple(Offer(evidence=SEEN, price=each) for each in offered))
    needs = Needs(max_cost_usd=Decimal(1), context_tokens=context_tokens, output_tokens=100)

    assert says in finding(needs, "max_cost_usd", endpoint).why


def test_a_cost_without_sizes_is_unknown_and_says_what_to_state():
    price = Price(input_usd=Decimal(3), output_usd=Decimal(15))

    found = finding(Needs(max_cost_usd=Decimal(1)), "max_cost_usd", offering(price=price))

    assert found.fit == "unknown"
    assert "state context_tokens and output_tokens" in found.why


def test_the_configuration_wins_over_the_model_and_the_model_over_the_vendor():
    def offer(days: int) -> Offer:
        return Offer(evidence=SEEN, retention_days=days)

    plain = scripted_endpoint()
    vendor = replace(plain, profile=replace(plain.profile, offers=(offer(30),)))
    facts = ModelFacts(evidence=SEEN, offers=(Offer(evidence=SEEN), offer(7)), context_tokens=5)
    model = replace(vendor, profile=replace(vendor.profile, models={"model-1": facts}))
    own = replace(model, offers=(offer(0),))

    assert [place.offered("retention_days") for place in (plain, vendor, model, own)] == [
        None, (30, SEEN), (7, SEEN), (0, SEEN),
    ]  # fmt: skip
    assert model.offered("context_tokens") == (5, SEEN)


def test_a_claim_of_the_configuration_wins():
    place = replace(
        scripted_endpoint(support="unsupported"), claims={"seed": Capability(support="native", evidence=SEEN)}
    )

    assert negotiate(Demand(requires=frozenset({"seed"})), place).fits


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Needs(context_tokens=0), "context_tokens must be above 0"),
        (lambda: Needs(max_cost_usd=Decimal(-1)), "max_cost_usd must be above 0"),
        (lambda: Needs(max_cost_usd=Decimal("inf")), "max_cost_usd must be above 0"),
        (lambda: Needs(retention_days=-1), "retention_days must not be negative"),
        (lambda: Needs(no_training=False), "no_training = false asks for nothing"),
        (lambda: Needs(fits_context=False), "fits_context = false asks for nothing"),
        (lambda: Needs(residency=("US",)), "a place is written in small letters"),
        (lambda: MediaNeed(count=0), "count must be above 0"),
        (lambda: MediaNeed(media_types=("png",)), "a media type is written"),
        (lambda: Limits(count=-1), "count must not be negative"),
        (lambda: Limits(name_pattern="["), "name_pattern is no regular expression"),
        (lambda: Price(input_usd=Decimal("nan")), "a price must be a number from 0 on"),
        (lambda: Price(up_to_input_tokens=0), "up_to_input_tokens must be above 0"),
    ],
)
def test_what_asks_or_bounds_nothing_is_refused(make: Any, message: str):
    with pytest.raises(ValueError, match=message):
        make()


@given(st.integers(1, 50), st.integers(0, 50))
def test_raising_a_bound_never_loses_a_fit(needed: int, bound: int):
    fits = [
        finding(Needs(tool_count=needed), "tool_count", limited("tools", "native", Limits(count=each))).fit
        for each in (bound, bound + 1)
    ]

    assert fits != ["satisfied", "unsatisfiable"]
    assert (fits[0] == "satisfied") is (needed <= bound)


PLACES = st.sets(st.sampled_from(["us", "us-gov", "eu", "de", "ie"]), min_size=1)


@given(PLACES, PLACES)
def test_data_that_may_be_anywhere_else_does_not_fit(allowed: set[str], places: set[str]):
    needs = Needs(residency=tuple(sorted(allowed)))

    found = finding(needs, "residency", offering(residency=tuple(sorted(places))))

    assert (found.fit == "satisfied") is (places <= allowed)
