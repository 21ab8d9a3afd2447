"""One host behind a router: the one that policy has decided on, and no other."""

from typing import Any, Final

from offramp.types import GenerateRequest, JsonObject
from offramp_providers.dialects.openai_chat.encoding import Encoding
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.shapes import is_object

_FIELD: Final = "provider"
_CHOOSING: Final = ("only", "order", "allow_fallbacks", "ignore", "sort")
"""What in it chooses among hosts (openrouter 1.3.84, its Python client, read 2026-11-23)."""


def pin_host(encoding: Encoding, request: GenerateRequest, body: JsonObject) -> None:
    """Tell the router to ask the endpoint's host alone; a wish for others is named as lost, other wishes stay."""
    host = encoding.target.origin.host
    pinned: JsonObject = {"only": [host], "allow_fallbacks": False}
    wished: Any = body.get(_FIELD, {})
    kept: JsonObject = {}
    fits = is_object(wished)
    if is_object(wished):
        kept = {key: said for key, said in wished.items() if key not in _CHOOSING}
        fits = all(wished.get(key, [host]) in ([host], pinned.get(key)) for key in _CHOOSING)
    if not fits:
        for field in request.routing:
            if field.dialect == NAME and field.name == _FIELD:
                encoding.log.lose("routing_field", field)
    body[_FIELD] = {**kept, **pinned}
