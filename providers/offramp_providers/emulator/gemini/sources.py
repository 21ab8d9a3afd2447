"""The documents that the rules of this folder rest on."""

import re
from typing import Final

SDK: Final = "googleapis/python-genai, 2026-08-21"
FAQ: Final = "docs.apiyi.com thought-signature FAQ, 2026-10"
UNREAD: Final = "recalled, not read"

STAND_IN: Final = "skip_thought_signature_validator"
"""Taken in place of a signature that a call never had."""

_PATH: Final = re.compile(r"/v1(?:beta)?/models/([^/:]+):(generateContent|streamGenerateContent|countTokens)")


def model_and_method(path: str) -> tuple[str, str] | None:
    """What a path names; None where it is another."""
    found = _PATH.fullmatch(path.partition("?")[0])
    return None if found is None else (found[1], found[2])


def signs_calls(model: str) -> bool:
    """Whether the model demands signatures on its calls: Gemini 3 and later do."""
    found = re.match(r"gemini-(\d+)", model)
    return found is not None and int(found[1]) >= 3
