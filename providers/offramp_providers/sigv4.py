"""AWS's signature (version 4) on a finished request, made by botocore. It is imported at the first signature only.

The access key is the endpoint's own: nothing is taken from the environment, from profiles or from the machine's role,
unless the configuration names a command that does so.
"""

import re
from dataclasses import field, replace
from importlib import import_module
from typing import Any, Final

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.transport import HttpRequest
from offramp.errors import ConfigurationError, MissingExtraError, ProviderError
from offramp.types import value
from offramp_providers.wire_json import decode_json, is_json_object

_WORDS: Final = re.compile(r"[!-9;-~]+")
"""What may stand in a part of `ID:SECRET:TOKEN`."""


@value
class AccessKey:
    """Who signs."""

    key_id: str
    secret: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


class Signer:
    """Signs for one endpoint, at each attempt anew, since a signature holds the time."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Read nothing yet."""
        self._endpoint = endpoint
        self._where = endpoint.identity.endpoint
        self._botocore: tuple[Any, Any, Any] | None = None
        self._token: str | None = None
        """What was found to be a bearer token."""

    def bearer(self) -> str | None:
        """The key where it is a bearer token, which needs no signature; None where requests are to be signed.

        Raises:
            ConfigurationError: the key is missing or garbled, no region is given, or the extra is not installed.
        """
        text = self._text()
        if text == self._token:
            return text
        if self._access_key(text) is None:
            self._token = text
            return text
        self._scope()
        self._signing()
        return None

    def __call__(self, request: HttpRequest) -> HttpRequest:
        """The request with its signature; one that bears a token as it is."""
        if "authorization" in request.headers:
            return request
        key = self._access_key(self._text())
        if key is None:
            raise self._garbled("it has become another kind of key since the call was prepared")
        auth, requests, credentials = self._signing()
        # What a proxy may change on the way is left unsigned: the content's type is the one header that matters.
        signed = requests.AWSRequest(
            method=request.method,
            url=request.url,
            headers={"content-type": request.headers.get("content-type", "application/json")},
            data=request.body,
        )
        whom = credentials.ReadOnlyCredentials(key.key_id, key.secret, key.session_token)
        auth.SigV4Auth(whom, *self._scope()).add_auth(signed)
        made = {name.lower(): content for name, content in signed.headers.items()}
        return replace(request, headers={**request.headers, **made})

    def _scope(self) -> tuple[str, str]:
        """Service and region."""
        service, region = self._endpoint.profile.signing, self._endpoint.identity.region
        if service is None:
            raise ConfigurationError("its profile does not say what signatures are made for", where=self._where)
        if not region:
            raise ConfigurationError(
                "requests are signed for a region, and none is given",
                where=self._where,
                mend='add region = "…", such as us-east-1',
            )
        return service, region

    def _text(self) -> str:
        text = (self._endpoint.key() or "").strip()
        if not text:
            raise ConfigurationError("its key is missing", where=self._where, mend="give it by key.env or key.command")
        if not text.isascii():
            raise self._garbled("it holds characters that no key has")
        return text

    def _access_key(self, text: str) -> AccessKey | None:
        """The access key that the text holds; None where it is a bearer token."""
        if text.startswith("{"):
            return self._exported(text)
        parts = text.split(":")
        if not all(map(_WORDS.fullmatch, parts)):
            raise self._garbled("it holds characters that no key has")
        match parts:
            case [_]:
                return None
            case [key_id, secret]:
                return AccessKey(key_id, secret)
            case [key_id, secret, token]:
                return AccessKey(key_id, secret, token)
            case _:
                raise self._garbled("it has more than three parts")

    def _exported(self, text: str) -> AccessKey:
        """As `aws configure export-credentials` prints it."""
        try:
            found = decode_json(text.encode())
        except ProviderError:
            raise self._garbled("its JSON cannot be read") from None  # the parser's message is about a secret
        if not is_json_object(found):
            raise self._garbled("its JSON is no object")
        key_id, secret, token = (found.get(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
        if not (type(key_id) is str and type(secret) is str and type(token) in (str, type(None))):
            raise self._garbled("its JSON lacks AccessKeyId or SecretAccessKey")
        return AccessKey(key_id, secret, token)

    def _garbled(self, what: str) -> ConfigurationError:
        return ConfigurationError(
            f"its key cannot be used: {what}",
            where=self._where,
            mend="write ID:SECRET or ID:SECRET:TOKEN, or what `aws configure export-credentials` prints",
        )

    def _signing(self) -> tuple[Any, Any, Any]:
        if self._botocore is None:
            try:
                names = ("auth", "awsrequest", "credentials")
                auth, requests, credentials = (import_module(f"botocore.{name}") for name in names)
            except ImportError as error:
                raise MissingExtraError("bedrock", needed_for=f"{self._where}: signing with an access key") from error
            self._botocore = auth, requests, credentials
        return self._botocore
