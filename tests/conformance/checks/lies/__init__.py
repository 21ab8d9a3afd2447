"""For each check a lie that it has to refute: as small as can be, and about what the check looks at alone."""

from collections.abc import Mapping

from . import counts, failures, parameters, senses, serving, streaming, structured, tools, words
from .cases import Case
from .liars import LIARS

__all__ = ["LIARS", "LIES", "Case"]

_FILES = (words, parameters, streaming, tools, structured, senses, counts, failures, serving)

LIES: Mapping[str, Case] = {name: case for file in _FILES for name, case in file.LIES.items()}
