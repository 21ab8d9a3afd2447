"""Embeddings, each way: one list of vectors for each type of number, of which numbers proper are asked for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from offramp.contracts.dialect import EncodedRequest, EncodedResponse, OperationCodec, Target
from offramp.contracts.operations import EMBED
from offramp.errors import CapabilityError
from offramp.types import (
    Embedding,
    Embeddings,
    EmbedInput,
    EmbedPurpose,
    EmbedRequest,
    JsonMapping,
    JsonObject,
    Origin,
    Text,
    Usage,
    Wire,
)
from offramp_providers.dialects.accounting import LossLog, keep_rest, take_object, under
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.operations import own_fields, text_of, unnamed, vector_of
from offramp_providers.dialects.shapes import are_texts, count_of, is_list, is_object, take_count, take_text

_PATH: Final = "/v2/embed"
_PURPOSES: Final[Mapping[str, EmbedPurpose]] = {
    "search_query": "query",
    "search_document": "document",
    "classification": "classification",
    "clustering": "clustering",
}
"""Our word for each input type. One is required; there is none for mere similarity (recorded; the rest recalled)."""
_WORDS: Final = {ours: theirs for theirs, ours in _PURPOSES.items()}
_FLOAT: Final = "float"


def decode_embed(body: JsonMapping, _headers: Mapping[str, str], _issuer: Origin) -> EmbedRequest:
    """The request. Inputs of other kinds than texts have no name here, and stay."""
    left = dict(body)
    found: Any = left.get("texts")
    inputs: tuple[EmbedInput, ...] = ()
    if are_texts(found):
        del left["texts"]
        inputs = tuple(EmbedInput((Text(each),)) for each in found)
    purpose = _PURPOSES.get(str(left.get("input_type")))
    if purpose is not None:
        del left["input_type"]
    return EmbedRequest(
        inputs,
        model=take_text(left, "model"),
        purpose=purpose,
        dimensions=take_count(left, "output_dimension"),
        wire=Wire(dialect=NAME, fields=left),
    )


def encode_embed(request: EmbedRequest, target: Target) -> EncodedRequest:
    """The request as the vendor takes it, and every loss.

    Raises:
        CapabilityError: nothing says what the embeddings are for, which the vendor requires.
    """
    log = LossLog()
    residue = own_fields(log, request, NAME)
    body: JsonObject = {}
    model = request.model or target.origin.model
    if model is not None:
        body["model"] = model
    texts = [text_of(log, each) for each in request.inputs]
    for each in request.inputs:
        log.lose_wire(each, each.wire)
    if texts:
        body["texts"] = texts
    if "input_type" not in residue:
        body["input_type"] = _input_type(request)
    if request.dimensions is not None:
        body["output_dimension"] = request.dimensions
    if request.end_user is not None:
        log.lose("setting.unsupported", request, "end_user")
    if request.wire is None or request.wire.dialect != NAME:
        body["embedding_types"] = [_FLOAT]
    return EncodedRequest(path=_PATH, body=under(residue, body), losses=log.resolve(request))


def _input_type(request: EmbedRequest) -> str:
    word = _WORDS.get(request.purpose) if request.purpose is not None else None
    if word is None:
        raise CapabilityError(
            f"{NAME} requires a purpose of embeddings, and this is none of its own: {request.purpose}",
            requirements=(EMBED.name,),
            mend=f"give EmbedRequest a purpose: {', '.join(sorted(_WORDS))}",
        )
    return word


def decode_embeddings(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> Embeddings:
    """The vectors of numbers proper; those of other types stay as they are. The model is not named."""
    left = dict(body)
    by_type = take_object(left, "embeddings")
    embeddings: tuple[Embedding, ...] = ()
    if by_type is not None:
        found: Any = by_type.get(_FLOAT)
        if is_list(found):
            del by_type[_FLOAT]
            embeddings = tuple(_decode_embedding(each) for each in found)
        keep_rest(left, "embeddings", by_type)
    units = _billed(left)
    return Embeddings(
        embeddings,
        usage=Usage(input_tokens=None if units is None else count_of(units, "input_tokens"), raw=units),
        origin=replace(unnamed(origin), response_id=take_text(left, "id")),
        wire=residue_of(NAME, left),
    )


def _decode_embedding(found: Any) -> Embedding:
    vector = vector_of(found)
    return Embedding(vector, wire=None if vector is not None else Wire(dialect=NAME, fields={"raw": found}))


def _billed(left: JsonObject) -> JsonObject | None:
    """What is charged for, left where it stands."""
    meta: Any = left.get("meta")
    units: Any = meta.get("billed_units") if is_object(meta) else None
    return units if is_object(units) else None


def encode_embeddings(told: Embeddings) -> EncodedResponse:
    """The answer as a server of this dialect gives it."""
    log = LossLog()
    residue = own_fields(log, told, NAME)
    vectors = [_encode_embedding(log, each) for each in told.embeddings]
    body: JsonObject = {"embeddings": {_FLOAT: vectors}} if vectors else {}
    if told.origin is not None and told.origin.response_id is not None:
        body["id"] = told.origin.response_id
    if told.origin is not None and told.origin.model is not None:
        log.lose("model_fact", told, "origin.model")
    if "meta" not in residue and told.usage.input_tokens is not None:
        body["meta"] = {"billed_units": {"input_tokens": told.usage.input_tokens}}
    if told.wire is None or told.wire.dialect != NAME:
        body["response_type"] = "embeddings_by_type"
    return EncodedResponse(body=under(residue, body), losses=log.resolve(told))


def _encode_embedding(log: LossLog, embedding: Embedding) -> Any:
    if embedding.vector is not None:
        log.lose_wire(embedding, embedding.wire)
        return list(embedding.vector)
    return own_fields(log, embedding, NAME).get("raw")


EMBEDDINGS: Final = OperationCodec(
    operation=EMBED,
    encode_request=encode_embed,
    decode_request=decode_embed,
    encode_response=encode_embeddings,
    decode_response=decode_embeddings,
)
