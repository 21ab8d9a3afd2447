"""Embeddings, each way: one method for many inputs, and at some hosts another for a single one.

Where a setting differs from input to input it stays with its input; the canonical request has one for all.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from offramp.contracts.dialect import EncodedRequest, EncodedResponse, OperationCodec, Target
from offramp.contracts.operations import EMBED
from offramp.errors import Unsupported
from offramp.types import (
    Embedding,
    Embeddings,
    EmbedInput,
    EmbedPurpose,
    EmbedRequest,
    JsonMapping,
    JsonObject,
    Media,
    Origin,
    Text,
    Usage,
    Wire,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.call_ids import CallIds
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.gemini.encoding import DROPPED, NAME, Encoding, form_of
from offramp_providers.dialects.gemini.options import option_of
from offramp_providers.dialects.gemini.parts import decode_parts, encode_part
from offramp_providers.dialects.gemini.request import path_of, read_path, resource_of
from offramp_providers.dialects.operations import own_fields, unnamed, vector_of
from offramp_providers.dialects.shapes import are_objects, count_of, is_list, is_object

_PURPOSES: Final[Mapping[str, EmbedPurpose]] = {
    "RETRIEVAL_QUERY": "query",
    "RETRIEVAL_DOCUMENT": "document",
    "CLASSIFICATION": "classification",
    "CLUSTERING": "clustering",
    "SEMANTIC_SIMILARITY": "similarity",
}
"""Our word for each task type (google-genai 3.6.1, EmbedContentConfig, read 2026-11-26). There are more of them."""

_WORDS: Final = {ours: theirs for theirs, ours in _PURPOSES.items()}
_BATCH, _SINGLE = "batchEmbedContents", "embedContent"
_SINGLE_FORM: Final = f"method={_SINGLE}"
_CONFIG: Final = "embedContentConfig"
"""Where a single input's settings stand in a cloud (google-genai 3.6.1, _EmbedContentConfig_to_vertex)."""


def decode_embed(body: JsonMapping, headers: Mapping[str, str], _issuer: Origin) -> EmbedRequest:
    """The request in either form. What has no name here stays with its input, or with the whole."""
    left = dict(body)
    model, _ = read_path(headers.get(":path", ""))
    found: Any = left.get("requests")
    if not are_objects(found):
        parts = _take_content(left)
        single = (EmbedInput(parts),) if parts else ()
        return EmbedRequest(single, model=model, wire=Wire(dialect=NAME, fields=left, form=(_SINGLE_FORM,)))
    del left["requests"]
    asked = [dict(each) for each in found]
    word, purpose = _take_alike(asked, "taskType"), None
    if word is not None:
        purpose = _PURPOSES.get(word) if type(word) is str else None
        _give_back(asked, "taskType", word if purpose is None else None)
    size = _take_alike(asked, "outputDimensionality")
    dimensions = size if type(size) is int else None
    _give_back(asked, "outputDimensionality", None if dimensions is not None else size)
    inputs = tuple(_decode_input(each, model) for each in asked)
    wire = Wire(dialect=NAME, fields=left)
    return EmbedRequest(inputs, model=model, purpose=purpose, dimensions=dimensions, wire=wire)


def _take_alike(asked: Sequence[JsonObject], key: str) -> object:
    """What all inputs give under the key, taken out; None, and left alone, where they differ."""
    found = [each.get(key) for each in asked]
    if not found or found[0] is None or any(each != found[0] for each in found):
        return None
    for each in asked:
        del each[key]
    return found[0]


def _give_back(asked: Sequence[JsonObject], key: str, content: object) -> None:
    if content is not None:
        for each in asked:
            each[key] = content


def _decode_input(left: JsonObject, model: str | None) -> EmbedInput:
    form: tuple[str, ...] = ()
    if model is not None and left.get("model") == resource_of(model):
        del left["model"]
    elif "model" not in left:
        form = ("model=absent",)
    return EmbedInput(_take_content(left), wire=residue_of(NAME, left, form))


def _take_content(left: JsonObject) -> tuple[Text | Media, ...]:
    """The parts of what is to be embedded. A content that holds something else stays as it is."""
    content: Any = left.get("content")
    if not is_object(content) or not is_list(content.get("parts")):
        return ()
    parts = decode_parts(content["parts"], CallIds("embed"))
    said = tuple(each for each in parts if isinstance(each, Text | Media))
    if not said or len(said) < len(parts):
        return ()
    rest = {key: held for key, held in content.items() if key != "parts"}
    del left["content"]
    if rest:
        left["content"] = rest
    return said


