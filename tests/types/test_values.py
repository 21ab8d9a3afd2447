"""Values are small, closed, and say what they mean."""

import dataclasses
import inspect
import typing

import pytest

from offramp import types
from offramp.errors import ConfigurationError
from offramp.types import (
    Identity,
    Media,
    Message,
    Origin,
    Selector,
    SelectorKind,
    Severity,
    Text,
    ToolCall,
    UrlSource,
    changed,
    origin_of,
    system,
    user,
)
from support.strategies import value_classes

WHO = Identity(
    endpoint="a", developer="Acme", host="cloud", model="m-1", reseller="shop", region="eu", agreement="a.toml"
)


@pytest.mark.parametrize("cls", value_classes(types), ids=lambda cls: cls.__name__)
def test_every_value_has_slots_and_says_what_it_is(cls: type):
    assert "__slots__" in vars(cls)
    assert inspect.getdoc(cls)


def test_members_of_one_sum_have_types_of_their_own():
    for sum_type in (types.Part, types.Event, types.Tool, types.ToolChoice, types.Output, types.MediaSource):
        tags = [typing.get_type_hints(one)["type"].__args__[0] for one in typing.get_args(sum_type)]

        assert len(set(tags)) == len(tags)


def test_a_value_cannot_take_on_an_unknown_field():
    with pytest.raises(AttributeError):
        Text("a").colour = "red"  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def test_a_changed_value_is_a_copy_with_every_other_field_kept():
    given = Text("a", opaque=(types.Opaque("signature", "s"),))

    copy = changed(given, text="b")

    assert copy == dataclasses.replace(given, text="b")
    assert given.text == "a"


def test_a_field_that_is_none_cannot_be_changed():
    with pytest.raises(AttributeError, match="colour"):
        changed(Text("a"), colour="red")


def test_a_messages_text_is_its_text_parts_joined():
    message = user("a", Media(UrlSource("https://example.invalid"), kind="image"), "b")

    assert message.text == "ab"
    assert Message("assistant", (ToolCall("c", "n", "{}"),)).text == ""
    assert system("rules").role == "system"


def test_a_parts_own_origin_wins():
    here, there = (Origin(developer=name, host=name, dialect="d") for name in "ab")

    assert origin_of(Message("assistant", (), origin=here), Text("a", origin=there)) is there
    assert origin_of(Message("assistant", (), origin=here), Text("a")) is here


@pytest.mark.parametrize(
    ("word", "matches"),
    [
        ("developer:acme", True),
        ("host:cloud", True),
        ("reseller:SHOP", True),
        ("model:m-1", True),
        ("endpoint:a", True),
        ("region:eu", True),
        ("agreement:a.toml", True),
        ("developer:cloud", False),
        ("model:m", False),
        ("region:e*", False),
    ],
)
def test_a_selector_names_one_part_of_an_identity(word: str, matches: bool):
    selector = Selector.parse(word)

    assert selector.matches(WHO) is matches
    assert str(selector) == word


def test_a_part_that_is_not_known_matches_nothing():
    unknown = dataclasses.replace(WHO, reseller=None)

    assert not Selector.parse("reseller:None").matches(unknown)


@pytest.mark.parametrize(
    "word", ["", "acme", "developer:", ":acme", "vendor:acme", "developer: acme", "Developer:acme"]
)
def test_what_is_no_selector_is_refused_with_the_kinds_there_are(word: str):
    with pytest.raises(ConfigurationError, match="developer, host") as caught:
        Selector.parse(word)

    assert all(kind in str(caught.value) for kind in typing.get_args(SelectorKind))


def test_severities_rise_and_have_words():
    assert Severity.COSMETIC < Severity.BEHAVIOURAL < Severity.MATERIAL
    assert [one.word for one in Severity] == ["cosmetic", "behavioural", "material"]
