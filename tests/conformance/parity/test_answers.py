"""Answer, refusal or neither: decided by what came, in whatever form."""

import pytest

from offramp.errors import (
    ConfigurationError,
    DeadlineExceeded,
    OutputInvalid,
    PolicyDenied,
    ProviderError,
    ProviderErrorKind,
)
from offramp.types import Outcome, OutcomeKind, Refusal, Response, Text, assistant
from offramp_conformance.parity.answers import came_back, digest_of, was_raised
from support.parity import answer, refusal

REFUSED = {OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER}
NO_ANSWER = {OutcomeKind.PAUSED, OutcomeKind.CANCELLED, OutcomeKind.ERROR}


@pytest.mark.parametrize("kind", OutcomeKind)
def test_each_outcome_is_an_answer_a_refusal_or_neither(kind: OutcomeKind):
    came = came_back(Response(assistant("x"), Outcome(kind)))

    expected = "refused" if kind in REFUSED else "not_tried" if kind in NO_ANSWER else "answered"
    assert came.outcome == expected
    assert (came.reason is None) == (expected == "answered")


def test_a_refusal_in_the_message_is_one_whatever_the_outcome_says():
    came = came_back(Response(assistant(Text("Well,"), Refusal("no")), Outcome(OutcomeKind.COMPLETED)))

    assert (came.outcome, came.reason) == ("refused", "refusal")


def test_an_interrupted_message_is_no_answer():
    response = answer("half")
    response.message.status = "interrupted"  # type: ignore[misc]

    assert came_back(response).outcome == "not_tried"


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (ProviderError("x", kind=ProviderErrorKind.CONTENT_FILTER), "refused", "content_filter"),
        (ProviderError("x", kind=ProviderErrorKind.OVERLOADED), "not_tried", "ProviderError: overloaded"),
        (PolicyDenied("x"), "not_tried", "PolicyDenied"),
        (DeadlineExceeded("x"), "not_tried", "DeadlineExceeded"),
        (OutputInvalid("x", response=None), "not_tried", "OutputInvalid"),
        (OutputInvalid("x", response=answer("{}")), "answered", None),
        (OutputInvalid("x", response=refusal()), "refused", "refusal"),
        (ZeroDivisionError("a secret"), "not_tried", "raised ZeroDivisionError"),
    ],
)
def test_an_error_is_told_by_its_name(error: Exception, outcome: str, reason: str | None):
    came = was_raised(error)

    assert (came.outcome, came.reason) == (outcome, reason)


def test_a_setup_mistake_is_nobodys_answer():
    with pytest.raises(ConfigurationError):
        was_raised(ConfigurationError("no key"))


def test_digests_are_equal_for_equal_answers_under_one_key_only():
    assert digest_of(answer("yes"), b"a") == digest_of(answer("yes"), b"a")
    assert digest_of(answer("yes"), b"a") != digest_of(answer("no"), b"a")
    assert digest_of(answer("yes"), b"a") != digest_of(answer("yes"), b"b")
