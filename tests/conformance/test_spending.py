"""What a call of a run costs, or that nobody can tell."""

from decimal import Decimal

import pytest

from offramp.contracts.offer import Price
from offramp.types import Usage
from offramp_conformance.suite.spending import cost_of

PRICE = Price(input_usd=Decimal(2), output_usd=Decimal(10), up_to_input_tokens=1000)


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        (Usage(input_tokens=1000, output_tokens=100), Decimal("0.003")),
        (Usage(input_tokens=1001, output_tokens=100), None),
        (Usage(input_tokens=None, output_tokens=100), None),
        (Usage(input_tokens=1, output_tokens=None), None),
    ],
    ids=["within the bound", "above it", "input unknown", "output unknown"],
)
def test_a_cost_is_told_only_where_each_part_of_it_is_known(usage: Usage, cost: Decimal | None):
    assert cost_of(usage, PRICE) == cost
