"""Prices and ends of life in the profiles that ship: nothing stands in a later one's way, and nothing was guessed."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from offramp.catalog import load_profile, vendor_names
from offramp.contracts.offer import Offer, Price

PRICED = ("anthropic", "cohere", "deepseek", "google-ai", "groq", "mistral", "openai", "xai")


def prices(offers: Sequence[Offer]) -> list[Price]:
    return [offer.price for offer in offers if offer.price]


def models() -> list[tuple[str, str]]:
    return [(vendor, model) for vendor in vendor_names() for model in load_profile(vendor).models]


@pytest.mark.parametrize("vendor", PRICED)
def test_a_vendor_whose_prices_were_read_has_a_model_that_a_ceiling_can_be_held_against(vendor: str):
    priced = [prices(facts.offers) for facts in load_profile(vendor).models.values()]

    assert any(each[0].input_usd is not None and each[0].output_usd is not None for each in priced if each)


@pytest.mark.parametrize(("vendor", "model"), models())
def test_bounds_of_prices_rise_and_none_stands_behind_one_that_holds_for_all(vendor: str, model: str):
    bounds = [price.up_to_input_tokens for price in prices(load_profile(vendor).models[model].offers)]

    assert [bound for bound in bounds[:-1] if bound is None] == []
    assert all(low < high for low, high in pairwise(bound for bound in bounds if bound is not None))


@pytest.mark.parametrize(("vendor", "model"), models())
def test_a_larger_request_never_costs_less_a_token(vendor: str, model: str):
    stated = prices(load_profile(vendor).models[model].offers)

    assert all((a.input_usd or 0) <= (b.input_usd or 0) for a, b in pairwise(stated))
    assert all((a.output_usd or 0) <= (b.output_usd or 0) for a, b in pairwise(stated))


@pytest.mark.parametrize(("vendor", "model"), models())
def test_a_price_is_somebody_s_statement_and_what_is_cached_costs_less_to_read(vendor: str, model: str):
    for offer in load_profile(vendor).models[model].offers:
        price = offer.price
        if price is None:
            continue

        assert offer.evidence.level in ("declared", "documented")
        assert (offer.evidence.source or "").startswith("https://")
        assert price.input_usd  # 0 is how tables write what they do not know
        assert price.output_usd
        assert (price.cache_read_usd or 0) < price.input_usd


def test_a_model_that_ends_names_what_takes_its_place_where_its_vendor_does():
    openai = load_profile("openai").models

    assert (str(openai["gpt-5"].deprecated), str(openai["gpt-5"].retires)) == ("2026-06-11", "2026-12-11")
    assert openai["gpt-5"].successor == "gpt-6.1-sol"
    assert openai["gpt-5"].evidence.level == "documented"
    assert openai["o3"].successor is None  # what the vendor recommends now was not read


def test_terms_that_differ_by_account_are_not_stated_of_the_vendor():
    for vendor in ("azure-openai", "bedrock", "google-ai", "openai", "vertex"):
        assert all(offer.retention_days is None for offer in load_profile(vendor).offers)
    assert load_profile("google-ai").offers == ()
    assert [offer.retention_days for offer in load_profile("xai").offers] == [30]
