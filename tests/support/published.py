"""Judging what is written by the types that a vendor publishes in its own package."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, SchemaValidator

Steps = tuple[str | int, ...]
"""A way into a value: keys, and places in lists."""

_TELLING: Final = ("type", "role")
"""Keys whose word tells apart the members of the vendors' unions."""


@cache
def judge(published: Any) -> SchemaValidator:
    """A validator of a published type: closed, and through to the last item.

    Two things are stricter here than in pydantic: a key that the type does not have is a fault, and an `Iterable` is
    read to its end, where pydantic looks at its items only when somebody asks for them.
    """
    # In a list, for a package may put off the building of its outermost model.
    return SchemaValidator(_closed(TypeAdapter(list[published]).core_schema))


def _closed(schema: Any) -> Any:
    if isinstance(schema, list | tuple):
        return type(schema)(_closed(each) for each in schema)
    if not isinstance(schema, dict):
        return schema
    inner = {name: value if name == "metadata" else _closed(value) for name, value in schema.items()}
    match schema.get("type"):
        case "generator":
            return {**inner, "type": "list"}
        case "typed-dict" | "model-fields":
            return {**inner, "extra_behavior": "forbid"}
        case _:
            return inner


def faults(validator: SchemaValidator, body: Any) -> list[str]:
    """Where and how a value deviates from its published type: `tools[].name: missing`."""
    try:
        validator.validate_python([body])
    except ValidationError as error:
        return sorted(_told(error.errors(include_url=False, include_context=False), [body]))
    return []


def _told(errors: Sequence[ErrorDetails], root: list[Any]) -> Iterator[str]:
    """What is wrong by the member of each union that was meant; where none was, the word that no member has."""
    strangers = [each["loc"][:-1] for each in errors if each["loc"][-1] in _TELLING]
    found = {_place(each, root): each["type"] for each in errors if not _is_within(each["loc"], strangers)}
    for loc in strangers:
        steps = _steps(loc, root)
        if not _is_within(loc[:-1], strangers) and not _has_below(steps, found):
            found[*steps, ""] = f"none is {_word(_at(root, steps))!r}"
    for steps, kind in found.items():
        if not _has_below(steps, found):
            yield f"{_path(steps)}: {kind}"


def _is_within(loc: Steps, nodes: Sequence[Steps]) -> bool:
    return any(loc[: len(each)] == each for each in nodes)


def _has_below(steps: Steps, found: Iterable[Steps]) -> bool:
    return any(len(other) > len(steps) and other[: len(steps)] == steps for other in found)


def _word(node: Any) -> Any:
    return next((node[key] for key in _TELLING if key in node), None)


def _place(error: ErrorDetails, root: list[Any]) -> Steps:
    *before, last = error["loc"]
    return (*_steps(tuple(before), root), last) if error["type"] == "missing" else _steps(error["loc"], root)


def _steps(loc: Steps, root: Any) -> Steps:
    """The steps that lead through the value itself; the names of a union's members are left out."""
    steps: list[str | int] = []
    for step in loc:
        if step in root if isinstance(root, dict) else isinstance(root, list) and isinstance(step, int):
            steps.append(step)
            root = root[step]
    return tuple(steps)


def _at(root: Any, steps: Steps) -> Any:
    for step in steps:
        root = root[step]
    return root


def _path(steps: Steps) -> str:
    """Below the list of one that the judge was given."""
    return "".join("[]" if isinstance(each, int) else f".{each}" for each in steps[1:]).strip(".")
