"""Small cases that together give every field of the types each of its values, drawn from the types themselves."""

import dataclasses
import itertools
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from offramp.types import (
    FunctionTool,
    GenerateRequest,
    Message,
    Origin,
    Part,
    Response,
    Role,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from offramp_conformance.accounting.dialects import SPOKEN

PNG: Final = "iVBORw0KGgoAAAANSUhEUg=="
LOOK: Final = FunctionTool("look", schema={"type": "object", "properties": {}, "additionalProperties": False})
_SCHEMA: Final = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
_OPEN: Final = {"type": "object", "properties": {"a": {"type": "integer", "minimum": 2}}}
_RECURSIVE: Final = {"type": "object", "properties": {"a": {"$ref": "#"}}}

_BY_FIELD: Final[Mapping[str, list[Any]]] = {
    # Boundaries: each at, within and beyond what some vendor takes.
    "temperature": [0, 0.5, 1, 1.0, 1.5, 2.0, 2.5, -0.5],
    "top_p": [0.0, 0.3, 1, 1.5],
    "top_k": [0, 1, 40],
    "seed": [0, 7, -1],
    "frequency_penalty": [-2, 0, 0.5, 2.0, 3],
    "presence_penalty": [-2.5, 0, 0.5, 2.0],
    "max_output_tokens": [1, 100, 5000],
    "candidates": [1, 2, 0, 200],
    "stop": [(), ("a",), ("a", "b", "c", "d", "e"), ("a", " "), ("",)],
    "top": [0, 5, 20, 21],
    "budget_tokens": [0, 1024, 2000, 99999],
    "ttl_s": [0, 300, 600, 3600, 90000],
    "schema": [_SCHEMA, _OPEN, {}, _RECURSIVE, {"type": "array", "items": {"oneOf": [{"type": "string"}]}}],
    "arguments_json": ["{}", '{"a":1}', '{ "a": 1 }', "", None, "[1]", '{"a":', "null"],
    "call_id": ["c", "f.look:0", ""],
    "media_type": ["image/png", "application/pdf", "text/plain", "audio/wav", "audio/mp3", "image/tiff", None],
    "end_user": ["u", "u" * 65],
    "service_tier": ["auto", "standard_only", "flex", "odd"],
    "model": ["m"],
    "dialect": [*SPOKEN, "elsewhere"],
    "vendor_type": ["t", None],
    "base64": [PNG, "AAAA"],
    "arguments": [{}],
    "description": ["d", ""],
    "metadata": [{"a": "b"}, {}],
    "raw": [{"type": "t", "a": 1}],
}

_COUNTS: Final = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")


def samples(hint: Any, name: str = "", *, deep: bool = True) -> list[Any]:
    """Values of a field: every word of a closed vocabulary, every member of a sum, the edges of a number.

    Args:
        hint: the field's type.
        name: the field's name, where it has edges of its own.
        deep: whether values are varied in their own fields too.
    """
    if name == "raw" and hint == str | None:
        return ["odd", "stop", "end_turn", None]
    if name in _BY_FIELD:
        return _BY_FIELD[name]
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    if get_origin(hint) in (Union, types.UnionType):
        return [each for one in get_args(hint) if one is not type(None) for each in samples(one, deep=deep)]
    if get_origin(hint) is tuple:
        inner = samples(get_args(hint)[0], deep=deep)
        return [(), *((each,) for each in inner), tuple(inner[:2])]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)
    if dataclasses.is_dataclass(hint) or dataclasses.is_dataclass(get_origin(hint)):
        return variants(hint, deep=deep)
    return _PLAIN[hint]


_PLAIN: Final[Mapping[Any, list[Any]]] = {
    str: ["x", ""],
    bool: [True, False],
    int: [0, 7],
    float: [0.5],
    dict[str, Any]: [{"a": 1}],
    Any: [{"a": 1}],
}


def base(cls: Any) -> Any:
    """The least value of a class."""
    hints = get_type_hints(cls)
    needed = [each for each in dataclasses.fields(cls) if _is_needed(each)]
    return cls(**{each.name: _least(hints[each.name], each.name) for each in needed})


