"""Requests that cannot fit, or may not, are refused with the numbers; recorded traffic holds the over-estimate."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.evidence import Evidence
from offramp.contracts.needs import Demand, Needs
from offramp.contracts.offer import Offer, Price
from offramp.contracts.scripted import scripted_endpoint
from offramp.errors import CapabilityError
from offramp.negotiation import negotiate, refuse_unless_it_fits
from offramp.negotiation.size import SizeUncertain, over_estimate
from offramp.types import (
    DataSource,
    GenerateRequest,
    Media,
    Message,
    Text,
    ToolCall,
    ToolResult,
    VendorTool,
    assistant,
    user,
)
from support.cassettes import recordings

SEEN = Evidence(level="declared", checked=date(2026, 11, 2))
PRICE = Price(input_usd=Decimal(2), output_usd=Decimal(10))
FITS = Needs(fits_context=True)
IMAGE = Media(DataSource("aGk="), kind="image")


def refused(request: GenerateRequest, body_bytes: int, needs: Needs | None = None, **stated: Any) -> str | None:
    """What the refusal says; None where the request may be sent."""
    endpoint = replace(scripted_endpoint(), offers=(Offer(evidence=SEEN, **stated),))
    needs = needs or Needs()
    try:
        demand = Demand(needs=needs)
        refuse_unless_it_fits(request, body_bytes, negotiate(demand, endpoint), demand)
    except CapabilityError as error:
        return str(error)
    return None


def said(count: int) -> GenerateRequest:
    return GenerateRequest((user("x" * count),), max_output_tokens=100)


@pytest.mark.parametrize(("size", "fits"), [(8007, True), (8008, False)])
def test_a_text_that_cannot_fit_is_refused_with_the_numbers(size: int, fits: bool):
    found = refused(said(size), size + 60, context_tokens=1000)

    assert (found is None) is fits
    if found:
        assert "at least 1001 tokens (under-estimate, 1 for 8 bytes of text), and a context of 1000" in found
        assert "(declared 2026-11-02)" in found


def test_results_and_arguments_are_text_too():
    call, result = ToolCall("c", "f", "y" * 5000), ToolResult("c", (Text("z" * 5000),))
    request = GenerateRequest((assistant(call), Message("tool", (result,))))

    assert "at least 1250 tokens" in (refused(request, 10_100, context_tokens=1000) or "")


def test_media_do_not_count_as_text():
    picture = Media(DataSource("a" * 100_000), kind="image")

    assert refused(GenerateRequest((user(picture),)), 100_060, context_tokens=1000) is None


def test_where_the_context_is_not_known_nothing_is_refused():
    assert refused(said(10_000_000), 10_000_060) is None


@pytest.mark.parametrize(("context", "fits"), [(3100, True), (3099, False)])
def test_a_mission_that_wants_certainty_gets_it_from_the_over_estimate(context: int, fits: bool):
    found = refused(said(1900), 2000, FITS, context_tokens=context)

    assert (found is None) is fits
    if found:
        assert "up to 3000 tokens in (over-estimate, 1 for 2 bytes and 2,000) and 100 out" in found
        assert f"a context of {context}" in found


@pytest.mark.parametrize("counter", ["estimate", "endpoint"])
def test_only_where_the_endpoint_may_count_is_an_estimate_no_last_word(counter: Any):
    endpoint = replace(scripted_endpoint(), offers=(Offer(evidence=SEEN, context_tokens=1000),))
    demand = Demand(needs=FITS, counted_by=counter)

    with pytest.raises(CapabilityError) as caught:
        refuse_unless_it_fits(said(1900), 2000, negotiate(demand, endpoint), demand)

    assert isinstance(caught.value, SizeUncertain) is (counter == "endpoint")


@pytest.mark.parametrize(
    ("request_", "stated"),
    [
        (said(10), {}),
        (GenerateRequest((user(IMAGE),)), {"context_tokens": 10**9}),
        (GenerateRequest((Message("tool", (ToolResult("c", (IMAGE,)),)),)), {"context_tokens": 10**9}),
        (replace(said(1), tools=(VendorTool(dialect="d", vendor_type="t", raw={}),)), {"context_tokens": 10**9}),
    ],
    ids=["no context", "image", "image in a result", "vendor tool"],
)
def test_what_cannot_be_estimated_is_not_certain(request_: GenerateRequest, stated: dict[str, Any]):
    assert "fits_context: " in (refused(request_, 100, FITS, **stated) or "")


@pytest.mark.parametrize(("ceiling", "fits"), [("0.007", True), ("0.0069", False)])
def test_a_call_above_the_ceiling_is_refused_with_the_numbers(ceiling: str, fits: bool):
    # 3,000 tokens in at 2 USD and 100 out at 10 USD a million.
    found = refused(said(1900), 2000, Needs(max_cost_usd=Decimal(ceiling)), price=PRICE)

    assert (found is None) is fits
    if found:
        assert "100 out cost 0.007 USD, the ceiling is 0.0069" in found


@pytest.mark.parametrize(("bound", "fits"), [(3000, True), (2999, False)])
def test_a_request_above_the_bound_of_a_price_has_no_price(bound: int, fits: bool):
    price = replace(PRICE, up_to_input_tokens=bound)  # the request takes up to 3,000

    found = refused(said(1900), 2000, Needs(max_cost_usd=Decimal(1)), price=price)

    assert (found is None) is fits
    assert fits or "the price, the size of the request or the bound of its answer is not known" in (found or "")


def test_without_a_bound_of_the_callers_the_models_own_counts():
    request, needs = GenerateRequest((user("x"),)), Needs(max_cost_usd=Decimal("0.5"))

    assert refused(request, 60, needs, price=PRICE, max_output_tokens=1000) is None
    assert "ceiling is 0.5" in (refused(request, 60, needs, price=PRICE, max_output_tokens=100_000) or "")


@pytest.mark.parametrize(
    ("request_", "stated"),
    [
        (said(1), {}),
        (said(1), {"price": Price(input_usd=Decimal(2))}),
        (GenerateRequest((user("x"),)), {"price": PRICE}),
        (GenerateRequest((user(IMAGE),), max_output_tokens=1), {"price": PRICE}),
    ],
    ids=["no price", "part of a price", "no bound", "an image"],
)
def test_a_cost_that_is_not_known_does_not_meet_a_ceiling(request_: GenerateRequest, stated: dict[str, Any]):
    assert "max_cost_usd: " in (refused(request_, 60, Needs(max_cost_usd=Decimal(1000)), **stated) or "")


@given(st.integers(0, 10**7), st.integers(1, 10**6))
def test_what_is_certain_to_fit_is_never_said_to_be_impossible(size: int, context: int):
    request = said(size)

    certain = refused(request, size + 60, FITS, context_tokens=context) is None

    assert not certain or refused(request, size + 60, context_tokens=context) is None


APIS = ["anthropic.messages", "openai.chat", "openai.responses", "gemini.generateContent", "bedrock.converse",
        "mistral.chat", "cohere.v2.chat"]  # fmt: skip
NO_TEXT = (
    '"image', '"document"', "inlineData", "inline_data", "input_audio", '"file', "fileData", "file_data",
    "cachedContent", "_search", "Search", '"code_', "mcp", "computer", '"container"', "bash_", "text_editor",
    "previous_response_id",
    "item_reference", "urlContext", "web_fetch", "memory_", "codeExecution", '"plugins"', '"conversation"',
    "codeInterp", "tool_reference", '"audio"', '"video"', "advisor", "image_generation", "compact", "collections",
)  # fmt: skip


@pytest.mark.parametrize("api", APIS)
def test_no_recorded_request_took_more_tokens_than_the_over_estimate(api: str):
    counted = [(body, tokens) for body, tokens in map(_counted, recordings(api)) if tokens]
    plain = GenerateRequest((user(""),))

    assert counted
    assert [tokens for body, tokens in counted if tokens > (over_estimate(plain, len(body)) or 0)] == []


def _counted(recording: dict[str, Any]) -> tuple[bytes, int | None]:
    """The body and the tokens that the vendor counted, where only text and functions were sent."""
    body = (recording.get("request") or {}).get("body")
    answer = (recording.get("response") or {}).get("json")
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    if not isinstance(body, dict) or not isinstance(answer, dict) or recording.get("suspect_synthetic"):
        return b"", None
    if any(word in text for word in NO_TEXT):
        return b"", None
    usage = answer.get("usage") or answer.get("usageMetadata") or {}
    cached = (usage.get("cache_creation_input_tokens") or 0) + (usage.get("cache_read_input_tokens") or 0)
    names = ("prompt_tokens", "promptTokenCount", "inputTokens")
    found = next((usage[name] for name in names if usage.get(name)), (usage.get("input_tokens") or 0) + cached)
    if isinstance(usage.get("tokens"), dict):
        found = usage["tokens"].get("input_tokens")
    return text.encode(), found
