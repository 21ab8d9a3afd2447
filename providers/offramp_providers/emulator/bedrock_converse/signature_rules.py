"""Who asks: a bearer token, or a signature over the request that only the holder of the secret can make."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.shapes import Fault

from .sources import MODEL, SIGV4

_SIGNED: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/bedrock/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


def _given(ask: Ask) -> Iterator[Fault]:
    told = ask.headers.get("authorization", "")
    if not (told.startswith("Bearer ") or _SIGNED.fullmatch(told)):
        yield Fault("", "Missing Authentication Token")


def _genuine(ask: Ask) -> Iterator[Fault]:
    told, key = ask.headers["authorization"], ask.state.key
    signed = _SIGNED.fullmatch(told)
    if key is None:
        return
    if signed is None or ":" not in key:
        if told != f"Bearer {key}":
            yield Fault("", "The security token included in the request is invalid.")
        return
    key_id, secret, *token = key.split(":")
    if signed[1] != key_id or ask.headers.get("x-amz-security-token", "") != "".join(token):
        yield Fault("", "The security token included in the request is invalid.")
    elif not hmac.compare_digest(_signature(ask, secret, signed), signed[5]):
        yield Fault("", "The request signature we calculated does not match the signature you provided.")


def _signature(ask: Ask, secret: str, signed: re.Match[str]) -> str:
    """The signature as the service computes it, from what has arrived."""
    _, day, region, names, _ = signed.groups()
    moment = ask.headers.get("x-amz-date", "")
    told = [f"{name}:{' '.join(ask.headers.get(name, '').split())}\n" for name in names.split(";")]
    path = quote(ask.headers.get(":path", ""), safe="/-_.~")
    lines = ("POST", path, "", "".join(told), names, ask.headers.get(":content-sha256", ""))
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for step in (day, region, "bedrock", "aws4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{moment}\n{day}/{region}/bedrock/aws4_request\n{digest}"
    return hmac.digest(key, text.encode(), "sha256").hex()


def _covers(ask: Ask) -> Iterator[Fault]:
    signed = _SIGNED.fullmatch(ask.headers["authorization"])
    if signed is not None and not {"host", "x-amz-date"} <= set(signed[4].split(";")):
        yield Fault("", "'Host' and 'X-Amz-Date' must be signed headers")


SIGNATURE_RULES: Final = (
    Rule(
        "credential",
        "Requests are signed, or bear a token.",
        "S",
        MODEL,
        _given,
        status=403,
        type="MissingAuthenticationTokenException",
    ),
    Rule(
        "signed_headers",
        "Host and date are signed.",
        "S",
        SIGV4,
        _covers,
        status=403,
        type="InvalidSignatureException",
    ),
    Rule(
        "genuine",
        "The signature is that of the holder of the secret.",
        "S",
        SIGV4,
        _genuine,
        status=403,
        type="UnrecognizedClientException",
    ),
)
