"""What a waiver could lift for a mission, and why it is refused where it could not."""

import pytest

from offramp.errors import ConfigurationError
from offramp.policy.waiving import Liftable, check_waiver, liftable
from support.policies import TODAY, clause, contract, endpoint, policy
from support.waivers import waiver

FORBID = clause("forbid", "surv.*")
STRICT, FREE = contract("a", FORBID, clause("permit", "*")), contract("b")


def test_what_the_endpoints_of_a_route_forbid_can_be_lifted_by_document_or_endpoint():
    case = policy(STRICT, FREE, route="ab").case
    assert case is not None

    assert liftable(case, TODAY) == (
        Liftable(names=frozenset({"a terms", "endpoint:a"}), clauses=("forbid",)),
        Liftable(names=frozenset({"b terms", "endpoint:b"}), clauses=()),
    )


def test_an_endpoint_whose_terms_are_not_known_can_be_lifted_by_its_name_alone():
    case = policy(FREE, route="bc").case
    assert case is not None

    assert liftable(case, TODAY)[1:] == (Liftable(names=frozenset({"endpoint:c"}), clauses=()),)


def test_of_one_endpoint_nothing_has_come_over():
    case = policy(STRICT, route="a").case
    assert case is not None

    assert liftable(case, TODAY) == ()


@pytest.mark.parametrize(
    ("layer", "words"),
    [("vendor", "the vendor's own terms"), ("channel", "the channel's own terms"), ("agreement", "an agreement")],
)
def test_what_stands_on_its_own_is_refused_by_what_it_is(layer: str, words: str):
    own = contract("a", FORBID, layer=layer, name="rules", applies_to=("endpoint:a",))
    case = policy(contract("a"), own, route=[endpoint("a", agreement="rules")]).case
    assert case is not None

    with pytest.raises(ConfigurationError, match=f"'rules' is {words}, and no waiver lifts it"):
        check_waiver(case, waiver(document="rules"), TODAY)
