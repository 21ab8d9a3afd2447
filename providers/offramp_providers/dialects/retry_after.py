"""How long a vendor asks us to wait, as its headers say it. No clock is read: a date counts from the answer's own."""

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `retry-after` (seconds, or an HTTP date); None where none can be read.

    Args:
        headers: lower-case names.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds:
        return milliseconds / 1000
    # The finer header wins, unless it asks for no wait at all.
    seconds = _seconds(headers)
    return milliseconds if seconds is None else seconds


def _seconds(headers: Mapping[str, str]) -> float | None:
    stated = headers.get("retry-after")
    seconds = _number(stated)
    if seconds is not None:
        return seconds
    until, sent = _date(stated), _date(headers.get("date"))
    return max(0.0, (until - sent).total_seconds()) if until is not None and sent is not None else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    # A date without a zone cannot be compared with one that has it.
    return moment if moment.tzinfo is not None else None


def spell_seconds(seconds: float) -> str:
    """The seconds as a server writes them in `retry-after`, to the millisecond."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")
