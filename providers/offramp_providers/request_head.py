"""The header fields of a request, as HTTP/1.1 has them: what both transports refuse before they connect."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from offramp_providers.fixed_headers import FixedHeaders

_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers that say where a request goes and where it ends: a second word on that could smuggle another request in."""

_NAME: Final = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+").fullmatch


def fields_of(headers: Mapping[str, str]) -> str:
    """The lines of these headers.

    Raises:
        ValueError: a header cannot be written, or is none of the sender's. The text quotes nothing.
    """
    if type(headers) is not FixedHeaders:
        return _written(headers)
    if headers.fields is None:
        headers.fields = _written(headers)
    return headers.fields


def _written(headers: Mapping[str, str]) -> str:
    count = len(headers)
    fields = "".join([f"{name}: {content}\r\n" for name, content in headers.items()])
    # Each line ends once. One end more, and a content would begin a line of its own.
    well_formed = fields.count("\r") == fields.count("\n") == count and "\0" not in fields
    if not well_formed or not _are_ours(tuple(headers)):
        raise ValueError("a header cannot be written")
    return fields


@lru_cache(maxsize=256)
def _are_ours(names: tuple[str, ...]) -> bool:
    """Whether a sender may write headers of these names. The same few stand in every request."""
    return all(map(_NAME, names)) and _FRAMING.isdisjoint(map(str.lower, names))
