"""What an excerpt shows, and what it never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_conformance.suite.excerpts import MOST, excerpt


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", None),
        (b'{"error": "no"}', '{"error": "no"}'),
        (b"line\none\x00\x1b[31m", "line one\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[31m"),
        (b"bearer sk-ant-REDACTED", "bearer [secret]"),
        (b"ask ann.lee@example.org", "ask [address]"),
        (b'"signature": "' + b"QUJD" * 20 + b'"', '"signature": "[…]"'),
        (b"caf\xe9", "caf\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_may_be_a_secret_is_masked(body: bytes, shown: str | None):
    assert excerpt(body) == shown


def test_the_endpoints_own_key_is_masked_whatever_it_looks_like():
    assert excerpt(b"you sent: plain words", "plain words") == "you sent: [secret]"


def test_a_key_that_the_cut_has_halved_is_not_shown():
    body = b"A" * 2390 + b" my-own-secret-key " + b"A" * 100

    assert "my-own" not in (excerpt(body, "my-own-secret-key") or "")


KEYS = st.text("abcdefXYZ0189-_", min_size=12, max_size=24)


@given(st.binary(max_size=3000), KEYS)
def test_it_is_short_on_one_line_and_never_holds_the_key(body: bytes, secret: str):
    told = excerpt(body + secret.encode() + body, secret) or ""

    assert len(told) <= MOST + 1
    assert told.isprintable()
    assert secret not in told
