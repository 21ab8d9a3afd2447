"""The decoder of server-sent events gives the same events whatever the chunks; the encoder is its reverse."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import WireEvent
from offramp_providers.frame import Frame
from offramp_providers.sse import SseDecoder, encode_sse
from offramp_providers.wire_json import decode_json


def decoded(*chunks: bytes) -> list[Frame]:
    decoder = SseDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def test_many_events_of_one_read_are_all_given():
    events = decoded(b'data: {"a":1}\n\ndata: {"a":2}\n\ndata: [DONE]\n\n')

    assert [event.data for event in events] == [b'{"a":1}', b'{"a":2}', b"[DONE]"]


def test_name_data_and_id_are_read():
    events = decoded(b"event: ping\ndata: {}\n\nid: 7\nevent: x\ndata: y\n\n")

    assert events == [Frame(b"{}", "ping", None), Frame(b"y", "x", "7")]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_all_three_line_ends_are_understood(end: bytes):
    events = decoded(end.join([b"event: x", b"data: 1", b"data: 2", b"", b"data: 3", b"", b""]))

    assert events == [Frame(b"1\n2", "x"), Frame(b"3")]


def test_carriage_return_and_line_feed_in_two_chunks_are_one_line_end():
    events = decoded(b"data: 1\r", b"\ndata: 2\r", b"\n\r", b"\n")

    assert events == [Frame(b"1\n2")]


def test_comments_unknown_fields_retry_and_fields_without_colon_are_passed_over():
    events = decoded(b": hello\nfoo: bar\nretry: 5\ndata\nid\n\n: only a comment\n\nevent: no-data\n\n")

    assert events == [Frame(b"", None, "")]


def test_only_one_space_after_the_colon_is_taken_away():
    events = decoded(b"data:  two\n\ndata:none\n\n")

    assert [event.data for event in events] == [b" two", b"none"]


@pytest.mark.parametrize("cut", range(5))
def test_byte_order_mark_is_passed_over_in_any_chunks(cut: int):
    stream = b"\xef\xbb\xbfdata: 1\n\n"

    events = decoded(stream[:cut], stream[cut:])

    assert events == [Frame(b"1")]


def test_byte_order_mark_within_the_stream_is_content():
    assert decoded(b"data: 1\n\n", b"\xef\xbb\xbfdata: 2\n\n") == [Frame(b"1")]


def test_event_without_its_blank_line_is_not_given():
    decoder = SseDecoder()

    events = decoder.feed(b"data: 1\n\ndata: 2\n")

    assert events == [Frame(b"1")]
    assert decoder.unfinished


def test_stream_without_blank_lines_is_refused_at_the_cap():
    decoder = SseDecoder(max_event_bytes=100)
    decoder.feed(b"data: " + b"x" * 90)

    with pytest.raises(ProviderError) as caught:
        decoder.feed(b"x" * 20)

    assert caught.value.kind is ProviderErrorKind.TOO_LARGE


def test_finished_event_beyond_the_cap_is_refused():
    with pytest.raises(ProviderError, match="more than 100 bytes"):
        SseDecoder(max_event_bytes=100).feed(b"data: 1\n\ndata: " + b"x" * 120 + b"\n\n")


def test_large_event_in_many_chunks_costs_no_repeated_copies():
    decoder = SseDecoder()
    chunk = b"x" * 1024

    events = [event for piece in [b"data: ", *[chunk] * 8000, b"\n\n"] for event in decoder.feed(piece)]

    assert [len(event.data) for event in events] == [8000 * 1024]


def reference(stream: bytes) -> list[Frame]:
    """The rules of the standard, one line at a time, on the whole stream."""
    text = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    events: list[Frame] = []
    data: list[bytes] = []
    name, own_id = b"", None
    for line in text.split(b"\n")[:-1]:
        if not line:
            if data:
                found = None if own_id is None else own_id.decode("utf-8", "replace")
                events.append(Frame(b"\n".join(data), name.decode("utf-8", "replace") or None, found))
            data, name, own_id = [], b"", None
            continue
        field, _, rest = line.partition(b":")
        rest = rest[1:] if rest[:1] == b" " else rest
        if field == b"data":
            data.append(rest)
        elif field == b"event":
            name = rest
        elif field == b"id" and b"\0" not in rest:
            own_id = rest
    return events


fields = [b"data: ", b"data:", b"data", b"event: ", b"id: ", b": ", b"retry: 1", b":"]
line_ends = [b"\n", b"\n\n", b"\r", b"\r\n", b"\n", b"\n\n"]
contents = [b"{}", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"x", b"\xef\xbb\xbf", b"\0", b" "]
pieces = st.sampled_from([*fields, *line_ends, *contents])


@given(st.lists(pieces, max_size=40).map(b"".join), st.lists(st.integers(0, 120), max_size=12))
def test_any_chunking_gives_the_events_of_the_standard(stream: bytes, cuts: list[int]):
    edges = [0, *sorted(cuts), len(stream)]

    events = decoded(*[stream[start:end] for start, end in pairwise(edges)])

    assert events == reference(stream)


@given(st.lists(pieces, max_size=40).map(b"".join))
def test_single_bytes_give_the_events_of_the_standard(stream: bytes):
    assert decoded(*[stream[at : at + 1] for at in range(len(stream))]) == reference(stream)


words = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
objects = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=8) | st.none(), max_size=4)


@given(objects, st.none() | words, st.none() | words)
def test_what_was_encoded_decodes_to_the_same(data: dict[str, object], event: str | None, event_id: str | None):
    [back] = decoded(encode_sse(WireEvent(data=data, event=event, id=event_id)))

    assert decode_json(back.data) == data
    assert (back.event, back.id) == (event, event_id)


def test_text_of_several_lines_is_encoded_in_several_fields():
    assert encode_sse(WireEvent(data="a\nb")) == b"data: a\ndata: b\n\n"


@pytest.mark.parametrize("name", ["a\nb", "a\rb"])
def test_name_with_a_line_end_is_refused(name: str):
    with pytest.raises(ValueError, match="line end"):
        encode_sse(WireEvent(data="x", event=name))
