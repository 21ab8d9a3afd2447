"""Web pages in place of an answer: a gateway, a filter or a sign-in page on the way gives them, and no vendor's API."""

from collections.abc import Mapping

from offramp.errors import ProviderError, ProviderErrorKind
from offramp_providers.dialects.retry_after import retry_after_s
from offramp_providers.dialects.statuses import kind_of_status

_TYPES = ("text/html", "application/xhtml+xml")
_TOLD_BY_STATUS = (413, 429)
"""What means the same whoever says it, besides failures of servers."""


def is_web_page(headers: Mapping[str, str]) -> bool:
    """Whether the answer says that it is one.

    Args:
        headers: lower-case names.
    """
    return headers.get("content-type", "").partition(";")[0].strip().lower() in _TYPES


def page_error(status: int, headers: Mapping[str, str], *, endpoint: str) -> ProviderError:
    """What a page with an error's status means.

    A refusal by a page may be a filter's decision on what was said, so it is not asked elsewhere.
    """
    passes = status >= 500 or status in _TOLD_BY_STATUS
    return ProviderError(
        f"a web page with status {status} came in place of the vendor's answer",
        kind=kind_of_status(status) if passes else ProviderErrorKind.MALFORMED,
        status=status,
        retry_after_s=retry_after_s(headers),
        endpoint=endpoint,
        mend="look for a filter, a gateway or a sign-in page on the way, and whether base_url is right",
        answered_by="page",
    )
