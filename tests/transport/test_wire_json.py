"""The JSON decoder keeps what it can, refuses the rest with one error, and quotes nothing."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import ConfigurationError, ProviderError, ProviderErrorKind
from offramp_providers.wire_json import MAX_DEPTH, decode_json, dump_json


@pytest.mark.parametrize("text", [b'{"a":NaN}', b"Infinity", b"-Infinity", rb'{"a":"\ud800","b":NaN}'])
def test_nan_and_infinity_are_refused(text: bytes):
    with pytest.raises(ProviderError) as caught:
        decode_json(text)

    assert caught.value.kind is ProviderErrorKind.MALFORMED


@pytest.mark.parametrize("text", [b"", b"{", b'{"a":secret-7}', b"<html>", b"{}{}", b'"\xff"', rb'"\u00e9' + b'\xff"'])
def test_what_is_no_json_is_refused_without_quoting_it(text: bytes):
    with pytest.raises(ProviderError) as caught:
        decode_json(text)

    assert caught.value.kind is ProviderErrorKind.MALFORMED
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", [rb'{"a":"\ud800"}', rb'{"a":"x\udc00y"}', rb'["\ud83d\ude00", "\ud83d"]'])
def test_lone_surrogates_survive_both_ways(text: bytes):
    decoded = decode_json(text)

    assert decoded == json.loads(text)
    assert decode_json(dump_json({"x": decoded})) == {"x": decoded}


def test_of_a_repeated_key_the_last_one_counts():
    assert decode_json(b'{"a":1,"a":2}') == {"a": 2}
    assert decode_json(rb'{"a":1,"a":"\ud800"}') == {"a": "\ud800"}


def test_integers_and_floats_keep_their_kind_and_size():
    text = b'{"a":1,"b":1.0,"c":123456789012345678901234567890,"d":0.1,"e":-0.0}'

    decoded = decode_json(text)

    assert [type(number) for number in decoded.values()] == [int, float, int, float, float]
    assert dump_json(decoded) == text


@pytest.mark.parametrize("inner", [b"", rb'"\ud800"'])
def test_nesting_is_bounded(inner: bytes):
    def nested(depth: int) -> bytes:
        return b"[" * depth + inner + b"]" * depth

    decode_json(nested(MAX_DEPTH))
    with pytest.raises(ProviderError, match=r"nests too deeply|recursion limit"):
        decode_json(nested(MAX_DEPTH + 1))


@pytest.mark.parametrize("inner", [b"", rb'"\ud800"'])
@pytest.mark.parametrize("depth", [500, 100_000])
def test_nesting_beyond_the_parser_ends_in_the_same_error(depth: int, inner: bytes):
    with pytest.raises(ProviderError) as caught:
        decode_json(b"[" * depth + inner + b"]" * depth)

    assert caught.value.kind is ProviderErrorKind.MALFORMED


def test_many_brackets_that_are_not_nested_pass():
    rows = [[], {}, ["[" * 500]] * 200

    assert decode_json(dump_json({"rows": rows})) == {"rows": rows}


def test_size_is_bounded():
    with pytest.raises(ProviderError) as caught:
        decode_json(b'"' + b"x" * 100 + b'"', max_bytes=50)

    assert caught.value.kind is ProviderErrorKind.TOO_LARGE


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_has_not_are_refused_before_sending(number: float):
    with pytest.raises(ConfigurationError):
        dump_json({"temperature": number, "text": "secret"})


def test_a_text_that_names_them_is_sent():
    assert dump_json({"text": "NaN and Infinity"}) == b'{"text":"NaN and Infinity"}'


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(ConfigurationError, match="cannot be written as JSON"):
        dump_json({"x": object()})


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=4), trees, max_size=4))
def test_every_json_value_survives(tree: dict[str, object]):
    back = decode_json(dump_json(tree))

    assert back == tree
    assert json.dumps(back) == json.dumps(tree)
