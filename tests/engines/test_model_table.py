"""LiteLLM's table is read from its file, line by line, and believed in nothing."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_providers.engines import model_table
from offramp_providers.engines.model_table import seed
from offramp_providers.engines.supply_chain import Release, installed_release

LINE: dict[str, Any] = {
    "litellm_provider": "tail",
    "max_input_tokens": 1000,
    "max_output_tokens": 100,
    "input_cost_per_token": 2.3e-07,
    "output_cost_per_token": 4e-07,
    "deprecation_date": "2027-01-31",
    "source": "https://vendor.example/pricing",
}


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed LiteLLM with a table of our own."""
    (tmp_path / "litellm").mkdir()
    monkeypatch.setattr(model_table, "installed_release", lambda: Release("1.110.2", site=tmp_path))
    return tmp_path / "litellm" / "model_prices_and_context_window_backup.json"


def test_a_line_is_read_with_its_source(table: Path):
    table.write_text(json.dumps({"tail/m1": LINE}), "utf-8")

    found = seed("litellm", "tail/m1")

    assert found is not None
    assert (found.context_tokens, found.max_output_tokens, str(found.retires)) == (1000, 100, "2027-01-31")
    assert (found.input_usd, found.output_usd) == (Decimal("0.23"), Decimal("0.4"))
    assert found.evidence.level == "unverified"
    assert found.evidence.source == "litellm 1.110.2, its table of models; it cites https://vendor.example/pricing"


@pytest.mark.parametrize(
    ("vendor", "model", "there"),
    [("litellm", "tail/m1", True), ("tail", "m1", True), ("other", "m1", False), ("litellm", "other/m1", False)],
)
def test_a_line_is_about_one_provider_only(vendor: str, model: str, there: bool, table: Path):
    table.write_text(json.dumps({"m1": LINE}), "utf-8")

    assert (seed(vendor, model) is not None) == there


@pytest.mark.parametrize("raw", ["", "[]", "{", '{"tail/m1": 5}', '{"tail/m1": {}}'])
def test_a_table_that_is_not_what_it_was_says_nothing(raw: str, table: Path):
    table.write_text(raw, "utf-8")

    assert seed("litellm", "tail/m1") is None


def test_without_the_extra_there_is_no_table(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(model_table, "installed_release", lambda: None)

    assert seed("openai", "gpt-5.6-sol") is None


@pytest.mark.parametrize("zero", [0, 0.0, "0", -1, None, True, "free", [], float("inf")])
def test_a_price_of_nothing_is_unknown(zero: Any):
    assert model_table._price(zero) is None


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()))
def test_no_value_upsets_it(found: Any):
    price, count, day = model_table._price(found), model_table._count(found), model_table._day(found)

    assert price is None or price > 0
    assert count is None or count > 0
    assert day is None or day.isoformat()


def test_the_installed_table_is_read_without_loading_litellm():
    if installed_release() is None:
        pytest.skip("the extra litellm is not installed")
    script = (
        "import sys; from offramp.seeds import seeds_of; found = seeds_of('openai', 'gpt-4o'); "
        "print(found[0].context_tokens, 'litellm' in sys.modules)"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.split() == ["128000", "False"]
