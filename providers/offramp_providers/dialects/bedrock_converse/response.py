"""Responses, each way."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse, Target
from offramp.types import AnyResponse, JsonMapping, JsonObject, Message, Origin, Part, Response, Usage, status_of
from offramp_providers.dialects import origins
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.bedrock_converse.encoding import NAME, Encoding, residual
from offramp_providers.dialects.bedrock_converse.outcomes import outcome_of, untold, word_of
from offramp_providers.dialects.bedrock_converse.parts import decode_blocks, encode_blocks
from offramp_providers.dialects.bedrock_converse.usage import decode_usage, encode_usage, lost_counts
from offramp_providers.dialects.part_kinds import is_call, says_something
from offramp_providers.dialects.shapes import is_list, is_object, take_text

NOBODY: Final = Origin(developer="", host="", dialect=NAME)
_NO_MESSAGE: Final = "message=absent"


def served_origin(issuer: Origin, body: JsonMapping) -> Origin:
    """The issuer. Which model has served is told only where a router chose it."""
    trace: Any = body.get("trace")
    router: Any = trace.get("promptRouter") if is_object(trace) else None
    model: Any = router.get("invokedModelId") if is_object(router) else None
    return origins.served_origin(issuer, model if type(model) is str else None)


def decode_response(body: JsonMapping, headers: Mapping[str, str], issuer: Origin) -> AnyResponse:
    """The answer as this vendor gives it. What has no name here stays in `wire`."""
    del headers  # None of them says anything about the answer itself.
    left, form = dict(body), list[str]()
    parts = _take_parts(left, form)
    outcome = outcome_of(body, take_text(left, "stopReason"), parts)
    usage = decode_usage(left.pop("usage")) if is_object(left.get("usage")) else Usage()
    origin = served_origin(issuer, body)
    return Response(
        Message("assistant", parts, origin=origin, status=status_of(outcome)),
        outcome,
        usage=usage,
        origin=origin,
        raw=dict(body),
        wire=residual(left, *form),
    )


def _take_parts(left: JsonObject, form: list[str]) -> tuple[Part, ...]:
    found: Any = left.get("output")
    output = dict(found) if is_object(found) else {}
    message = take_object(output, "message")
    if message is None:
        form.append(_NO_MESSAGE)
        return ()
    del left["output"]
    parts: tuple[Part, ...] = ()
    if message.get("role") == "assistant":
        del message["role"]
    else:
        form.append("role=residue")
    if is_list(message.get("content")):
        parts = decode_blocks(message.pop("content"), "assistant")
    else:
        form.append("content=residue")
    keep_rest(output, "message", message)
    keep_rest(left, "output", output)
    return parts


def encode_response(response: AnyResponse) -> EncodedResponse:
    """The answer as a server of this dialect gives it, and what it cannot say."""
    origin = response.origin or response.message.origin
    ctx = response_encoding(origin)
    residue, form = ctx.own(response, response.wire, origin)
    ctx.log.lose_wire(response.message, response.message.wire)
    if response.alternatives:
        ctx.log.lose("alternatives", response, "alternatives")
    _lose_origin(ctx, response, origin, residue)
    body: JsonObject = {}
    blocks = encode_blocks(ctx, response.message.parts, response.message.origin or origin, "assistant")
    if blocks or _NO_MESSAGE not in form:
        body["output"] = {"message": _message([block for block, _ in blocks], form)}
    _add_outcome(ctx, response, [part for _, part in blocks], residue, body)
    usage = encode_usage(response.usage, own=ctx.native)
    for name in lost_counts(response.usage, usage):
        ctx.log.lose("usage", response.usage, name)
    if usage or (response.usage.raw is not None and ctx.native):
        body["usage"] = usage
    return EncodedResponse(body=under(residue, body), losses=ctx.log.resolve(response))


def response_encoding(origin: Origin | None) -> Encoding:
    """An encoding whose target is the issuer itself, or nobody where the answer is of another dialect."""
    if origin is not None and origin.dialect == NAME:
        return Encoding(Target(origin=origin), native=True, answering=True)
    return Encoding(Target(origin=NOBODY), native=False, answering=True)


def _lose_origin(ctx: Encoding, response: AnyResponse, origin: Origin | None, residue: JsonMapping) -> None:
    """Name what the wire does not say of who has answered."""
    if origin is None:
        return
    if origin.model not in (None, served_origin(origin, residue).model):
        ctx.log.lose("served_model", response, "origin.model")
    if origin.response_id is not None:
        ctx.log.lose("response_id", response, "origin.response_id")


def _message(blocks: list[Any], form: tuple[str, ...]) -> JsonObject:
    message: JsonObject = {} if "role=residue" in form else {"role": "assistant"}
    if blocks or "content=residue" not in form:
        message["content"] = blocks
    return message


def _add_outcome(
    ctx: Encoding, response: AnyResponse, said: list[Part], residue: JsonMapping, body: JsonObject
) -> None:
    outcome = response.outcome
    word = word_of(outcome, own=ctx.native)
    if word is not None:
        body["stopReason"] = word
    empty, called = not any(map(says_something, said)), any(map(is_call, said))
    for name in untold(outcome, word, empty=empty, called=called, residue=residue):
        ctx.log.lose("refusal.category" if name == "category" else "outcome.rewritten", outcome, name)
