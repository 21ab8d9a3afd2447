"""Hold JSON against a JSON Schema (2020-12, and what earlier drafts called otherwise): is there a fault, and where?

It judges answers, and is small on purpose. It reads no other document, and `format` describes, as the specification has
it. Keywords that it does not know are told by `unchecked`, never taken for met.
"""

from contextlib import closing
from typing import Any, Final

from offramp.errors import ConfigurationError
from offramp.json_schema.judge import Fault, Judge, Schema
from offramp.json_schema.keywords import keywords_of, unenforced
from offramp.json_schema.nulls import without_nulls

__all__ = ["Fault", "first_fault", "keywords_of", "unchecked", "unenforced", "without_nulls"]

_UNKNOWN: Final = frozenset({"unevaluatedItems", "unevaluatedProperties", "$dynamicRef", "$recursiveRef"})


def first_fault(schema: Schema, instance: Any) -> Fault | None:
    """The first place at which the instance does not fit; None where it fits.

    Raises:
        ConfigurationError: the schema itself is not sound.
    """
    try:
        with closing(Judge(schema).faults(schema, instance, "")) as found:
            return next(found, None)
    except (TypeError, AttributeError, KeyError, ValueError, ArithmeticError, RecursionError) as error:
        raise ConfigurationError(
            f"the JSON Schema is not sound ({type(error).__name__})",
            where="output",
            mend="check it against the specification of JSON Schema",
        ) from error


def unchecked(schema: Schema) -> tuple[str, ...]:
    """The keywords of the schema that hold an instance to something and are not checked, in alphabetical order."""
    return tuple(sorted(keywords_of(schema) & _UNKNOWN))
