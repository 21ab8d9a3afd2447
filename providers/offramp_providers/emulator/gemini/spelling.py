"""The vendor reads both spellings of its names, and takes null for nothing, as protobuf's JSON does."""

from __future__ import annotations

import re
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_list, is_object

_FREE: Final = ("args", "response", "parametersJsonSchema", "responseJsonSchema", "partialArgs")
"""Below these stand the application's own names."""
_NAMED: Final = ("properties", "defs", "$defs")
"""Objects whose keys are the application's, and whose values are the vendor's again."""
_REPEATED: Final = ("contents", "tools", "parts", "functionDeclarations", "safetySettings")
"""Lists, for which a single value is taken too."""


def plain(body: JsonObject) -> JsonObject:
    """The body in one spelling."""
    found: JsonObject = {}
    for key, content in body.items():
        name = re.sub(r"_([a-z])", lambda letter: letter[1].upper(), key)
        if content is None:
            continue
        if name in _FREE:
            found[name] = content
        elif name in _NAMED and is_object(content):
            found[name] = {each: _plain(below) for each, below in content.items()}
        else:
            made = _plain(content)
            found[name] = [made] if name in _REPEATED and is_object(made) else made
    return found


def _plain(content: Any) -> Any:
    if is_object(content):
        return plain(content)
    return [_plain(each) for each in content] if is_list(content) else content
