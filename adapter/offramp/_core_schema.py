"""Validation schemas derived from the fields of value classes: what `json_form` reads and writes by."""

import dataclasses
import types
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic_core import core_schema as cs

from offramp.errors import ProviderError, ProviderErrorKind

Definitions: TypeAlias = dict[str, cs.CoreSchema]
"""Schemas of the value classes met so far, by class name; classes refer to each other through it."""


def schema_of(hint: Any, definitions: Definitions) -> cs.CoreSchema:
    """The schema of a field's type. Value classes are added to `definitions` and referred to."""
    if isinstance(hint, TypeVar) or hint is Any or hint is object:
        return cs.any_schema()
    if dataclasses.is_dataclass(hint) or dataclasses.is_dataclass(get_origin(hint)):
        return _reference(get_origin(hint) or hint, definitions)
    if get_origin(hint) is not None:
        return _parametrised(hint, definitions)
    return _leaf(hint)


def _leaf(hint: Any) -> cs.CoreSchema:
    if hint is str:
        return cs.str_schema(strict=True)
    if hint is bool:
        return cs.bool_schema(strict=True)
    if hint is int:
        return cs.int_schema(strict=True)
    if hint is float:
        # A vendor's 1 stays 1, a 1.0 stays 1.0.
        return cs.union_schema([cs.int_schema(strict=True), cs.float_schema(strict=True)])
    if hint is datetime:
        return cs.datetime_schema(tz_constraint="aware")
    if hint is ProviderError:
        return _provider_error()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return cs.enum_schema(hint, list(hint), sub_type="int" if issubclass(hint, int) else "str")
    raise TypeError(f"no JSON form for fields of {hint!r}")


def _parametrised(hint: Any, definitions: Definitions) -> cs.CoreSchema:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return cs.literal_schema(list(arguments))
    if origin is tuple:
        return cs.tuple_variable_schema(schema_of(arguments[0], definitions))
    if origin in (dict, Mapping):
        return cs.dict_schema(cs.str_schema(strict=True), schema_of(arguments[1], definitions), strict=True)
    if origin in (Union, types.UnionType):
        return _sum(arguments, definitions)
    raise TypeError(f"no JSON form for fields of {hint!r}")


def _sum(members: tuple[Any, ...], definitions: Definitions) -> cs.CoreSchema:
    given = [one for one in members if one is not type(None)]
    if len(given) == 1:
        made = schema_of(given[0], definitions)
    elif all(dataclasses.is_dataclass(one) for one in given):
        made = cs.tagged_union_schema({_tag(one): schema_of(one, definitions) for one in given}, "type")
    else:
        made = cs.union_schema([schema_of(one, definitions) for one in given])
    return made if len(given) == len(members) else cs.nullable_schema(made)


def _tag(cls: Any) -> str:
    tag: str = get_args(get_type_hints(cls)["type"])[0]
    return tag


def _reference(cls: Any, definitions: Definitions) -> cs.CoreSchema:
    name: str = cls.__name__
    if name not in definitions:
        definitions[name] = cs.any_schema()  # stands in while the class is being walked: parts hold parts
        definitions[name] = _dataclass(cls, definitions)
    return cs.definition_reference_schema(name)


def _dataclass(cls: Any, definitions: Definitions) -> cs.CoreSchema:
    hints = get_type_hints(cls)
    fields = [_field(one, schema_of(hints[one.name], definitions)) for one in dataclasses.fields(cls)]
    names = [one.name for one in dataclasses.fields(cls)]
    arguments = cs.dataclass_args_schema(cls.__name__, fields, extra_behavior="forbid")
    return cs.dataclass_schema(cls, arguments, names, ref=cls.__name__, slots=True)


def _field(field: "dataclasses.Field[Any]", schema: cs.CoreSchema) -> cs.DataclassField:
    if field.default is not dataclasses.MISSING:
        schema = cs.with_default_schema(schema, default=field.default)
    elif field.default_factory is not dataclasses.MISSING:
        schema = cs.with_default_schema(schema, default_factory=field.default_factory)
    return cs.dataclass_field(field.name, schema, kw_only=bool(field.kw_only))


def _provider_error() -> cs.CoreSchema:
    """An error is no value class: its facts stand in an object of their own."""
    text, maybe = cs.str_schema(strict=True), cs.nullable_schema(cs.str_schema(strict=True))
    facts = cs.typed_dict_schema(
        {
            "what": cs.typed_dict_field(text),
            "kind": cs.typed_dict_field(cs.enum_schema(ProviderErrorKind, list(ProviderErrorKind), sub_type="str")),
            "status": cs.typed_dict_field(cs.nullable_schema(cs.int_schema(strict=True))),
            "vendor_code": cs.typed_dict_field(maybe),
            "request_id": cs.typed_dict_field(maybe),
            "retry_after_s": cs.typed_dict_field(cs.nullable_schema(_leaf(float))),
            "phase": cs.typed_dict_field(cs.literal_schema(["before_first_output", "mid_stream"])),
            "endpoint": cs.typed_dict_field(maybe),
            "body": cs.typed_dict_field(cs.any_schema()),
            "mend": cs.typed_dict_field(maybe),
            "answered_by": cs.typed_dict_field(cs.literal_schema(["vendor", "proxy", "page"]), required=False),
        },
        extra_behavior="forbid",
    )
    serialization = cs.plain_serializer_function_ser_schema(facts_of, return_schema=facts)
    return cs.no_info_after_validator_function(_error_of, facts, serialization=serialization)


def facts_of(error: ProviderError) -> dict[str, Any]:
    """All that an error says, by name."""
    names = (
        "what",
        "kind",
        "status",
        "vendor_code",
        "request_id",
        "retry_after_s",
        "phase",
        "endpoint",
        "body",
        "mend",
        "answered_by",
    )
    return {name: getattr(error, name) for name in names}


def _error_of(facts: dict[str, Any]) -> ProviderError:
    return ProviderError(**facts)
