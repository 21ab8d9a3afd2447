"""Canonical values as JSON and back: versioned, strict, and exact.

The schemas are derived from the fields of the value classes, so that a new field is covered at once. Sums are told
apart by `type`. Exact means: every value comes back equal, 1 stays 1 and 1.0 stays 1.0, lone surrogates and integers
of any size survive. Two halves of a surrogate pair come back as the one character they mean. `Response.output` is
written as the JSON it amounts to, and comes back as that JSON: the class it was validated against is the caller's.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeVar

from pydantic_core import PydanticSerializationError, SchemaSerializer, SchemaValidator, ValidationError, from_json
from pydantic_core import core_schema as cs

from offramp import types as values
from offramp._core_schema import Definitions, facts_of, schema_of
from offramp.errors import ConfigurationError, ProviderError, StateError
from offramp.types import JsonObject

SCHEMA: Final = "offramp/1"
"""The version that this release writes and reads."""

_REPLACEMENT: Final = "\ufffd".encode()
# pydantic-core refuses a lone surrogate in a text but writes one in an object's key as the replacement character
# (2.50.4, seen 2026-11-23). Where that character turns up, genuine or not, the slow way writes the value.

_T = TypeVar("_T")

_CONFIG: Final = cs.CoreConfig(hide_input_in_errors=True, ser_json_inf_nan="constants")


def dump(value: object) -> bytes:
    """The value as JSON within an envelope that names its version and type.

    Raises:
        ConfigurationError: it is no value of ours, or something in it is not JSON.
    """
    cls: Any = type(value)
    name = cls.__name__
    try:
        body = _serializer(cls).to_json(value, warnings="error")
    except (PydanticSerializationError, UnicodeEncodeError):
        body = _dump_slowly(cls, value)
    if _REPLACEMENT in body:
        body = _dump_slowly(cls, value)
    return b'{"schema":"%b","type":"%b","value":%b}' % (SCHEMA.encode(), name.encode(), body)


def _dump_slowly(cls: Any, value: object) -> bytes:
    """Through Python's own encoder, which takes the lone surrogates and the depth that the fast one refuses."""
    try:
        body = json.dumps(value, default=_plain, separators=(",", ":"))
        _validator(cls).validate_python(json.loads(body))
    except (TypeError, ValueError, RecursionError):
        # Not chained: the underlying text may quote the value, which may be a prompt.
        raise ConfigurationError(f"something in this {cls.__name__} cannot be written as JSON") from None
    return body.encode()


def _plain(value: Any) -> Any:
    from pydantic import BaseModel  # heavy, and needed for outputs only

    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, ProviderError):
        return facts_of(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError


def load(cls: type[_T], data: bytes | str, *, where: str | None = None) -> _T:
    """Read a value that `dump` wrote.

    Args:
        cls: the value class expected.
        data: the JSON text.
        where: what an error names as its place, such as a file.

    Raises:
        StateError: not JSON, another version or type, an unknown or missing key, a wrong type. It quotes nothing.
    """
    place = where or f"the JSON form of {cls.__name__}"
    envelope = _parsed(data, place)
    if not _is_envelope(envelope):
        raise StateError('not an object of "schema", "type" and "value"', where=place)
    if envelope["schema"] != SCHEMA:
        raise StateError("written in another version", where=place, mend=f"this release reads {SCHEMA} only")
    if envelope["type"] != cls.__name__:
        raise StateError(f"another type than {cls.__name__}", where=place)
    return from_python(cls, envelope["value"], where=place)


def _is_envelope(form: Any) -> bool:
    return isinstance(form, dict) and form.keys() == {"schema", "type", "value"}  # pyright: ignore[reportUnknownMemberType]  # JSON of anybody's


def from_python(cls: type[_T], value: object, *, where: str | None = None) -> _T:
    """A value from its JSON form without the envelope, already parsed.

    Raises:
        StateError: as `load`.
    """
    key: Any = cls
    try:
        made: _T = _validator(key).validate_python(value)
    except ValidationError as error:
        raise StateError(_complaint(error, value), where=where or f"the JSON form of {cls.__name__}") from error
    return made


def to_python(value: object) -> Any:
    """The JSON form without the envelope, as dicts, lists and scalars.

    Raises:
        ConfigurationError: as `dump`.
    """
    return _parsed(dump(value), type(value).__name__)["value"]


def json_schema(*more: type[Any]) -> JsonObject:
    """The JSON Schema (2020-12) of every value, by name under `$defs`, each as the `value` of its envelope.

    Args:
        more: further value classes, such as a ledger's `Record`.
    """
    from pydantic.json_schema import GenerateJsonSchema  # heavy, and needed for publication only

    definitions: Definitions = {}
    for cls in (*_value_classes(), *more):
        schema_of(cls, definitions)
    every = cs.union_schema([cs.definition_reference_schema(name) for name in definitions])
    schema = GenerateJsonSchema().generate(cs.definitions_schema(every, list(definitions.values())))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA, **schema}


def _value_classes() -> Iterable[type[Any]]:
    exported = (getattr(values, name) for name in values.__all__)
    return [one for one in exported if isinstance(one, type) and dataclasses.is_dataclass(one)]


def _parsed(data: bytes | str, place: str) -> Any:
    try:
        return from_json(data)
    except ValueError:
        pass  # a lone surrogate, or more nesting than the fast reader takes; Python's own reader takes both
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise StateError("not JSON", where=place) from None  # not chained: the text quotes the data


_COMPLAINTS: Final[Mapping[str, str]] = {
    "unexpected_keyword_argument": "is not a key of it",
    "extra_forbidden": "is not a key of it",
    "missing": "is missing",
    "union_tag_invalid": "has a type that this release does not know",
    "union_tag_not_found": "has no type",
    "literal_error": "is none of the words allowed there",
    "enum": "is none of the words allowed there",
}


def _complaint(error: ValidationError, value: object) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{_path(first['loc'], value)} {_COMPLAINTS.get(first['type'], 'is of the wrong type')}"


def _path(location: tuple[int | str, ...], value: Any) -> str:
    """The path in our words; the tag that the validator names on entering a sum is left out."""
    path, entered = "value", True
    for step in location:
        if not entered and isinstance(value, dict) and value.get("type") == step:  # pyright: ignore[reportUnknownMemberType]
            entered = True
            continue
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
        value = _inner(value, step)
        entered = False
    return path


def _inner(value: Any, step: int | str) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _core_schema(cls: Any) -> cs.CoreSchema:
    definitions: Definitions = {}
    top = schema_of(cls, definitions)
    return cs.definitions_schema(top, list(definitions.values()))


@cache
def _validator(cls: Any) -> SchemaValidator:
    return SchemaValidator(_core_schema(cls), _CONFIG)


@cache
def _serializer(cls: Any) -> SchemaSerializer:
    if not dataclasses.is_dataclass(cls):
        raise ConfigurationError(f"{cls.__name__} is not a value of Offramp's")
    return SchemaSerializer(_core_schema(cls), _CONFIG)
