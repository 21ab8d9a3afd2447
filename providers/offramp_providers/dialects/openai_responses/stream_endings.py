"""What the end of a streamed item tells that was not told before."""

from typing import Any

from offramp.types import (
    ArgumentsDelta,
    Event,
    JsonObject,
    Opaque,
    OpaqueDelta,
    Origin,
    Reasoning,
    ReasoningDelta,
    ToolCall,
)
from offramp_providers.dialects.openai_responses.items import decode_item
from offramp_providers.dialects.openai_responses.stream_mirror import Item


def finish_call(call: int, item: JsonObject, held: Item, issuer: Origin) -> list[Event]:
    """The rest of a call or of reasoning.

    Args:
        call: index of the part.
        item: the item as it is told in the end.
        held: the item as it was told so far.
        issuer: who answers.
    """
    events: list[Event] = []
    whole = decode_item(item, issuer)[0]
    if isinstance(whole, ToolCall):
        rest = remainder("".join(held.arguments), whole.arguments_json)
        events += [ArgumentsDelta(call, rest)] if rest else []
    if not isinstance(whole, Reasoning):
        return events
    for place, text in enumerate(whole.summary or ()):
        piece = held.summary.get(place)
        rest = remainder("" if piece is None else piece.text, text)
        if rest or piece is None:
            events.append(ReasoningDelta(call, rest or "", summary=place))
    said = "".join(piece.text for _, piece in sorted(held.content.items()))
    rest = remainder(said, whole.text)
    events += [ReasoningDelta(call, rest)] if rest else []
    events += [OpaqueDelta(call, each) for each in whole.opaque if _is_sealed(each)]
    return events


def _is_sealed(opaque: Opaque) -> bool:
    return opaque.kind == "encrypted_reasoning"


def remainder(said: str, whole: Any) -> str | None:
    """What of the whole was not said yet; None, where it contradicts what was said."""
    if type(whole) is not str or not whole.startswith(said):
        return None
    return whole[len(said) :]
