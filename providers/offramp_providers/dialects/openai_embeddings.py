"""Embeddings as OpenAI writes them, each way. Several vendors' dialects have them in the same form.

Vectors are asked for as numbers. One that comes as base64 is kept as it is: vendors put different numbers into it.
"""

from collections.abc import Mapping, Sequence
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
from offramp_providers.dialects.operations import own_fields, text_of, vector_of
from offramp_providers.dialects.shapes import are_objects, are_texts, count_of, is_object, take_count, take_text

_ONE: Final = "input=string"


def embedding_codec(
    dialect: str, *, path: str, dimensions: str = "dimensions", end_user: str = "user"
) -> OperationCodec[EmbedRequest, Embeddings]:
    """The codec of a dialect that has this form.

    Args:
        dialect: its name, as it stands in wires.
        path: where it asks.
        dimensions: the field for the length of vectors.
        end_user: the field for the person served; empty: none.
    """
    names = _Names(dialect, path=path, dimensions=dimensions, end_user=end_user)
    return OperationCodec(
        operation=EMBED,
        encode_request=names.encode_request,
        decode_request=names.decode_request,
        encode_response=names.encode_response,
        decode_response=names.decode_response,
    )


class _Names:
    """What one dialect calls things."""

    def __init__(self, dialect: str, *, path: str, dimensions: str, end_user: str) -> None:
        self._dialect = dialect
        self._path = path
        self._dimensions = dimensions
        self._end_user = end_user

    def decode_request(self, body: JsonMapping, _headers: Mapping[str, str], _issuer: Origin) -> EmbedRequest:
        """The request. Inputs that are tokens have no name here, and stay."""
        left = dict(body)
        inputs, form = _take_inputs(left)
        return EmbedRequest(
            inputs,
            model=take_text(left, "model"),
            dimensions=take_count(left, self._dimensions),
            end_user=take_text(left, self._end_user) if self._end_user else None,
            # A wire even without residue: it says that the request was written in this dialect.
            wire=Wire(dialect=self._dialect, fields=left, form=form),
        )

    def encode_request(self, request: EmbedRequest, target: Target) -> EncodedRequest:
        """The request as the vendor takes it, and every loss."""
        log = LossLog()
        residue = own_fields(log, request, self._dialect)
        body: JsonObject = {}
        model = request.model or target.origin.model
        if model is not None:
            body["model"] = model
        texts = [text_of(log, each) for each in request.inputs]
        for each in request.inputs:
            log.lose_wire(each, each.wire)
        if texts or "input" not in residue:
            is_one = request.wire is not None and _ONE in request.wire.form and len(texts) == 1
            body["input"] = texts[0] if is_one else texts
        if request.dimensions is not None:
            body[self._dimensions] = request.dimensions
        if request.purpose is not None:
            log.lose("setting.unsupported", request, "purpose")
        if request.end_user is not None:
            if self._end_user:
                body[self._end_user] = request.end_user
            else:
                log.lose("setting.unsupported", request, "end_user")
        return EncodedRequest(path=self._path, body=under(residue, body), losses=log.resolve(request))

    def decode_response(self, body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> Embeddings:
        """The embeddings in the order of their inputs."""
        left = dict(body)
        found: Any = left.get("data")
        embeddings: tuple[Embedding, ...] = ()
        if are_objects(found):
            del left["data"]
            embeddings = self._decode_embeddings(found)
        served = replace(origin, model=take_text(left, "model"), response_id=take_text(left, "id"))
        usage = left.pop("usage") if is_object(left.get("usage")) else None
        return Embeddings(
            embeddings,
            usage=Usage() if usage is None else Usage(input_tokens=count_of(usage, "prompt_tokens"), raw=usage),
            origin=served,
            wire=residue_of(self._dialect, left),
        )

    def _decode_embeddings(self, found: Sequence[JsonObject]) -> tuple[Embedding, ...]:
        places = [count_of(each, "index") for each in found]
        known = {place: each for place, each in zip(places, found, strict=True) if place is not None}
        if sorted(known) != list(range(len(found))):
            return tuple(self._decode_embedding(dict(each), None) for each in found)
        return tuple(self._decode_embedding(dict(known[place]), place) for place in range(len(found)))

    def _decode_embedding(self, left: JsonObject, place: int | None) -> Embedding:
        if place is not None:
            del left["index"]
        if left.get("object") == "embedding":
            del left["object"]
        vector = vector_of(left.get("embedding"))
        if vector is not None:
            del left["embedding"]
        form = () if place is not None else ("index=residue",)
        return Embedding(vector, wire=residue_of(self._dialect, left, form))

    def encode_response(self, told: Embeddings) -> EncodedResponse:
        """The answer as a server of this dialect gives it."""
        log = LossLog()
        residue = own_fields(log, told, self._dialect)
        vectors = [self._encode_embedding(log, place, each) for place, each in enumerate(told.embeddings)]
        body: JsonObject = {"data": vectors} if vectors or "data" not in residue else {}
        origin = told.origin
        if origin is not None and origin.model is not None:
            body["model"] = origin.model
        if origin is not None and origin.response_id is not None:
            body["id"] = origin.response_id
        _encode_usage(told, body, own=origin is not None and origin.dialect == self._dialect)
        if "object" not in residue:
            body["object"] = "list"
        return EncodedResponse(body=under(residue, body), losses=log.resolve(told))

    def _encode_embedding(self, log: LossLog, place: int, embedding: Embedding) -> JsonObject:
        residue = own_fields(log, embedding, self._dialect)
        body: JsonObject = {}
        if embedding.wire is None or "index=residue" not in embedding.wire.form:
            body["index"] = place
        if "object" not in residue:
            body["object"] = "embedding"
        if embedding.vector is not None:
            body["embedding"] = list(embedding.vector)
        return under(residue, body)


def _take_inputs(left: JsonObject) -> tuple[tuple[EmbedInput, ...], tuple[str, ...]]:
    found: Any = left.get("input")
    if type(found) is str:
        del left["input"]
        return (EmbedInput((Text(found),)),), (_ONE,)
    if are_texts(found):
        del left["input"]
        return tuple(EmbedInput((Text(each),)) for each in found), ()
    return (), ()


def _encode_usage(told: Embeddings, body: JsonObject, *, own: bool) -> None:
    usage = told.usage
    if own and usage.raw is not None:
        body["usage"] = usage.raw
    elif usage.input_tokens is not None:
        body["usage"] = {"prompt_tokens": usage.input_tokens, "total_tokens": usage.input_tokens}
