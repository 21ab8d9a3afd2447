"""Each error says what happened, where, and what to do about it."""

import copy
import pickle

import pytest

from offramp.errors import LossExceeded, MissingExtraError, OfframpError, Prohibited, ProviderError, ProviderErrorKind
from offramp.types import Loss, Severity

LOST = Loss(code="c", path="p", action="dropped", severity=Severity.MATERIAL, why="w")


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


@pytest.mark.parametrize("what", ["nothing permits it", "nothing permits it."])
@pytest.mark.parametrize("mend", ["add its terms", "add its terms."])
def test_sentences_end_with_one_full_stop(what: str, mend: str):
    assert str(OfframpError(what, where="a", mend=mend)) == "a: nothing permits it. Add its terms."


@pytest.mark.parametrize(
    "error",
    [
        ProviderError("x", kind=ProviderErrorKind.SERVER, endpoint="a", status=500, body={"a": [1]}),
        Prohibited("x", selector="developer:a", epoch=3),
        MissingExtraError("cli", needed_for="it"),
        LossExceeded("x", losses=[LOST]),
    ],
)
def test_an_error_crosses_to_another_process_whole(error: OfframpError):
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301  # its own bytes
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert vars(other) == vars(error)
