"""Lines of JSON come whole out of any chunking, and a line cut short is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import WireEvent
from offramp_providers.ndjson import NdjsonDecoder, encode_ndjson

LINES = st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=8), max_size=2), max_size=5)


@given(LINES, st.data())
def test_any_chunking_gives_the_same_lines(objects: list[dict[str, str]], data: st.DataObject) -> None:
    raw = b"".join(encode_ndjson(WireEvent(data=dict(each))) for each in objects)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
    decoder = NdjsonDecoder()

    chunks = [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    frames = [frame for chunk in chunks for frame in decoder.feed(chunk)]

    assert [frame.data + b"\n" for frame in frames] == raw.splitlines(keepends=True)
    assert decoder.finish() == ()


def test_a_blank_line_is_no_event() -> None:
    assert [frame.data for frame in NdjsonDecoder().feed(b'\n{"a":1}\r\n \n{"b":2}\n')] == [b'{"a":1}\r', b'{"b":2}']


def test_a_last_line_without_its_end_is_an_event() -> None:
    decoder = NdjsonDecoder()

    assert decoder.feed(b'{"done":true}') == []
    assert [frame.data for frame in decoder.finish()] == [b'{"done":true}']


def test_a_part_of_a_line_is_no_event() -> None:
    decoder = NdjsonDecoder()

    assert decoder.feed(b'{"done":tr') == []
    assert decoder.finish() == ()


def test_a_line_beyond_the_cap_is_refused() -> None:
    for chunk in (b"x" * 11, b"x" * 11 + b"\n"):
        with pytest.raises(ProviderError) as caught:
            NdjsonDecoder(max_line_bytes=10).feed(chunk)

        assert caught.value.kind is ProviderErrorKind.TOO_LARGE


def test_a_text_with_a_line_end_is_refused() -> None:
    with pytest.raises(ValueError, match="line end"):
        encode_ndjson(WireEvent(data="a\nb"))
