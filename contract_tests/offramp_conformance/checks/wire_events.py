"""A streamed answer as it stood on the wire: the JSON of its events, whichever text framing they came in."""

from collections.abc import Iterator

from offramp.errors import ProviderError
from offramp.types import JsonObject
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Unaskable
from offramp_providers.wire_json import decode_json, is_json_object


def json_events(made: Exchanged) -> tuple[JsonObject, ...]:
    """All objects that came, in order, from server-sent events or lines of JSON. Frames of bytes are not read."""
    return tuple(_objects(made.wire.received))


def require_wire(made: Exchanged) -> None:
    """Go on where the exchange can be seen as the wire had it.

    Raises:
        Unaskable: the provider shows no wire.
    """
    if made.wire.status is None:
        raise Unaskable("its provider does not show the wire")


def _objects(body: bytes) -> Iterator[JsonObject]:
    for line in body.splitlines():
        content = line.removeprefix(b"data:").strip()
        if content.startswith(b"{"):
            try:
                event = decode_json(content)
            except ProviderError:
                continue
            if is_json_object(event):
                yield event
