"""What is peculiar to Google's API reaches the wire by its profile."""

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from offramp.catalog import load_profile
from offramp.contracts.uses import USE_CODES, UseCode
from offramp.errors import ConfigurationError
from offramp.policy import load_contract
from offramp.policy.table import facet_bits, reached, row_of, use_bits
from offramp.types import (
    GenerateRequest,
    Message,
    ReasoningOff,
    ReasoningSettings,
    RoutingField,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from offramp_providers.dialects.gemini.options import OPTIONS
from support.policies import HARMLESS

Make = Callable[..., Any]
TERMS = load_contract(files("offramp_providers.vendors") / "google_ai" / "policy.toml").content


def test_the_key_goes_into_googles_own_header_and_the_model_into_the_address(endpoint: Make, prepare: Make):
    call = prepare(endpoint("google-ai", model="gemini-3.8-flash"), GenerateRequest((user("hi"),), stream=True))

    assert call.http.headers["x-goog-api-key"] == "made-up"
    assert "authorization" not in call.http.headers
    assert call.http.url == (
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse"
    )
    assert json.loads(call.http.body) == {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}


@pytest.mark.parametrize(("model", "signed"), [("gemini-3.8-flash", True), ("gemini-2.5-flash", False)])
def test_only_newer_models_get_a_stand_in_for_a_signature(endpoint: Make, prepare: Make, model: str, signed: bool):
    called = Message("assistant", (ToolCall("c", "f", "{}"),))
    answered = Message("tool", (ToolResult("c", (Text("ok"),)),))

    call = prepare(endpoint("google-ai", model=model), GenerateRequest((user("hi"), called, answered)))

    assert (b"skip_thought_signature_validator" in call.http.body) == signed


@pytest.mark.parametrize(
    ("model", "sent"), [("gemini-3.8-flash", False), ("gemini-2.5-flash", True), ("gemini-2.5-pro", False)]
)
def test_thinking_is_turned_off_where_the_model_can(endpoint: Make, prepare: Make, model: str, sent: bool):
    asked = GenerateRequest((user("hi"),), reasoning=ReasoningSettings(mode=ReasoningOff()))

    call = prepare(endpoint("google-ai", model=model), asked)

    assert (b"thinkingBudget" in call.http.body, [loss.code for loss in call.losses]) == (
        sent,
        [] if sent else ["setting.unsupported"],
    )


def test_a_cache_of_the_accounts_own_may_be_named_and_a_tool_that_gives_the_data_away_may_not(
    endpoint: Make, prepare: Make
):
    google = endpoint("google-ai", model="gemini-3.8-flash")
    kept = RoutingField(dialect="gemini", name="cachedContent", raw="cachedContents/1")
    away = RoutingField(dialect="gemini", name="mcpServers", raw={"mcpServers": []})

    call = prepare(google, GenerateRequest((user("hi"),), routing=(kept,)))

    assert json.loads(call.http.body)["cachedContent"] == "cachedContents/1"
    with pytest.raises(ConfigurationError):
        prepare(google, GenerateRequest((user("hi"),), routing=(away,)))


def test_every_option_is_one_that_the_dialect_documents():
    profile = load_profile("google-ai")

    given = [*profile.options.items(), *(o for facts in profile.models.values() for o in facts.options.items())]

    assert [(name, value) for name, value in given if type(value) is not type(OPTIONS[name][0])] == []


# Its terms, as published.


def bearing(effect: str, use: UseCode, **facets: Any) -> set[str]:
    """Clauses of the shipped contract that bear on a use."""
    bits = facet_bits(replace(HARMLESS, **facets))
    rows = [row_of(clause) for clause in TERMS.clauses if clause.effect == effect]
    return {row.clause.id for row in rows if reached(row, use_bits([use]), bits)}


def test_the_terms_are_illustrative_dated_and_permit_office_work_alone():
    permitted = {code for code in USE_CODES if bearing("permit", code)}

    assert TERMS.status == "illustrative-unreviewed"
    assert TERMS.effective <= TERMS.retrieved < TERMS.review_by
    assert {code.split(".")[0] for code in permitted} == {"gen"}


def test_nobody_is_tracked_without_consent_and_no_decision_is_left_alone():
    assert bearing("forbid", "surv.track.person", population="foreign") >= {"tracking"}
    assert bearing("forbid", "surv.track.person", population="consenting", scale="individual") == set()
    assert bearing("forbid", "decide.credit", oversight="none") == {"decisions-reviewed"}
    assert bearing("forbid", "decide.credit", oversight="approve") == set()
