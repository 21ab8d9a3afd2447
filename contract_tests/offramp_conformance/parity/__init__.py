"""Parity: is the new vendor as good as the old one was, on the mission's own golden set?

The names below are all that others need. What computes is loaded when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Final

from offramp.errors import MissingExtraError
from offramp_conformance.parity.asking import Asks, Question
from offramp_conformance.parity.golden_file import load_golden_set
from offramp_conformance.parity.golden_set import Case, GoldenSet
from offramp_conformance.parity.golden_tables import golden_set_schema
from offramp_conformance.parity.graders.function import grader
from offramp_conformance.parity.plan import ParityPlan

if TYPE_CHECKING:
    from offramp_conformance.parity.comparison import compare, questions_at_most
    from offramp_conformance.parity.report import ParityReport, read_report, report_schema

__all__ = [
    "Asks",
    "Case",
    "GoldenSet",
    "ParityPlan",
    "ParityReport",
    "Question",
    "compare",
    "golden_set_schema",
    "grader",
    "load_golden_set",
    "questions_at_most",
    "read_report",
    "report_schema",
]

_HOMES: Final = {
    "ParityReport": "report",
    "compare": "comparison",
    "questions_at_most": "comparison",
    "read_report": "report",
    "report_schema": "report",
}


def __getattr__(name: str) -> object:
    """Load numpy and scipy with the first name that needs them. Raises MissingExtraError."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        raise MissingExtraError("conformance", needed_for="the conformance suite") from error
    return getattr(home, name)
