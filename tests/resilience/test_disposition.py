"""Every kind of error, in both phases, against a table written by hand from the rules."""

import asyncio

import pytest

from offramp.errors import (
    CapabilityError,
    ConfigurationError,
    DeadlineExceeded,
    Interrupted,
    LossExceeded,
    MaxTurnsExceeded,
    MissingExtraError,
    OutputInvalid,
    PolicyDenied,
    Prohibited,
    ProviderError,
    ProviderErrorKind,
    ServedModelMismatch,
    SessionError,
    StateError,
    ToolError,
)
from offramp.resilience import disposition_of, may_be_an_answer

# kind: step before the first output, whether another endpoint may follow, what is excluded, whether an answer that was
# cut off by it may be resumed, and what it says of the endpoint.
EXPECTED = {
    "overloaded": ("retry", True, None, True, "failing"),
    "server": ("retry", True, None, True, "failing"),
    "timeout": ("fall_back", True, None, True, "failing"),
    "connection": ("retry", True, None, True, "failing"),
    "rate_limited": ("retry", True, None, True, "answering"),
    "quota_exhausted": ("fall_back", True, "developer", True, "answering"),
    "model_retired": ("fall_back", True, None, True, "answering"),
    "model_not_found": ("give_up", False, None, False, "answering"),
    "authentication": ("give_up", False, None, False, "answering"),
    "permission": ("give_up", False, None, False, "answering"),
    "suspended": ("give_up", False, None, False, "answering"),
    "region": ("give_up", False, None, False, "answering"),
    "invalid_request": ("give_up", False, None, False, "answering"),
    "too_large": ("give_up", False, None, False, "answering"),
    "context_exceeded": ("give_up", False, None, False, "answering"),
    "content_filter": ("give_up", False, None, False, "answering"),
    "stream_interrupted": ("give_up", False, None, True, "unknown"),
    "malformed": ("give_up", False, None, False, "unknown"),
    "unknown": ("give_up", False, None, False, "unknown"),
}

FINAL = [
    PolicyDenied("denied"),
    ConfigurationError("typo"),
    MissingExtraError("cli", needed_for="the command line"),
    CapabilityError("cannot"),
    LossExceeded("too much", losses=()),
    Interrupted("cut", partial=None),
    DeadlineExceeded("late"),
    OutputInvalid("no fit", response=None),
    ServedModelMismatch("other", asked="a", served="b", response=None),
    ToolError("fate unknown"),
    MaxTurnsExceeded("no end"),
    SessionError("not now"),
    StateError("unreadable"),
    asyncio.CancelledError(),
    KeyboardInterrupt(),
    ValueError("a bug of ours"),
    TimeoutError(),
    ConnectionResetError(),
]


def test_table_covers_every_kind():
    assert set(EXPECTED) == {kind.value for kind in ProviderErrorKind}


@pytest.mark.parametrize("kind", list(ProviderErrorKind))
def test_kind_before_first_output(kind: ProviderErrorKind):
    step, falls_back, excludes, _, health = EXPECTED[kind.value]

    found = disposition_of(ProviderError("x", kind=kind))

    assert (found.step, found.falls_back, found.excludes, found.health) == (step, falls_back, excludes, health)
    assert not found.interrupts
    assert not found.resumes


@pytest.mark.parametrize("kind", list(ProviderErrorKind))
@pytest.mark.parametrize("told_by", ["error", "caller"])
def test_kind_in_mid_stream_never_asks_again(kind: ProviderErrorKind, told_by: str):
    _, _, _, resumes, health = EXPECTED[kind.value]

    if told_by == "error":
        found = disposition_of(ProviderError("x", kind=kind, phase="mid_stream"))
    else:
        found = disposition_of(ProviderError("x", kind=kind), phase="mid_stream")

    assert (found.step, found.falls_back, found.excludes) == ("give_up", False, None)
    assert (found.interrupts, found.resumes, found.health) == (resumes, resumes, health)


@pytest.mark.parametrize("kind", list(ProviderErrorKind))
@pytest.mark.parametrize("status", [None, 200, 400, 429, 500, 529])
def test_status_and_vendor_code_decide_nothing(kind: ProviderErrorKind, status: int | None):
    plain = disposition_of(ProviderError("x", kind=kind))

    found = disposition_of(ProviderError("x", kind=kind, status=status, vendor_code="overloaded", retry_after_s=1))

    assert found == plain


def test_order_before_first_output_falls_back_because_it_is_no_refusal():
    found = disposition_of(Prohibited("stopped", selector="developer:acme", epoch=3))

    assert (found.step, found.falls_back, found.resumes) == ("fall_back", True, False)


def test_order_in_mid_stream_interrupts_and_the_turn_may_be_resumed():
    found = disposition_of(Prohibited("cut", selector="developer:acme", epoch=3), phase="mid_stream")

    assert (found.step, found.falls_back, found.interrupts, found.resumes) == ("give_up", False, True, True)


@pytest.mark.parametrize("phase", ["before_first_output", "mid_stream"])
def test_unreadable_permission_stops_every_endpoint(phase: str):
    found = disposition_of(Prohibited("unreadable", selector=None, epoch=None), phase=phase)

    assert (found.step, found.falls_back, found.resumes) == ("give_up", False, False)


@pytest.mark.parametrize("error", FINAL, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("phase", ["before_first_output", "mid_stream"])
def test_anything_that_is_no_vendor_failure_gives_up(error: BaseException, phase: str):
    found = disposition_of(error, phase=phase)

    assert (found.step, found.falls_back, found.interrupts, found.resumes) == ("give_up", False, False, False)
    assert found.health == "unknown"


@pytest.mark.parametrize("kind", list(ProviderErrorKind))
def test_what_a_proxy_says_of_the_account_is_not_the_vendors_word(kind: ProviderErrorKind):
    step, falls_back, _, _, health = EXPECTED[kind.value]
    is_barred = kind.value in {"authentication", "permission", "suspended", "region"}

    found = disposition_of(ProviderError("x", kind=kind, answered_by="proxy"))

    expected = ("fall_back", True, "unknown") if is_barred else (step, falls_back, health)
    assert (found.step, found.falls_back, found.health) == expected


@pytest.mark.parametrize("kind", list(ProviderErrorKind))
def test_only_a_filters_word_or_an_unclear_one_may_be_an_answer(kind: ProviderErrorKind):
    assert may_be_an_answer(ProviderError("x", kind=kind)) is (kind.value in {"content_filter", "malformed", "unknown"})


@pytest.mark.parametrize("error", FINAL, ids=lambda error: type(error).__name__)
def test_of_other_errors_only_a_substituted_model_has_answered(error: BaseException):
    assert may_be_an_answer(error) is isinstance(error, ServedModelMismatch)
