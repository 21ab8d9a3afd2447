"""The grader that is a Python function of the user's."""

import importlib
import math
from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar, cast

from offramp.errors import ConfigurationError
from offramp.types import AnyResponse
from offramp_conformance.parity.graders.grade import Grade, Ungraded
from offramp_conformance.parity.graders.specs import Function

GraderFunction: TypeAlias = Callable[[AnyResponse], bool | float]
"""Takes the answer; gives True or False, or a score from 0 to 1."""

_F = TypeVar("_F", bound=GraderFunction)
_MARK: Final = "__offramp_grader__"


def grader(function: _F) -> _F:
    """Mark a function as a grader. A golden set can name no other: it must not reach `os:system` with an answer."""
    setattr(function, _MARK, True)
    return function


def resolve(spec: Function) -> GraderFunction:
    """The function that the entry names.

    Raises:
        ConfigurationError: there is no such module or function, or it is not marked.
    """
    module, _, name = spec.entry.partition(":")
    where = f"grader {spec.entry}"
    try:
        found: Any = getattr(importlib.import_module(module), name, None)
    except (ImportError, ValueError) as error:
        raise ConfigurationError("there is no such module", where=where, mend="write module:function") from error
    if not callable(found):
        raise ConfigurationError("there is no such function", where=where, mend="write module:function")
    if not getattr(found, _MARK, False):
        raise ConfigurationError(
            "the function is not marked as a grader",
            where=where,
            mend="put @grader of offramp_conformance.parity before it",
        )
    return cast("GraderFunction", found)


def grade_function(spec: Function, response: AnyResponse) -> Grade:
    """Raises Ungraded where the function raises, or gives no score."""
    function = resolve(spec)
    try:
        score = float(function(response))
    except Exception as error:  # noqa: BLE001  # the function is anybody's, and what it raises may quote the answer
        raise Ungraded(f"{spec.entry} raised {type(error).__name__}") from None
    if math.isnan(score) or not 0 <= score <= 1:
        raise Ungraded(f"{spec.entry} gave no score from 0 to 1")
    return Grade(score, None if score == 1.0 else f"{spec.entry} gave less than 1")
