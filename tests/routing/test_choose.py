"""Whom to ask, in which order, and why not the others."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import ConfigurationError, ProviderError, ProviderErrorKind
from offramp.resilience import disposition_of
from offramp.routing import RouteDecision, Skipped, choose, fall_back, leave_out
from offramp.types import Identity


def identity(name: str, developer: str | None = None) -> Identity:
    return Identity(endpoint=name, developer=developer or f"dev-{name}", host=f"host-{name}", model="m")


A, B, C = identity("a"), identity("b"), identity("c")
ROUTE = (A, B, C)
MANY = [f"case-{number}" for number in range(2000)]


def first(conversation: str, **options: object) -> str:
    return choose(ROUTE, conversation=conversation, **options).order[0].endpoint


def test_route_without_weights_keeps_its_own_order():
    decision = choose(ROUTE, conversation="case-1")

    assert (decision.order, decision.chosen_by) == (ROUTE, "route")


def test_conversation_stays_where_it_is():
    decision = choose(ROUTE, conversation="case-1", weights={"a": 1}, sticky_to="b")

    assert [each.endpoint for each in decision.order] == ["b", "a", "c"]
    assert decision.chosen_by == "conversation"


def test_conversation_leaves_an_endpoint_that_may_not_be_asked():
    order = Skipped("a", "prohibited", "developer:dev-a, epoch 3")

    decision = choose(ROUTE, conversation="case-1", sticky_to="a", skip={"a": order})

    assert (decision.order, decision.skipped, decision.chosen_by) == ((B, C), (order,), "route")
    assert str(decision) == "b then c (by route); not a (prohibited: developer:dev-a, epoch 3)"


def test_route_with_nobody_left_says_so():
    skip = {each.endpoint: Skipped(each.endpoint, "breaker_open", "5 failures") for each in ROUTE}

    decision = choose(ROUTE, conversation="case-1", skip=skip)

    assert decision.order == ()
    assert str(decision).startswith("nobody is left to ask")


def test_same_conversation_always_gets_the_same_order():
    weights = {"a": 0.7, "b": 0.2, "c": 0.1}

    decisions = [choose(ROUTE, conversation="case-17", weights=weights) for _ in range(3)]

    assert decisions[0] == decisions[1] == decisions[2]


def test_draw_is_the_same_in_every_process_and_release():
    drawn = [first(f"case-{number}", weights={"a": 1, "b": 1, "c": 1}) for number in range(12)]

    assert "".join(drawn) == "acccbcbababc"


def test_weights_share_out_the_conversations():
    shares = Counter(first(each, weights={"a": 0.7, "b": 0.3}) for each in MANY)

    assert set(shares) == {"a", "b"}
    assert 0.66 < shares["a"] / len(MANY) < 0.74


def test_endpoint_without_weight_is_asked_last_in_the_order_of_the_route():
    decision = choose(ROUTE, conversation="case-1", weights={"c": 1, "b": 0})

    assert decision.order == (C, A, B)


def test_raising_a_share_moves_conversations_only_there():
    before = {each: first(each, weights={"a": 0.9, "b": 0.1}) for each in MANY}
    after = {each: first(each, weights={"a": 0.9, "b": 0.4}) for each in MANY}

    moved = {(before[each], after[each]) for each in MANY if before[each] != after[each]}

    assert moved == {("a", "b")}


def test_endpoint_that_drops_out_moves_only_its_own_conversations():
    weights = {"a": 1, "b": 1, "c": 1}
    out = {"a": Skipped("a", "prohibited", "order")}
    before = {each: first(each, weights=weights) for each in MANY}
    after = {each: first(each, weights=weights, skip=out) for each in MANY}

    moved = {before[each] for each in MANY if before[each] != after[each]}

    assert moved == {"a"}
    assert {after[each] for each in MANY if before[each] == "a"} == {"b", "c"}


@pytest.mark.parametrize("weight", [-0.1, float("nan"), float("inf")])
def test_weight_that_is_no_share_is_refused(weight: float):
    with pytest.raises(ConfigurationError, match=r"weights\.a"):
        choose(ROUTE, conversation="case-1", weights={"a": weight})


@given(
    st.text(),
    st.dictionaries(st.sampled_from("abc"), st.floats(0, 1e6)),
    st.sampled_from(["a", "b", "c", "z", None]),
    st.sets(st.sampled_from("abc")),
)
def test_every_endpoint_is_either_in_order_or_explained(
    conversation: str, weights: dict[str, float], sticky: str | None, out: set[str]
):
    skip = {name: Skipped(name, "unfit", "needs tools") for name in out}

    decision = choose(ROUTE, conversation=conversation, weights=weights, sticky_to=sticky, skip=skip)

    assert sorted([each.endpoint for each in decision.order] + [each.endpoint for each in decision.skipped]) == [*"abc"]
    assert {each.endpoint for each in decision.skipped} == out


def failed(kind: str, route: tuple[Identity, ...] = ROUTE) -> RouteDecision:
    error = ProviderError("it said: SECRET", kind=ProviderErrorKind(kind))
    return fall_back(choose(route, conversation="x"), error=error, disposition=disposition_of(error))


def test_failure_of_the_vendor_moves_on_and_is_explained():
    decision = failed("overloaded")

    assert decision.order == (B, C)
    assert decision.skipped == (Skipped("a", "failed", "overloaded"),)


@pytest.mark.parametrize("kind", ["content_filter", "authentication", "suspended", "region", "unknown"])
def test_failure_that_must_not_be_shopped_around_leaves_nobody(kind: str):
    decision = failed(kind)

    assert decision.order == ()
    assert [(each.endpoint, each.reason) for each in decision.skipped] == [
        ("a", "failed"),
        ("b", "final"),
        ("c", "final"),
    ]


def test_exhausted_quota_passes_over_the_same_developer_elsewhere():
    route = (identity("a", "acme"), identity("resold", "ACME"), identity("b", "bolt"))

    decision = failed("quota_exhausted", route)

    assert [each.endpoint for each in decision.order] == ["b"]
    assert [(each.endpoint, each.reason) for each in decision.skipped] == [
        ("a", "failed"),
        ("resold", "same_developer"),
    ]


def test_overload_does_not_pass_over_the_same_developer():
    route = (identity("a", "acme"), identity("resold", "acme"))

    assert [each.endpoint for each in failed("overloaded", route).order] == ["resold"]


def test_explanation_never_quotes_the_vendor():
    assert "SECRET" not in str(failed("server"))


def test_trail_keeps_every_failure():
    error = ProviderError("x", kind=ProviderErrorKind.TIMEOUT)
    once = failed("server")

    twice = fall_back(once, error=error, disposition=disposition_of(error))

    assert twice == replace(
        once, order=(C,), skipped=(Skipped("a", "failed", "server"), Skipped("b", "failed", "timeout"))
    )


def test_endpoint_that_cannot_do_it_is_left_out_with_the_reason():
    decision = leave_out(choose(ROUTE, conversation="x", weights={"b": 1}), "unfit", "needs tools")

    assert decision == RouteDecision(order=(A, C), skipped=(Skipped("b", "unfit", "needs tools"),), chosen_by="weights")
