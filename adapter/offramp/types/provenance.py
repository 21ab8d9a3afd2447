"""What a part carries besides its meaning: opaque vendor state, wire residue, cache hints."""

from dataclasses import KW_ONLY, field
from typing import Literal, TypeAlias

from offramp.types._value import JsonObject, value
from offramp.types.identity import Origin

OpaqueKind: TypeAlias = Literal["signature", "encrypted_reasoning", "redacted_data", "item_id", "compaction", "other"]

OpaqueScope: TypeAlias = Literal["host", "account", "model"]
"""How far opaque state is valid: at the issuing host, for the same developer; there, the same account, or model."""


@value
class Opaque:
    """Vendor state that only its issuer can read. It never leaves its scope."""

    kind: OpaqueKind
    data: str
    _: KW_ONLY
    scope: OpaqueScope = "host"


@value
class Cache:
    """Mark this as the end of a prefix worth caching."""

    ttl_s: int | None = None
    """Lifetime asked for, in seconds. None leaves it to the vendor."""


@value
class Wire:
    """What the canonical model has no name for, kept where it was found, and which of several spellings was used.

    Replayed to its own issuer, as judged by `replays`. Elsewhere each of `fields` is a loss; `form` never is.
    """

    _: KW_ONLY
    dialect: str
    fields: JsonObject = field(default_factory=dict[str, object])
    """Keys that the decoder did not consume, explicit nulls and defaults among them."""
    form: tuple[str, ...] = ()
    """Marks of the dialect's own naming, such as `content=string`."""
    headers: dict[str, str] | None = None
    """Request or response headers that carry meaning (lower-case names). Only on requests and responses."""


def same_host(origin: Origin, target: Origin) -> bool:
    """Whether both name the same developer's models at the same host, spoken to in the same dialect."""
    return origin.dialect == target.dialect and origin.developer == target.developer and origin.host == target.host


def replays(wire: Wire | None, origin: Origin | None, target: Origin) -> bool:
    """Whether residue may be written back: same dialect, and the application's own or of this very host."""
    if wire is None or wire.dialect != target.dialect:
        return False
    return origin is None or same_host(origin, target)


def within_scope(opaque: Opaque, origin: Origin | None, target: Origin) -> bool:
    """Whether opaque state may go to the target. Of unknown origin: nowhere."""
    if origin is None or not same_host(origin, target):
        return False
    match opaque.scope:
        case "host":
            return True
        case "account":
            return origin.account is not None and origin.account == target.account
        case "model":
            return origin.model is not None and origin.model == target.model
