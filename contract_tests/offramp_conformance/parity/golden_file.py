"""Reads a golden set from TOML, or from JSON lines: the head in the first line, a case in each other."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from offramp.errors import ConfigurationError, StateError
from offramp.json_form import from_python
from offramp.toml_file import in_words_of_toml, read_toml
from offramp.types import GenerateRequest, JsonObject, Message, Text
from offramp_conformance.parity.golden_faults import faults_of
from offramp_conformance.parity.golden_set import FORMAT, Case, GoldenSet
from offramp_conformance.parity.golden_tables import CaseTable, GoldenFile, HeadTable, MessageTable
from offramp_conformance.parity.places import line_of

_T = TypeVar("_T")
Place: TypeAlias = Callable[[Sequence[int | str]], str]
"""File and line of a key, given by its path."""


def load_golden_set(path: Path) -> GoldenSet:
    """Read `NAME.toml` or `NAME.jsonl`.

    Raises:
        ConfigurationError: the file cannot be read, a key is unknown, missing or wrong, or an id repeats.
    """
    return _from_lines(path) if path.suffix == ".jsonl" else _from_toml(path)


def _from_toml(path: Path) -> GoldenSet:
    content = read_toml(path)
    lines = _text(path).splitlines()

    def place(keys: Sequence[int | str]) -> str:
        return f"{path}:{line_of(lines, keys) + 1}"

    def within(at: int) -> Place:
        return lambda keys: place(("cases", at, *keys))

    file = _validated(GoldenFile, content, place)
    return _checked(file.name, [(table, within(at)) for at, table in enumerate(file.cases)], path)


def _from_lines(path: Path) -> GoldenSet:
    lines = [(f"{path}:{number}", line) for number, line in enumerate(_text(path).splitlines(), 1) if line.strip()]
    if not lines:
        mend = f'begin with {{"schema": "{FORMAT}", "name": "…"}}'
        raise ConfigurationError("the file is empty", where=str(path), mend=mend)
    (first, head), *rest = lines
    name = _validated(HeadTable, _object(head, first), lambda _: first).name
    cases = [(_validated(CaseTable, _object(line, at), _always(at)), _always(at)) for at, line in rest]
    return _checked(name, cases, path)


def _always(where: str) -> Place:
    return lambda _: where


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise ConfigurationError("there is no such file", where=str(path), mend="check the path") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("the file cannot be read", where=str(path), mend="make it readable UTF-8") from error


def _object(line: str, where: str) -> JsonObject:
    try:
        content: object = from_json(line)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ConfigurationError("this line is no JSON object", where=where, mend="write one object on each line")
    return cast("JsonObject", content)


def _validated(kind: type[_T], content: JsonObject, place: Place) -> _T:
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        raise _complaint(error, place) from None  # not chained: it quotes the file, which holds prompts


_UNKNOWN_KEY: Final = ("extra_forbidden", "unexpected_keyword_argument")
_KINDS: Final = ("exact", "regex", "numeric", "schema", "tool_calls", "python", "judge")
_WORDS: Final = {
    **dict.fromkeys(_UNKNOWN_KEY, "unknown key"),
    "union_tag_invalid": "there is no such kind of grader",
    "union_tag_not_found": "a grader of no kind",
}
_MENDS: Final = {
    **dict.fromkeys(_UNKNOWN_KEY, "remove the key or correct its spelling"),
    "missing": "add the key",
    "union_tag_invalid": f"use one of {', '.join(_KINDS)}",
    "union_tag_not_found": 'add kind, such as kind = "exact"',
}


def _complaint(error: ValidationError, place: Place) -> ConfigurationError:
    """One sentence. An unknown key comes first: it is often the misspelling of one that is then found missing."""
    complaints: list[Any] = list(error.errors(include_url=False, include_input=False, include_context=False))
    first = min(complaints, key=lambda one: one["type"] not in _UNKNOWN_KEY)
    keys = _path(first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return ConfigurationError(
        f"{'.'.join(str(key) for key in keys)}: {_WORDS.get(first['type']) or in_words_of_toml(first['msg'])}{more}",
        where=place(keys),
        mend=_MENDS.get(first["type"], "correct the value"),
    )


def _path(location: Sequence[int | str]) -> list[int | str]:
    """Without the kind of grader, which pydantic names on the way as if it were a key."""
    return [
        key
        for before, key in zip((None, None, *location), location, strict=False)
        if not (before == "graders" and key in _KINDS)
    ]


def _checked(name: str, tables: Sequence[tuple[CaseTable, Place]], path: Path) -> GoldenSet:
    cases: dict[str, Case] = {}
    for table, place in tables:
        fault = next(faults_of(table), None)
        if fault is not None:
            raise ConfigurationError(f"case {table.id!r}: {fault.what}", where=place(fault.keys), mend=fault.mend)
        if table.id in cases:
            raise ConfigurationError(f"the id {table.id!r} repeats", where=place(("id",)), mend="give each its own")
        cases[table.id] = _case(table, place)
    if not cases:
        raise ConfigurationError("there is no case", where=str(path), mend="add cases")
    return GoldenSet(name, tuple(cases.values()))


def _case(table: CaseTable, place: Place) -> Case:
    return Case(
        table.id,
        cluster=table.id if table.cluster is None else table.cluster,
        request=_request(table, place),
        graders=table.graders,
        slices=table.slices,
        weight=table.weight,
    )


def _request(table: CaseTable, place: Place) -> GenerateRequest:
    if table.request is None:
        short = table.messages or (MessageTable(role="user", text=table.ask or ""),)
        return GenerateRequest(tuple(Message(each.role, (Text(each.text),)) for each in short))
    where = place(("request",))
    try:
        return from_python(GenerateRequest, table.request, where=where)
    except StateError as error:
        what = error.what.replace("value", "request", 1)
        mend = "write a canonical request"
        raise ConfigurationError(f"case {table.id!r}: {what}", where=where, mend=mend) from None
