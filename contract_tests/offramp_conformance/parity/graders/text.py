"""Graders of an answer's text: exact, regex, numeric."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from offramp_conformance.parity.graders.grade import PASSED, Grade, failed
from offramp_conformance.parity.graders.specs import Exact, Normalisation, Numeric, Regex

_NUMBER: Final = re.compile(
    r"(?<![\w.,])[-+\u2212]?"  # no part of a word, a version or a number that is written otherwise
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
    r"(?!\w|[.,]\d)"
)


def _without_punctuation(text: str) -> str:
    return "".join(each for each in text if not unicodedata.category(each).startswith("P"))


_NORMALISED: Final[Mapping[Normalisation, Callable[[str], str]]] = {
    "trim": str.strip,
    "casefold": str.casefold,
    "collapse_whitespace": lambda text: re.sub(r"\s+", " ", text),
    "nfkc": lambda text: unicodedata.normalize("NFKC", text),
    "strip_punctuation": _without_punctuation,
}


def grade_exact(spec: Exact, text: str) -> Grade:
    """Character by character, after what is done to both."""
    found, expected = text, spec.expected
    for name in spec.normalise:
        found, expected = _NORMALISED[name](found), _NORMALISED[name](expected)
    return PASSED if found == expected else failed("another text")


def grade_regex(spec: Regex, text: str) -> Grade:
    """Somewhere in the text, or all of it."""
    pattern = re.compile(spec.pattern, re.IGNORECASE if spec.ignore_case else 0)
    found = pattern.search(text) if spec.match == "search" else pattern.fullmatch(text)
    return PASSED if found else failed("the pattern does not fit")


def grade_numeric(spec: Numeric, text: str) -> Grade:
    """A number in the text, be it written with commas at the thousands or with an exponent."""
    found = numbers_in(text)
    if not found:
        return failed("no number")
    if spec.which == "only" and len(found) > 1:
        return failed("more than one number")
    number = found[-1] if spec.which == "last" else found[0]
    near = abs(number - spec.expected) <= max(spec.absolute, spec.relative * abs(spec.expected))
    return PASSED if near else failed("a number too far off")


def numbers_in(text: str) -> list[float]:
    """Every finite number that stands by itself."""
    found = (float(each.replace(",", "").replace("\u2212", "-")) for each in _NUMBER.findall(text))
    return [each for each in found if math.isfinite(each)]
