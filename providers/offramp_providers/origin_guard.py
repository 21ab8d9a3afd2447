"""Where a request's headers may go: their own origin only, under TLS where there is a key, and never by a redirect."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from offramp.contracts.transport import HttpRequest, Network
from offramp.errors import ConfigurationError, ProviderError, ProviderErrorKind
from offramp_providers.fixed_headers import FixedHeaders

if TYPE_CHECKING:
    from yarl import URL

CREDENTIAL_HEADERS: Final = frozenset(
    {
        *("authorization", "x-api-key", "api-key", "x-goog-api-key", "x-amz-security-token"),
        *("cookie", "proxy-authorization"),
    }
)
"""Headers that hold a secret, lower case."""

_MOST_REMEMBERED: Final = 1000  # URLs found to be allowed; a client has a few


class OriginGuard:
    """Judges URLs, and remembers those that it let pass."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._allowed: dict[tuple[str, str | None, bool], URL] = {}

    def allowed(self, request: HttpRequest, *, endpoint: str) -> "URL":
        """The URL as it will be connected to, once it may see the headers.

        Raises:
            ConfigurationError: it may not.
        """
        has_credential = _holds_credential(request.headers)
        asked = (request.url, request.origin, has_credential)
        url = self._allowed.get(asked)
        if url is None:
            url = self._judged(request, endpoint, has_credential=has_credential)
            if len(self._allowed) < _MOST_REMEMBERED:
                self._allowed[asked] = url
        return url

    def _judged(self, request: HttpRequest, where: str, *, has_credential: bool) -> "URL":
        from yarl import URL

        try:
            url = URL(request.url, encoded=True)
            own = url.origin()
            bound = own if request.origin is None else URL(request.origin).origin()
        except ValueError as error:
            raise ConfigurationError("the base_url is no URL", where=where, mend="write https://host/path") from error
        if url.scheme not in ("http", "https") or url.user is not None or url.password is not None:
            raise ConfigurationError(
                "the base_url is not plain http or https", where=where, mend="write https://host/path"
            )
        if own != bound:
            raise ConfigurationError(
                f"headers for {bound} would go to {own}", where=where, mend="keep the path under the base_url"
            )
        if self._network.proxy is not None:
            self._require_tls(url.scheme, where)
        elif self._network.unix_socket is not None:
            self._refuse_tls(url.scheme, where)
        elif url.scheme == "http" and has_credential:
            self._refuse_plain_http(url.host or "", where)
        return url

    def _refuse_plain_http(self, host: str, where: str) -> None:
        if not _is_loopback(host) and host not in self._network.plain_http_hosts:
            raise ConfigurationError(
                f"the key would go to {host} without TLS",
                where=where,
                mend="use https, or set allow_plain_http if the way there is safe",
            )

    def _require_tls(self, scheme: str, where: str) -> None:
        if scheme != "https":
            raise ConfigurationError(
                "the proxy would read along: what goes through it is under TLS, or not at all",
                where=where,
                mend="use https, or take the proxy away",
            )

    def _refuse_tls(self, scheme: str, where: str) -> None:
        if scheme != "http":
            raise ConfigurationError(
                "TLS is not spoken over a unix socket, which leaves this machine no more than its files do",
                where=where,
                mend="write base_url = http://localhost/path",
            )


def _holds_credential(headers: Mapping[str, str]) -> bool:
    if type(headers) is not FixedHeaders:
        return not CREDENTIAL_HEADERS.isdisjoint(map(str.lower, headers))
    if headers.has_credential is None:
        headers.has_credential = not CREDENTIAL_HEADERS.isdisjoint(map(str.lower, headers))
    return headers.has_credential


def refuse_redirect(status: int, location: str | None, *, endpoint: str) -> None:
    """Raise ProviderError where the answer sends us elsewhere; the error names the origin and no more of it."""
    if not 300 <= status < 400:
        return
    from yarl import URL

    try:
        there = str(URL(location or "").origin())
    except ValueError:
        there = "another path of the same host"
    raise ProviderError(
        f"it redirects (HTTP {status}) to {there}, and redirects are never followed",
        kind=ProviderErrorKind.MALFORMED,
        status=status,
        endpoint=endpoint,
        mend="set base_url to the final address, if that is where the data may go",
    )


def joined_headers(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Lower-case names; repeated headers are joined as HTTP allows."""
    headers: dict[str, str] = {}
    for name, content in items:
        key = name.lower()
        headers[key] = f"{headers[key]}, {content}" if key in headers else content
    return headers


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