def _least(hint: Any, name: str) -> Any:
    return (Text("x"),) if name == "parts" else samples(hint, name, deep=False)[0]


def _is_needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


SKIPPED: Final = frozenset({"wire", "type", "origin"})
"""Residue and provenance have tests of their own; `type` is fixed."""


def variants(cls: Any, *, deep: bool = True) -> list[Any]:
    """The least value, and one for each value of each field."""
    made = base(cls)
    if not deep:
        return [made]
    hints = get_type_hints(cls)
    found = [made]
    for each in dataclasses.fields(cls):
        if each.name not in SKIPPED and not isinstance(hints[each.name], TypeVar):
            values = samples(hints[each.name], each.name, deep=cls is not ToolResult)
            found += [dataclasses.replace(made, **{each.name: one}) for one in values]
    return found


def parts() -> list[Part]:
    """Every kind of part with every value of each of its fields; media in every pairing of kind, source and type."""
    found = [each for kind in get_args(Part) for each in variants(kind)]
    media = next(each for each in found if each.type == "media")
    kinds = get_args(get_type_hints(type(media))["kind"])
    sources = samples(get_type_hints(type(media))["source"], deep=False)
    for kind, source, media_type in itertools.product(kinds, sources, _BY_FIELD["media_type"]):
        found.append(dataclasses.replace(media, kind=kind, source=source, media_type=media_type))
    return found


def messages_with(part: Part, role: Role, origin: Origin | None) -> tuple[Message, ...]:
    """A short conversation with the part in a message of the role."""
    call = Message("assistant", (ToolCall("c", "look", "{}"),), origin=origin)
    before = (user("hi"), call) if isinstance(part, ToolResult) else (user("hi"),)
    return (*before, Message(role, (part,), origin=origin), user("go"))


def role_cases(origin: Origin) -> Iterator[GenerateRequest]:
    """Every part in every role, by the application and by a vendor; alone, beside a text, and first of all."""
    least = [base(kind) for kind in get_args(Part)]
    for part, role in itertools.product(parts(), get_args(Role)):
        for author in (None, origin):
            yield GenerateRequest(messages_with(part, role, author), max_output_tokens=100, tools=(LOOK,))
        if part in least:
            yield GenerateRequest(
                messages_with(dataclasses.replace(part, origin=origin), role, None), max_output_tokens=9
            )
        beside = Message(role, (part, Text("beside"), dataclasses.replace(part)), origin=origin)
        if role in ("user", "assistant") or part in least:
            yield GenerateRequest((beside, user("go")), max_output_tokens=100)


def least_cases(origin: Origin) -> Iterator[GenerateRequest]:
    """Every setting, message and kind of part, each part in its least form only."""
    yield from setting_cases()
    yield from message_cases(origin)
    for part, role in itertools.product([base(kind) for kind in get_args(Part)], get_args(Role)):
        yield GenerateRequest(messages_with(part, role, origin), max_output_tokens=100, tools=(LOOK,))
        yield GenerateRequest(messages_with(part, role, None), max_output_tokens=100)


def message_cases(origin: Origin) -> Iterator[GenerateRequest]:
    """Every field of a message in every role, and every pair of roles side by side."""
    hints = get_type_hints(Message)
    for role in get_args(Role):
        plain = Message(role, (Text("x"),), origin=origin)
        if role == "tool":
            plain = dataclasses.replace(plain, parts=(ToolResult("c", (Text("1"),)),))
        for name in ("name", "status", "parts"):
            values = [()] if name == "parts" else samples(hints[name], name)
            for each in values:
                yield GenerateRequest((user("hi"), dataclasses.replace(plain, **{name: each}), user("go")))
        for other in get_args(Role):
            yield GenerateRequest((plain, Message(other, (Text("y"),)), user("go")), max_output_tokens=9)
            yield GenerateRequest((user("hi"), plain, Message(other, (Text("y"),))), max_output_tokens=9)


