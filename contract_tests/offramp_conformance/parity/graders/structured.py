"""The grader of JSON answers: a schema, given values, or both."""

import importlib
import re
from typing import Any, Final

from pydantic_core import from_json

from offramp.errors import MissingExtraError
from offramp.types import JsonObject
from offramp_conformance.parity.graders.grade import PASSED, Grade, Ungraded, failed
from offramp_conformance.parity.graders.json_values import holds
from offramp_conformance.parity.graders.specs import Structured

_FENCE: Final = re.compile(r"\A\s*```[a-zA-Z]*\s*\n(.*?)\n?```\s*\Z", re.DOTALL)


def grade_structured(spec: Structured, text: str) -> Grade:
    """Parse, hold to the schema, then to the values."""
    fence = _FENCE.match(text) if spec.fenced else None
    try:
        found: Any = from_json(fence.group(1) if fence else text, allow_inf_nan=False)
    except ValueError:
        return failed("not JSON")
    if spec.schema is not None and (fault := fault_of(spec.schema, found)) is not None:
        return failed(f"the schema's {fault} is not met")
    if spec.contains is not None and not holds(found, spec.contains):
        return failed("an expected value is missing or another")
    return PASSED


def fault_of(schema: JsonObject, found: Any) -> str | None:
    """The keyword that is not met; None where all are. By `jsonschema`, which shares no code with the library.

    Raises:
        Ungraded: the schema refers to another document, which is never fetched.
        MissingExtraError: `jsonschema` is not installed.
    """
    try:
        validators: Any = importlib.import_module("jsonschema")
        referencing: Any = importlib.import_module("referencing")
    except ImportError as error:
        raise MissingExtraError("conformance", needed_for="a grader that holds answers to a schema") from error
    judge = validators.Draft202012Validator(schema, registry=referencing.Registry())
    try:
        fault = next(iter(judge.iter_errors(found)), None)
    except referencing.exceptions.Unresolvable as error:
        raise Ungraded("the schema refers to another document") from error
    return None if fault is None else str(fault.validator)