def encode_embed(request: EmbedRequest, target: Target) -> EncodedRequest:
    """The request as the host takes it, and every loss.

    Raises:
        Unsupported: there are several inputs, and the host embeds one at a time.
    """
    ctx = Encoding(target, authored=request.wire is not None and request.wire.dialect == NAME)
    residue = own_fields(ctx.log, request, NAME)
    model = request.model or target.origin.model
    if request.end_user is not None:
        ctx.log.lose("setting.unsupported", request, "end_user")
    settings: JsonObject = {}
    if request.purpose is not None:
        settings["taskType"] = _WORDS[request.purpose]
    if request.dimensions is not None:
        settings["outputDimensionality"] = request.dimensions
    if _SINGLE_FORM in form_of(request.wire) or not option_of(target.options, "embed_batch"):
        path, body = path_of(model, _SINGLE), _encode_single(ctx, request, settings)
    else:
        path = path_of(model, _BATCH)
        body = {"requests": [_encode_input(ctx, each, resource_of(model), settings) for each in request.inputs]}
    return EncodedRequest(path=path, body=under(residue, body), losses=ctx.log.resolve(request))


def _encode_single(ctx: Encoding, request: EmbedRequest, settings: JsonObject) -> JsonObject:
    if len(request.inputs) > 1:
        raise Unsupported(
            f"this host of {NAME} embeds one input at a time, and {len(request.inputs)} are given",
            requirements=(EMBED.name,),
            mend="give one input a call",
        )
    body: JsonObject = {_CONFIG: settings} if settings else {}
    for each in request.inputs:
        content = {"parts": _encode_parts(ctx, each)}
        body = under(own_fields(ctx.log, each, NAME), {"content": content, **body})
    return body


def _encode_input(ctx: Encoding, given: EmbedInput, resource: str, settings: JsonObject) -> JsonObject:
    body: JsonObject = {}
    residue = own_fields(ctx.log, given, NAME)
    if "model" in residue:  # of another model than the path's: none but the endpoint's is asked
        ctx.log.lose("vendor_field", given, "wire.fields.model")
    if "model=absent" not in form_of(given.wire):
        body["model"] = resource
    if given.parts:
        body["content"] = {"parts": _encode_parts(ctx, given)}
    return under(residue, {**body, **settings})


def _encode_parts(ctx: Encoding, given: EmbedInput) -> list[Any]:
    blocks = [encode_part(ctx, part, None, "user") for part in given.parts]
    return [block for block in blocks if block is not DROPPED]


def decode_embeddings(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> Embeddings:
    """The embeddings of either method. The answer never says which model has made them."""
    left = dict(body)
    many: Any = left.get("embeddings")
    one: Any = left.get("embedding")
    form: tuple[str, ...] = ()
    embeddings: tuple[Embedding, ...] = ()
    if are_objects(many):
        del left["embeddings"]
        embeddings = tuple(_decode_embedding(dict(each)) for each in many)
    elif is_object(one):
        del left["embedding"]
        embeddings, form = (_decode_embedding(dict(one)),), (_SINGLE_FORM,)
    usage = left.pop("usageMetadata") if is_object(left.get("usageMetadata")) else None
    return Embeddings(
        embeddings,
        usage=Usage() if usage is None else Usage(input_tokens=count_of(usage, "promptTokenCount"), raw=usage),
        origin=unnamed(origin),
        wire=residue_of(NAME, left, form),
    )


def _decode_embedding(left: JsonObject) -> Embedding:
    vector = vector_of(left.get("values"))
    if vector is not None:
        del left["values"]
    return Embedding(vector, wire=residue_of(NAME, left))


def encode_embeddings(told: Embeddings) -> EncodedResponse:
    """The answer as a server of this dialect gives it."""
    nobody = Target(origin=Origin(developer="", host="", dialect=NAME))
    ctx = Encoding(nobody, authored=False, answering=True)
    residue = own_fields(ctx.log, told, NAME)
    vectors = [_encode_embedding(ctx, each) for each in told.embeddings]
    single = _SINGLE_FORM in form_of(told.wire) and len(vectors) == 1
    body: JsonObject = {"embedding": vectors[0]} if single else {"embeddings": vectors}
    if not vectors and not residue.keys().isdisjoint(("embedding", "embeddings")):
        body = {}
    if told.origin is not None and told.origin.model is not None:
        ctx.log.lose("model_fact", told, "origin.model")
    usage = told.usage
    if usage.raw is not None and told.origin is not None and told.origin.dialect == NAME:
        body["usageMetadata"] = usage.raw
    elif usage.input_tokens is not None:
        body["usageMetadata"] = {"promptTokenCount": usage.input_tokens}
    return EncodedResponse(body=under(residue, body), losses=ctx.log.resolve(told))


def _encode_embedding(ctx: Encoding, embedding: Embedding) -> JsonObject:
    body: JsonObject = {} if embedding.vector is None else {"values": list(embedding.vector)}
    return under(own_fields(ctx.log, embedding, NAME), body)


EMBEDDINGS: Final = OperationCodec(
    operation=EMBED,
    encode_request=encode_embed,
    decode_request=decode_embed,
    encode_response=encode_embeddings,
    decode_response=decode_embeddings,
)