def setting_cases() -> Iterator[GenerateRequest]:
    """Every setting with every value, with and without tools, and with every other choice among them."""
    hints = get_type_hints(GenerateRequest)
    plain = GenerateRequest((user("hi"),), max_output_tokens=3000)
    names = [each.name for each in dataclasses.fields(GenerateRequest) if each.name not in {"messages", *SKIPPED}]
    for name in names:
        for each in samples(hints[name], name):
            yield dataclasses.replace(plain, **{name: each})
            yield dataclasses.replace(plain, **({"tools": (LOOK,)} | {name: each}))
    for choice, parallel in itertools.product(samples(hints["tool_choice"]), (True, False)):
        for tools in ((), (LOOK,)):
            yield dataclasses.replace(plain, tools=tools, tool_choice=choice, parallel_tool_calls=parallel)
    yield dataclasses.replace(plain, max_output_tokens=None)
    yield dataclasses.replace(plain, temperature=0.5, top_p=0.9)
    yield dataclasses.replace(plain, messages=())


def request_cases(origin: Origin) -> Iterator[GenerateRequest]:
    """All of them."""
    yield from setting_cases()
    yield from message_cases(origin)
    yield from role_cases(origin)


def response_cases(origin: Origin) -> Iterator[Response[Any]]:
    """Every part in an answer, every outcome beside every kind of content, every count known and unknown."""
    hints = get_type_hints(Response)
    whole = base(Response)
    message = Message("assistant", (Text("x"),), origin=origin)
    answer = dataclasses.replace(whole, message=message, origin=origin)
    for part in parts():
        for beside in ((part,), (part, Text("y")), (Text("y"), part)):
            yield dataclasses.replace(answer, message=dataclasses.replace(message, parts=beside))
    for outcome in samples(hints["outcome"]):
        for content in (
            (),
            (Text("x"),),
            (ToolCall("c", "look", "{}"),),
            *(((each,)) for each in variants_of_refusal()),
        ):
            yield dataclasses.replace(answer, outcome=outcome, message=dataclasses.replace(message, parts=content))
    for usage in [*samples(hints["usage"]), *_all_counts(type(answer.usage))]:
        yield dataclasses.replace(answer, usage=usage)
    for name in ("alternatives", "origin"):
        for each in samples(hints[name], name, deep=False):
            yield dataclasses.replace(answer, **{name: each})
    yield dataclasses.replace(answer, origin=dataclasses.replace(origin, response_id="r"))


def variants_of_refusal() -> list[Part]:
    """A refusal in every form."""
    return [each for each in parts() if each.type == "refusal"]


def _all_counts(cls: Any) -> Iterator[Any]:
    for known in itertools.product((True, False), repeat=len(_COUNTS)):
        counts = {name: 10 - place for place, (name, has) in enumerate(zip(_COUNTS, known, strict=True)) if has}
        yield cls(**counts)


def fields_given(node: Any) -> Iterator[tuple[type, str]]:
    """Class and name of every field, anywhere in a value, that holds something else than its default."""
    if isinstance(node, tuple):
        for each in node:
            yield from fields_given(each)
    elif dataclasses.is_dataclass(node) and not isinstance(node, type):
        for each in dataclasses.fields(node):
            held = getattr(node, each.name)
            default = each.default_factory() if each.default_factory is not dataclasses.MISSING else each.default
            if held != default or type(held) is not type(default):
                yield type(node), each.name
            yield from fields_given(held)


def fields_of(hint: Any, seen: set[tuple[type, str]]) -> set[tuple[type, str]]:
    """Class and name of every field that a type can hold, at any depth."""
    for argument in get_args(hint):
        fields_of(argument, seen)
    cls = get_origin(hint) or hint
    if dataclasses.is_dataclass(cls) and isinstance(cls, type):
        hints = get_type_hints(cls)
        for each in dataclasses.fields(cls):
            if (cls, each.name) not in seen:
                seen.add((cls, each.name))
                fields_of(hints[each.name], seen)
    return seen
