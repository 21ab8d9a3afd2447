"""The model's reasoning: text with a signature, or bytes that only its issuer can read."""

from offramp.types import JsonObject, Opaque, Origin, Reasoning, RedactedReasoning
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.bedrock_converse.encoding import Encoding, residual
from offramp_providers.dialects.shapes import take_text


def decode_reasoning(left: JsonObject) -> Reasoning | RedactedReasoning | None:
    """A `reasoningContent` block; None where it has another shape."""
    inner = take_object(left, "reasoningContent")
    if inner is None or ("reasoningText" in inner) == ("redactedContent" in inner):
        return None
    redacted = take_text(inner, "redactedContent")
    if redacted is not None:
        keep_rest(left, "reasoningContent", inner)
        return RedactedReasoning(opaque=(Opaque("redacted_data", redacted),), wire=residual(left))
    nested = take_object(inner, "reasoningText")
    text = None if nested is None else take_text(nested, "text")
    if nested is None or text is None:
        return None
    signature = take_text(nested, "signature")
    keep_rest(inner, "reasoningText", nested)
    keep_rest(left, "reasoningContent", inner)
    opaque = () if signature is None else (Opaque("signature", signature),)
    return Reasoning(text, opaque=opaque, wire=residual(left))


def encode_reasoning(ctx: Encoding, part: Reasoning | RedactedReasoning, origin: Origin | None) -> JsonObject | None:
    """The block; None, and the loss, where the target has not issued it."""
    own = ctx.mine(origin) or (origin is None and ctx.native)
    if not own:
        ctx.log.lose("reasoning.unsigned" if origin is None else "reasoning.foreign", part)
        return None
    kind = "signature" if isinstance(part, Reasoning) else "redacted_data"
    state = _state(ctx, part, origin, kind)
    if state is None and not _goes_without(ctx, part):
        ctx.log.lose("reasoning.unsigned", part)
        return None
    inner: JsonObject
    if isinstance(part, RedactedReasoning):
        inner = {"redactedContent": state}
    else:
        said: JsonObject = {"text": part.text or ""}
        if state is not None:
            said["signature"] = state
        if part.summary is not None:
            ctx.log.lose("reasoning.foreign", part, "summary")
        inner = {"reasoningText": said}
    residue, _ = ctx.own(part, part.wire, origin)
    return under(residue, {"reasoningContent": inner})


def _state(ctx: Encoding, part: Reasoning | RedactedReasoning, origin: Origin | None, kind: str) -> str | None:
    """The opaque state that stands in the block, if it may go to the target. Any other is named."""
    if origin is None and ctx.native:
        origin = ctx.target.origin
    allowed = ctx.state(part, origin, "signature" if kind == "signature" else "redacted_data")
    return allowed.get(kind)


def _goes_without(ctx: Encoding, part: Reasoning | RedactedReasoning) -> bool:
    """Whether the target takes it back without its state. A text that is not there says nothing."""
    return isinstance(part, Reasoning) and (ctx.native or (ctx.allows("unsigned_reasoning") and bool(part.text)))
