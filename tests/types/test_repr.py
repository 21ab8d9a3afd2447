"""A value's repr says how much was said, and never what."""

import pytest
from hypothesis import given

from offramp import types
from offramp.types import DataSource, Media, Outcome, OutcomeKind, Text, ToolCall, UrlSource, Wire, user
from support.strategies import value_classes, values


@pytest.mark.parametrize(
    "said",
    [
        Text("SECRET"),
        user("SECRET"),
        ToolCall("c", "f", '{"a": "SECRET"}'),
        Media(DataSource("SECRET"), kind="image"),
        Media(UrlSource("https://x/SECRET"), kind="image"),
        Text("x", wire=Wire(dialect="d", fields={"k": "SECRET"})),
    ],
    ids=lambda said: type(said).__name__,
)
def test_content_is_not_shown(said: object):
    assert "SECRET" not in repr(said)


def test_what_is_no_content_is_shown():
    assert repr(Text("four")) == "Text(text=<4 characters>, type='text', citations=(), opaque=())"
    assert "end_turn" in repr(Outcome(OutcomeKind.COMPLETED, raw="end_turn"))


@pytest.mark.parametrize("kind", value_classes(types), ids=lambda kind: kind.__name__)
def test_every_value_has_a_repr(kind: type):
    @given(values(kind))
    def shown(made: object) -> None:
        assert repr(made).startswith(kind.__name__)

    shown()
