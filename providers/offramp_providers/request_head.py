"""The header fields of a request, as HTTP/1.1 has them: what both transports refuse before they connect."""

import re
from collections.abc import Mapping
from itertools import starmap
from typing import Final

_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers that say where a request goes and where it ends: a second word on that could smuggle another request in."""

_FIELDS: Final = re.compile(r"(?:[-!#$%&'*+.^_`|~0-9a-zA-Z]+: [^\r\n\0]*\r\n)*")


def fields_of(headers: Mapping[str, str]) -> str:
    """The lines of these headers.

    Raises:
        ValueError: a header cannot be written, or is none of the sender's. The text quotes nothing.
    """
    fields = "".join(starmap("{}: {}\r\n".format, headers.items()))
    well_formed = _FIELDS.fullmatch(fields) is not None and fields.count("\n") == len(headers)
    if not well_formed or not _FRAMING.isdisjoint(map(str.lower, headers)):
        raise ValueError("a header cannot be written")
    return fields
