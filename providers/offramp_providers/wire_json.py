"""The one hardened JSON decoder and dumper for what goes over a wire.

A number too large for a float arrives as infinity (the parser does so); dumping it is then refused.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn, TypeGuard, cast

from pydantic_core import PydanticSerializationError, from_json, to_json

from offramp.errors import ConfigurationError, ProviderError, ProviderErrorKind
from offramp.types import JsonMapping, JsonObject
from offramp_providers.written import Written, holds_written

MAX_JSON_BYTES: Final = 64 * 1024 * 1024
"""More than any vendor's documented answer; a guard against memory exhaustion."""
MAX_DEPTH: Final = 201
"""Arrays and objects within each other: the parser's own bound (pydantic_core 2.50, seen 2026-11-26; one less where
objects are the innermost). To count brackets beside it takes half as long as to parse."""


def decode_json(raw: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """The JSON value in these bytes. Of a repeated key the last one counts; lone surrogates survive.

    Args:
        raw: UTF-8.
        max_bytes: refuse more.

    Raises:
        ProviderError: `too_large`, or `malformed`: no JSON, not UTF-8, NaN or infinity, nested too deeply.
    """
    if len(raw) > max_bytes:
        raise ProviderError(f"JSON of more than {max_bytes} bytes", kind=ProviderErrorKind.TOO_LARGE)
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        return _decode_surrogates(raw, error)


def _decode_surrogates(raw: bytes, first: ValueError) -> Any:
    """Decode text with half of a UTF-16 pair, which vendors send and pydantic_core refuses."""
    if rb"\u" not in raw:
        raise _malformed(str(first)) from first
    try:
        decoded = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise _malformed(f"it is not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise _malformed("it nests too deeply") from error
    except ValueError as error:
        raise _malformed(str(error)) from error
    if _is_deeper(decoded, MAX_DEPTH):
        raise _malformed("it nests too deeply")
    return decoded


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _malformed(why: str) -> ProviderError:
    # The parsers name a position, never the text there.
    return ProviderError(f"the vendor's JSON cannot be read: {why}", kind=ProviderErrorKind.MALFORMED)


def _is_deeper(root: Any, bound: int) -> bool:
    level = [root]
    for _ in range(bound + 1):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Any) -> Iterable[Any]:
    """What an array or object holds; of an empty one, a leaf that stands for its own level."""
    kind = cast("type[object]", type(node))
    if kind is dict:
        return node.values() or (None,)
    if kind is list:
        return node or (None,)
    return ()


def is_json_object(decoded: object) -> TypeGuard[JsonObject]:
    """Whether a decoded value is an object. Its keys are texts then."""
    return type(decoded) is dict


def dump_json(content: JsonMapping) -> bytes:
    """Compact UTF-8 JSON. Integers and floats keep their kind; lone surrogates are written as escapes.

    Raises:
        ConfigurationError: NaN, infinity, or something that is no JSON value.
    """
    lists = [key for key, each in content.items() if holds_written(each)]
    if lists:
        return _dump_with_written(content, lists)
    try:
        dumped = to_json(content)
    except (PydanticSerializationError, ValueError):
        return _dump_exactly(content)
    # pydantic_core writes these as bare words, which are no JSON; they may as well stand in a text. The one letter is
    # found, or most often not found, ten times as fast.
    if (b"N" in dumped and b"NaN" in dumped) or (b"I" in dumped and b"Infinity" in dumped):
        _dump_exactly(content)
    return dumped


def _dump_with_written(content: JsonMapping, lists: Sequence[str]) -> bytes:
    """Put the text of messages that were written before in its place, and dump the rest."""
    rest = {key: each for key, each in content.items() if key not in lists}
    pieces = [dump_json(rest)[:-1]]
    for key in lists:
        items = b",".join([each.json if type(each) is Written else dump_json(each) for each in content[key]])
        pieces += (b"," if rest or len(pieces) > 1 else b"", to_json(key), b":[", items, b"]")
    pieces.append(b"}")
    return b"".join(pieces)  # at once: a long history is copied no more often than it must be


def _dump_exactly(content: JsonMapping) -> bytes:
    try:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"the request cannot be written as JSON ({type(error).__name__})",
            mend="give only text, finite numbers, booleans, null, lists and string-keyed objects",
        ) from error
