"""The types into which the server reads a request. It ignores fields that they lack, and takes null for any of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, Final

from offramp_providers.emulator.json_values import is_list, is_number, is_object
from offramp_providers.emulator.shapes import Check, Fault, anything, boolean, integer, items, nullable, record, text


def _open(**fields: Check) -> Check:
    return nullable(record({key: nullable(check) for key, check in fields.items()}, closed=False))


def _bytes(found: Any, path: str) -> Iterator[Fault]:
    """Base64 in the standard alphabet, with its padding."""
    try:
        base64.b64decode(found, validate=True)
    except (TypeError, ValueError, binascii.Error):
        yield Fault(path, "illegal base64 data")


def _object(found: Any, path: str) -> Iterator[Fault]:
    if not is_object(found):
        yield Fault(path, "must be an object")


def _word_or_words(found: Any, path: str) -> Iterator[Fault]:
    if not isinstance(found, str):
        yield from items(text())(found, path)


def _seconds_or_duration(found: Any, path: str) -> Iterator[Fault]:
    if not is_number(found):
        yield from text(pattern=r"[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+")(found, path)


def _switch_or_level(found: Any, path: str) -> Iterator[Fault]:
    if not isinstance(found, bool | str):
        yield Fault(path, "must be a boolean or string")


_CALL: Final = _open(
    id=text(), function=_open(index=integer, name=text(), arguments=_object)
)  # as the server's own struct has it
_MESSAGE: Final = _open(
    role=text(),
    content=text(),
    thinking=text(),
    images=items(_bytes),
    videos=items(_bytes),
    tool_calls=items(_CALL),
    tool_name=text(),
    tool_call_id=text(),
)


def _properties(found: Any, path: str) -> Iterator[Fault]:
    yield from _object(found, path)
    for name, each in found.items() if is_object(found) else ():
        yield from _property(each, f"{path}.{name}")


def _property(found: Any, path: str) -> Iterator[Fault]:
    yield from _open(
        anyOf=items(_property),
        type=_word_or_words,
        description=text(),
        enum=items(anything),
        properties=_properties,
        required=items(text()),
    )(found, path)


_PARAMETERS: Final = _open(type=text(), required=items(text()), properties=_properties)
_TOOL: Final = _open(type=text(), function=_open(name=text(), description=text(), parameters=_PARAMETERS))

BODY: Final[Check] = _open(
    model=text(),
    messages=items(_MESSAGE),
    stream=boolean,
    keep_alive=_seconds_or_duration,
    tools=items(_TOOL),
    options=_object,
    think=_switch_or_level,
    truncate=boolean,
    shift=boolean,
    logprobs=boolean,
    top_logprobs=integer,
)
"""All of a request, but for the values of its options and its format."""

_WHOLE: Final = ("num_keep", "seed", "num_predict", "top_k", "repeat_last_n", "num_ctx", "num_batch", "num_gpu")
_DECIMAL: Final = ("top_p", "min_p", "typical_p", "temperature", "repeat_penalty", "presence_penalty")


def _number(found: Any, path: str) -> Iterator[Fault]:
    if not is_number(found):
        yield Fault(path, "must be of type integer or float32")


def _words(found: Any, path: str) -> Iterator[Fault]:
    if not is_list(found) or not all(isinstance(each, str) for each in found):
        yield Fault(path, "must be of an array of strings")


OPTIONS: Final[Mapping[str, Check]] = {
    **dict.fromkeys((*_WHOLE, *_DECIMAL, "frequency_penalty", "main_gpu", "num_thread"), nullable(_number)),
    "stop": nullable(_words),
    "use_mmap": nullable(boolean),
}
"""Options by name; the server passes over others with a line in its log."""
