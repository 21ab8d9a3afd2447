"""Embeddings, each way. Nothing of it was recorded; the shapes are recalled."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from offramp.contracts.dialect import EncodedRequest, EncodedResponse, OperationCodec, Target
from offramp.contracts.operations import EMBED
from offramp.types import (
    Embedding,
    Embeddings,
    EmbedInput,
    EmbedRequest,
    JsonMapping,
    JsonObject,
    Origin,
    Text,
    Usage,
    Wire,
)
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.ollama_native.options import NAME
from offramp_providers.dialects.operations import own_fields, text_of, unnamed, vector_of
from offramp_providers.dialects.shapes import are_texts, is_list, take_count, take_text

_PATH: Final = "/api/embed"
_ONE: Final = "input=string"


def decode_embed(body: JsonMapping, _headers: Mapping[str, str], _issuer: Origin) -> EmbedRequest:
    """The request of one text, or of many."""
    left = dict(body)
    found: Any = left.get("input")
    inputs: tuple[EmbedInput, ...] = ()
    form: tuple[str, ...] = ()
    if type(found) is str:
        inputs, form = (EmbedInput((Text(found),)),), (_ONE,)
    elif are_texts(found):
        inputs = tuple(EmbedInput((Text(each),)) for each in found)
    if inputs or found == []:
        del left["input"]
    model, dimensions = take_text(left, "model"), take_count(left, "dimensions")
    return EmbedRequest(inputs, model=model, dimensions=dimensions, wire=Wire(dialect=NAME, fields=left, form=form))


def encode_embed(request: EmbedRequest, target: Target) -> EncodedRequest:
    """The request as the server takes it, and every loss."""
    log = LossLog()
    residue = own_fields(log, request, NAME)
    texts = [text_of(log, each) for each in request.inputs]
    for each in request.inputs:
        log.lose_wire(each, each.wire)
    is_one = request.wire is not None and _ONE in request.wire.form and len(texts) == 1
    given = {
        "model": request.model or target.origin.model,
        "input": None if "input" in residue and not texts else texts[0] if is_one else texts,
        "dimensions": request.dimensions,
    }
    for name in ("purpose", "end_user"):
        if getattr(request, name) is not None:
            log.lose("setting.unsupported", request, name)
    body = {key: content for key, content in given.items() if content is not None}
    return EncodedRequest(path=_PATH, body=under(residue, body), losses=log.resolve(request))


def decode_embeddings(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> Embeddings:
    """The vectors, and the model that has made them."""
    left = dict(body)
    found: Any = left.get("embeddings")
    vectors = [vector_of(each) for each in found] if is_list(found) else []
    embeddings: tuple[Embedding, ...] = ()
    if is_list(found) and None not in vectors:
        del left["embeddings"]
        embeddings = tuple(map(Embedding, vectors))
    served = replace(unnamed(origin), model=take_text(left, "model"))
    usage = Usage(input_tokens=take_count(left, "prompt_eval_count"))
    return Embeddings(embeddings, usage=usage, origin=served, wire=residue_of(NAME, left))


def encode_embeddings(told: Embeddings) -> EncodedResponse:
    """The answer as such a server gives it."""
    log = LossLog()
    residue = own_fields(log, told, NAME)
    body: JsonObject = {}
    if told.embeddings or "embeddings" not in residue:
        body["embeddings"] = [list(each.vector or ()) for each in told.embeddings]
    for each in told.embeddings:
        log.lose_wire(each, each.wire)
    if told.origin is not None and told.origin.model is not None:
        body["model"] = told.origin.model
    if told.usage.input_tokens is not None:
        body["prompt_eval_count"] = told.usage.input_tokens
    return EncodedResponse(body=under(residue, body), losses=log.resolve(told))


EMBEDDINGS: Final = OperationCodec(
    operation=EMBED,
    encode_request=encode_embed,
    decode_request=decode_embed,
    encode_response=encode_embeddings,
    decode_response=decode_embeddings,
)
