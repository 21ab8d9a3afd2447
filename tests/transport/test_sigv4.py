"""Requests are signed with the endpoint's own access key, at each attempt, as AWS itself would sign them."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.scripted import scripted_endpoint
from offramp.contracts.transport import HttpRequest
from offramp.errors import ConfigurationError, MissingExtraError
from offramp.types import GenerateRequest, user
from offramp_providers import sigv4
from offramp_providers.http_provider import HttpProvider
from offramp_providers.sigv4 import Signer
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server
from support.tiny_dialect import TINY

pytest.importorskip("botocore.auth", reason="botocore is not installed")

KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ASK = GenerateRequest((user("private"),))


def endpoint(key: str | None = f"{KEY_ID}:{SECRET}", *, region: str | None = "us-east-1", url: str = "") -> Endpoint:
    made = scripted_endpoint(dialect="tiny", base_url=url or "https://bedrock-runtime.us-east-1.amazonaws.com")
    profile = replace(made.profile, auth="sigv4", signing="bedrock")
    return replace(made, profile=profile, key=lambda: key, identity=replace(made.identity, region=region))


def request(url: str = "https://example.amazonaws.com/", body: bytes = b"", **headers: str) -> HttpRequest:
    return HttpRequest(method="POST", url=url, headers=headers, body=body, origin=url)


def signature_of(request: HttpRequest, *, service: str, region: str, secret: str) -> str:
    """What AWS's own documentation of the algorithm comes to, written out without botocore."""
    told = dict(re.findall(r"(\w+)=([^,\s]+)", request.headers["authorization"]))
    url = urlsplit(request.url)
    present = {**request.headers, "host": url.netloc}
    names = told["SignedHeaders"].split(";")
    canonical = "\n".join(
        [
            request.method,
            quote(url.path, safe="/-_.~"),  # every service but S3 encodes the path once more
            url.query,
            *(f"{name}:{' '.join(present[name].split())}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    moment = present["x-amz-date"]
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for step in scope.split("/"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    assert told["Credential"].endswith(scope)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def signature_in(request: HttpRequest) -> str:
    return request.headers["authorization"].rpartition("Signature=")[2]


@given(
    st.sampled_from(
        ["us.amazon.nova-micro-v1%3A0", "m", "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx"]
    ),
    st.binary(max_size=50),
    st.sampled_from(["", ":tok/en+=="]),
)
def test_signature_is_what_the_algorithm_says(model: str, body: bytes, token: str):
    made = Signer(endpoint(f"{KEY_ID}:{SECRET}{token}"))(
        request(f"https://bedrock-runtime.us-east-1.amazonaws.com/model/{model}/converse", body, accept="*/*")
    )

    assert signature_in(made) == signature_of(made, service="bedrock", region="us-east-1", secret=SECRET)
    assert made.headers.get("x-amz-security-token", "") == token[1:]
    assert made.headers["accept"] == "*/*"  # what is not signed stays as it was


def test_signature_is_that_of_botocore_s_own_client(monkeypatch: pytest.MonkeyPatch):
    auth: Any = pytest.importorskip("botocore.auth")
    monkeypatch.setattr(auth, "get_current_datetime", lambda *_: datetime(2015, 8, 30, 12, 36, tzinfo=UTC))
    url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-micro-v1%3A0/converse"

    made = Signer(endpoint())(request(url, b"{}"))

    theirs = _sent_by_botocore(url, b"{}")
    assert made.headers["authorization"] == theirs["Authorization"]
    assert made.headers["x-amz-date"] == theirs["X-Amz-Date"] == "20150830T123600Z"


def _sent_by_botocore(url: str, body: bytes) -> Mapping[str, str]:
    auth: Any = pytest.importorskip("botocore.auth")
    requests: Any = pytest.importorskip("botocore.awsrequest")
    credentials: Any = pytest.importorskip("botocore.credentials")
    asked = requests.AWSRequest("POST", url, {"content-type": "application/json"}, body)
    auth.SigV4Auth(credentials.Credentials(KEY_ID, SECRET), "bedrock", "us-east-1").add_auth(asked)
    headers: Mapping[str, str] = asked.headers
    return headers


def test_every_form_of_an_access_key_is_read():
    exported = {"Version": 1, "AccessKeyId": KEY_ID, "SecretAccessKey": SECRET, "SessionToken": "t"}
    indented = json.dumps(exported, indent=2)

    for text in (f"{KEY_ID}:{SECRET}:t", json.dumps(exported), f" {indented}\n"):
        made = Signer(endpoint(text))(request())

        assert f"Credential={KEY_ID}/" in made.headers["authorization"]
        assert made.headers["x-amz-security-token"] == "t"


def test_a_key_of_another_form_is_a_bearer_token_and_needs_no_region_and_no_botocore(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sigv4, "import_module", _missing)

    call = HttpProvider(endpoint("bedrock-api-key-YWJj", region=None), dialect=TINY).prepare(ASK)

    assert call.http.headers["authorization"] == "Bearer bedrock-api-key-YWJj"
    assert Signer(endpoint("bedrock-api-key-YWJj"))(call.http) is call.http


def _missing(name: str) -> Any:
    raise ImportError(name)


def test_missing_extra_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sigv4, "import_module", _missing)

    with pytest.raises(MissingExtraError, match=r"pip install 'offramp\[bedrock\]'"):
        HttpProvider(endpoint(), dialect=TINY).prepare(ASK)


@pytest.mark.parametrize(
    ("key", "region", "what"),
    [
        (None, "us-east-1", "its key is missing"),
        (f"{KEY_ID}:{SECRET}", None, "none is given"),
        (f"{KEY_ID}:{SECRET} x", "us-east-1", "cannot be used"),
        (f"{KEY_ID}:{SECRET}:t:u", "us-east-1", "cannot be used"),
        (f"{KEY_ID}:", "us-east-1", "cannot be used"),
        ('{"AccessKeyId": "a"', "us-east-1", "cannot be used"),
        ('{"AccessKeyId": "a"}', "us-east-1", "cannot be used"),
        (f"{KEY_ID}:ß", "us-east-1", "cannot be used"),
    ],
)
def test_what_cannot_sign_is_refused_before_the_call_and_shows_no_secret(
    key: str | None, region: str | None, what: str
):
    with pytest.raises(ConfigurationError, match=what) as caught:
        HttpProvider(endpoint(key, region=region), dialect=TINY).prepare(ASK)

    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_nothing_shows_the_secret():
    key = sigv4.AccessKey(KEY_ID, SECRET, "t")

    assert SECRET not in repr(key)
    assert SECRET not in repr(Signer(endpoint()))


async def test_each_attempt_is_signed_anew_and_the_prepared_call_holds_no_signature(monkeypatch: pytest.MonkeyPatch):
    auth: Any = pytest.importorskip("botocore.auth")
    moments = iter([datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC) for second in (1, 2)])
    monkeypatch.setattr(auth, "get_current_datetime", lambda *_: next(moments))
    heads: list[str] = []

    async def handler(peer: Peer) -> None:
        for _ in range(2):
            heads.append((await peer.request())[0].decode())
            await peer.say(
                b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"text": "hi"}'
            )

    async with raw_server(handler) as server:
        provider = HttpProvider(endpoint(url=server.url), dialect=TINY)
        call = provider.prepare(ASK)
        for _ in range(2):
            await provider.send(call, token=OpenToken(provider.endpoint.identity))
        await provider.aclose()

    assert "authorization" not in call.http.headers
    assert [re.search(r"x-amz-date: (\S+)", head) is not None for head in heads] == [True, True]
    assert len({re.search(r"Signature=(\w+)", head)[1] for head in heads}) == 2  # type: ignore[index]


async def test_a_key_that_is_gone_when_the_request_leaves_gives_the_token_back():
    keys = iter([f"{KEY_ID}:{SECRET}", None])
    provider = HttpProvider(replace(endpoint(), key=lambda: next(keys)), dialect=TINY)
    call = provider.prepare(ASK)
    token = OpenToken(provider.endpoint.identity)

    with pytest.raises(ConfigurationError, match="its key is missing"):
        await provider.send(call, token=token)

    assert token.released
    await provider.aclose()
