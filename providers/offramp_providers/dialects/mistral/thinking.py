"""Reasoning, which stands among the content as a `thinking` chunk with a list of its own."""

from typing import Any, Final

from offramp.types import JsonObject, Opaque, Origin, Part, Reasoning
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.mistral.encoding import Encoding, residue_wire
from offramp_providers.dialects.shapes import is_list, is_object, is_text, take_text

_LISTED: Final = "thinking=listed"
"""Marks a list that is more than one plain text: it is kept as residue, beside the text that it amounts to."""


def decode_thinking(block: JsonObject, _issuer: Origin) -> Part | None:
    """A `thinking` chunk: the text of its list, its signature, and what else it says."""
    left = dict(block)
    listed: Any = left.get("thinking")
    if not is_list(listed):
        return None
    text = text_of(listed)
    form: tuple[str, ...] = (_LISTED,)
    if listed == thinking_of(text):
        del left["thinking"]
        form = ()
    signature = take_text(left, "signature")
    del left["type"]
    return Reasoning(
        text,
        opaque=() if signature is None else (Opaque("signature", signature),),
        wire=residue_wire(left, form),
    )


def text_of(listed: list[Any]) -> str:
    """The texts of the list as one. References among them have none."""
    texts = (each.get("text") for each in listed if is_object(each))
    return "".join(text for text in texts if is_text(text))


def thinking_of(text: str) -> list[Any]:
    """The list of one plain text."""
    return [{"type": "text", "text": text}]


def encode_thinking(encoding: Encoding, part: Reasoning, author: Origin | None) -> JsonObject | None:
    """The chunk; None where it may not be written or holds nothing, which is then named."""
    origin = part.origin or author
    if part.text is None or not encoding.welcomes(origin):
        encoding.log.lose("reasoning.foreign", part)
        return None
    residue, form = encoding.own(part, part.wire, origin)
    block: JsonObject = {"type": "thinking"}
    listed: Any = residue.get("thinking") if _LISTED in form else None
    if not is_list(listed) or text_of(listed) != part.text:
        block["thinking"] = thinking_of(part.text)
    if part.summary is not None:
        encoding.log.lose("reasoning.foreign", part, "summary")
    if part.cache is not None:
        encoding.log.lose("cache", part, "cache")
    block |= encoding.state(part, origin, "signature")
    return under(residue, block)
