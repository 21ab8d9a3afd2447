"""DSSE envelopes with Ed25519: what is signed is the payload's type and bytes, never a re-reading of them.

The protocol is DSSE 1.0.2 (https://github.com/secure-systems-lab/dsse, read 2026-11-26).
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Collection
from typing import Any, Final

from offramp.ed25519 import PrivateKey, is_signed
from offramp.errors import ConfigurationError
from offramp.types import JsonObject

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_FOR: Final = "signed reports"


def seal(payload: bytes, key: PrivateKey) -> JsonObject:
    """An envelope around the payload."""
    signature = key.sign(pre_authentication(PAYLOAD_TYPE, payload))
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id(key.public), "sig": base64.b64encode(signature).decode()}],
    }


def unseal(text: bytes, trusted: Collection[bytes], *, where: str) -> bytes:
    """The payload of an envelope that one of the trusted keys has signed.

    Args:
        text: the envelope.
        trusted: public keys, 32 bytes each.
        where: the file, for messages.

    Raises:
        ConfigurationError: it is no envelope of this kind, or no trusted key has signed it.
        MissingExtraError: the extra `sign` is not installed.
    """
    payload, signatures = _parts(text, where)
    message = pre_authentication(PAYLOAD_TYPE, payload)
    for public in trusted:
        if any(is_signed(message, each, public, needed_for=_FOR) for each in signatures):
            return payload
    raise ConfigurationError(
        "no trusted key has signed this, or it was changed afterwards",
        where=where,
        mend="ask whoever gave you the report for their public key, and compare it on another way",
    )


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed (DSSE, PAE)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def key_id(public: bytes) -> str:
    """A hint at the key; nothing rests on it."""
    return hashlib.sha256(public).hexdigest()


def _parts(text: bytes, where: str) -> tuple[bytes, list[bytes]]:
    try:
        envelope: Any = json.loads(text)
        if envelope["payloadType"] != PAYLOAD_TYPE:
            raise ConfigurationError("the envelope holds no in-toto statement", where=where, mend=_MEND)
        payload = base64.b64decode(envelope["payload"], validate=True)
        return payload, [base64.b64decode(each["sig"], validate=True) for each in envelope["signatures"]]
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise ConfigurationError("this is no DSSE envelope", where=where, mend=_MEND) from error


_MEND: Final = "give the file that `offramp conform --key` has written"
