"""Where an endpoint's requests go, and what stands at their head: address, standing headers, credentials."""

from collections.abc import Mapping
from typing import Final, assert_never

from offramp.contracts.dialect import EncodedRequest
from offramp.contracts.endpoint import Endpoint
from offramp.errors import ConfigurationError
from offramp_providers.fixed_headers import FixedHeaders
from offramp_providers.origin_guard import CREDENTIAL_HEADERS
from offramp_providers.sigv4 import Signer

_WHOLE: Final[Mapping[str, str]] = {"accept": "application/json", "accept-encoding": "gzip, deflate"}

_MOST_PATHS: Final = 64  # an endpoint has one or two


class Addressing:
    """Addresses and headers of one endpoint's requests."""

    def __init__(self, endpoint: Endpoint, *, dialect: str, streams_as: str, signer: Signer | None) -> None:
        """Read nothing yet.

        Args:
            endpoint: whom the requests are for.
            dialect: name of what encodes them.
            streams_as: media type of a stream.
            signer: signs them when they leave, where that is asked for.
        """
        self._endpoint = endpoint
        self._dialect = dialect
        self._streams_as = streams_as
        self._signer = signer
        self._standing: dict[bool, Mapping[str, str]] = {}
        self._usual: dict[bool, tuple[dict[str, str], FixedHeaders]] = {}
        """What goes with a request that has no headers of its own, and the credential in it."""
        self._urls: dict[str, str] = {}

    def url(self, path: str) -> str:
        """The address of a path that the dialect names."""
        known = self._urls.get(path)
        if known is None:
            known = self._url_of(path)
            if len(self._urls) < _MOST_PATHS:
                self._urls[path] = known
        return known

    def _url_of(self, path: str) -> str:
        if not path.startswith("/"):
            raise ConfigurationError(f"the dialect {self._dialect} gave a path without a leading slash")
        base, mark, query = self._endpoint.base_url.partition("?")
        return base.rstrip("/") + path + ("&" if mark and "?" in path else mark) + query

    def headers(self, encoded: EncodedRequest, *, streams: bool) -> dict[str, str]:
        """What stands at the head of a request."""
        credential = self._credential()
        if encoded.headers:
            return {**self._standing_headers(streams=streams), **self._without_secrets(encoded.headers), **credential}
        usual = self._usual.get(streams)
        if usual is None or usual[0] != credential:
            whole = FixedHeaders({**self._standing_headers(streams=streams), **credential})
            usual = self._usual[streams] = (credential, whole)
        return usual[1]

    def _credential(self) -> dict[str, str]:
        """The header that holds the secret, as it is now; none where there is no secret."""
        auth = self._endpoint.profile.auth
        match auth:
            case "bearer":
                return {"authorization": f"Bearer {self._key()}"}
            case "bearer-optional":
                return {"authorization": f"Bearer {self._key()}"} if self._endpoint.key() else {}
            case "x-api-key" | "api-key" | "x-goog-api-key":
                return {auth: self._key()}
            case "sigv4":
                # A signature holds the time, and is made when the request leaves.
                bearer = None if self._signer is None else self._signer.bearer()
                return {} if bearer is None else {"authorization": f"Bearer {bearer}"}
            case "none":
                return {}
            case _:
                assert_never(auth)

    def _standing_headers(self, *, streams: bool) -> Mapping[str, str]:
        """What goes with every request: ours, and on top the profile's."""
        standing = self._standing.get(streams)
        if standing is None:
            # Compression would hold a stream's events back until a block is full.
            accepted = {"accept": self._streams_as, "accept-encoding": "identity"} if streams else _WHOLE
            own = {"content-type": "application/json", "user-agent": "offramp", **accepted}
            standing = self._standing[streams] = own | self._without_secrets(self._endpoint.profile.headers)
        return standing

    def _without_secrets(self, headers: Mapping[str, str]) -> dict[str, str]:
        lowered = {name.lower(): content for name, content in headers.items()}
        for name in CREDENTIAL_HEADERS.intersection(lowered):
            raise ConfigurationError(
                f"the header {name} holds a secret and is written from the endpoint's key only",
                where=self._endpoint.identity.endpoint,
            )
        return lowered

    def _key(self) -> str:
        key = self._endpoint.key()
        where = self._endpoint.identity.endpoint
        if not key:
            raise ConfigurationError("its key is missing", where=where, mend="put it where the endpoint's `key` says")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise ConfigurationError(
                "its key holds characters that no key has",
                where=where,
                mend="look for a line end or a space where the endpoint's `key` is kept",
            )
        return key
