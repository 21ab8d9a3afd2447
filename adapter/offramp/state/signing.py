"""Who may lift an order: the file of trusted operators, and their signatures (Ed25519).

The cryptography package is an extra. Without it an `allowed` cannot be verified, so the prohibition stands.
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

from offramp.contracts.state import AllowSignature, Order
from offramp.ed25519 import read_private_key, why_not_signed
from offramp.errors import ConfigurationError
from offramp.toml_file import load_toml
from offramp.types import Selector, value

_NEEDED_FOR: Final = "lifting an order"


@value
class Operator:
    """One who is trusted to lift orders. To withdraw the trust, delete the entry: what it has lifted stands again."""

    public_key: str
    """Ed25519, 32 bytes, base64."""
    valid_until: date
    """Last day (UTC) on which this key may sign."""


@value
class OperatorsFile:
    """The whole of `operators.toml`."""

    operators: dict[str, Operator]


def load_operators(path: Path) -> Mapping[str, Operator]:
    """The trusted operators by name.

    Raises:
        ConfigurationError: the file is not there, or is not as it should be.
    """
    return load_toml(path, OperatorsFile).operators


def canonical_bytes(
    *, store: str, operator: str, selector: Selector, answers_epoch: int, reason: str, signed_at: datetime
) -> bytes:
    """What is signed. The store's id is among it, so that no other store takes the signature."""
    words = ["offramp-allow/1", store, operator, selector.kind, selector.name, answers_epoch, reason, _utc(signed_at)]
    return json.dumps(words, separators=(",", ":")).encode()


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


def sign_allow(
    key: Path, *, store: str, operators: Path, selector: Selector, answers_epoch: int, reason: str, signed_at: datetime
) -> AllowSignature:
    """Sign the lifting of an order with a private key whose public half is trusted.

    Raises:
        ConfigurationError: the key cannot be read, is not trusted, or is no longer valid.
        MissingExtraError: the extra `sign` is not installed.
    """
    private = read_private_key(key, needed_for=_NEEDED_FOR)
    public = private.public_text
    trusted = load_operators(operators)
    operator = next((name for name, who in trusted.items() if who.public_key == public), None)
    if operator is None:
        raise ConfigurationError(
            f"the key {key} belongs to no trusted operator",
            where=str(operators),
            mend=f'add its public key, public_key = "{public}", or use another key',
        )
    if signed_at.date() > trusted[operator].valid_until:
        raise ConfigurationError(
            f"the key of {operator} was valid until {trusted[operator].valid_until}",
            where=str(operators),
            mend="have the entry renewed, or use another key",
        )
    message = canonical_bytes(
        store=store,
        operator=operator,
        selector=selector,
        answers_epoch=answers_epoch,
        reason=reason,
        signed_at=signed_at,
    )
    return AllowSignature(
        operator=operator,
        answers_epoch=answers_epoch,
        signed_at=signed_at,
        signature=base64.b64encode(private.sign(message)).decode(),
    )


def why_not_valid(order: Order, *, store: str, operators: Path) -> str | None:
    """Why the signature of an `allowed` does not hold; None: it holds. Never raises: a doubt is a no."""
    signed = order.signature
    if signed is None:
        return "it is not signed"
    try:
        operator = load_operators(operators).get(signed.operator)
    except ConfigurationError as error:
        return f"the trusted operators cannot be read: {error}"
    if operator is None:
        return f"{signed.operator} is not a trusted operator"
    last_instant = datetime.combine(operator.valid_until, time.max, UTC)
    if signed.signed_at > last_instant:
        return f"the key of {signed.operator} was valid until {operator.valid_until}"
    message = canonical_bytes(
        store=store,
        operator=signed.operator,
        selector=order.selector,
        answers_epoch=signed.answers_epoch,
        reason=order.reason,
        signed_at=signed.signed_at,
    )
    return why_not_signed(
        message,
        signed.signature,
        operator.public_key,
        by="this operator",
        what="the order",
        needed_for=_NEEDED_FOR,
    )
