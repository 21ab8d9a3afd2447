"""A few words of what went over the wire, for findings only, and without what may be a secret."""

import re
from typing import Final

MOST: Final = 300
"""Characters of an excerpt."""

_READ: Final = 8 * MOST
"""Bytes that are looked at."""

_MASKS: Final = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "[address]"),
    (re.compile(r"\b(?:sk|pk|key|tok|ghp|xox\w?|AKIA|ASIA|eyJ)[-_A-Za-z0-9.]{8,}"), "[secret]"),
    (re.compile(r"[A-Za-z0-9+/_=-]{28,}"), "[…]"),
)


def excerpt(body: bytes, secret: str | None = None) -> str | None:
    """The beginning of a body, on one line. None: there is no body.

    Args:
        body: as sent or received.
        secret: the endpoint's key, in case that the vendor repeats it.
    """
    if not body:
        return None
    text = " ".join(body[:_READ].decode("utf-8", "replace").split())
    if secret:
        # A key that the cut has halved would not be found.
        text = text if len(body) <= _READ else text[: -len(secret)]
        text = text.replace(secret, "[secret]")
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return text if len(text) <= MOST else f"{text[:MOST]}…"
