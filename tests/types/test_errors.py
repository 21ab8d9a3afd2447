"""Each error says what happened, where, and what to do about it."""

import pytest

from offramp.errors import ProviderError, ProviderErrorKind


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (ProviderErrorKind.MODEL_NOT_FOUND, "`model`"),
        (ProviderErrorKind.MODEL_RETIRED, "successor"),
        (ProviderErrorKind.AUTHENTICATION, "`key`"),
        (ProviderErrorKind.QUOTA_EXHAUSTED, "limit"),
        (ProviderErrorKind.INVALID_REQUEST, "error.body"),
    ],
)
def test_a_failure_that_a_person_can_mend_says_how(kind: ProviderErrorKind, named: str):
    error = ProviderError("the vendor answered 400", kind=kind, endpoint="a")

    assert named in str(error)
    assert str(error.at("b")) == f"b: the vendor answered 400. {(error.mend or '')[0].upper()}{(error.mend or '')[1:]}."


def test_what_is_known_better_wins_over_the_kind_s_own_mend():
    error = ProviderError("x", kind=ProviderErrorKind.AUTHENTICATION, mend="renew the certificate")

    assert str(error) == "x. Renew the certificate."
