"""The list of models that are here, each way. Nothing of it was recorded; the shapes are recalled."""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.dialect import EncodedRequest, EncodedResponse, OperationCodec
from offramp.contracts.operations import LIST_MODELS
from offramp.types import JsonMapping, JsonObject, ListModels, ModelInfo, ModelList, Origin
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.ollama_native.options import NAME
from offramp_providers.dialects.operations import lose_facts, own_fields, take_models, unnamed

_PATH: Final = "/api/tags"


def decode_models(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> ModelList:
    """The models, by the names that a request gives. There are no pages."""
    left = dict(body)
    models = take_models(left, "models", named="name", decode=_decode_model)
    return ModelList(models, origin=unnamed(origin), wire=residue_of(NAME, left))


def _decode_model(left: JsonObject) -> ModelInfo:
    return ModelInfo(left.pop("name"), wire=residue_of(NAME, left))


def encode_models(told: ModelList) -> EncodedResponse:
    """The list as such a server gives it."""
    log = LossLog()
    residue = own_fields(log, told, NAME)
    models = [_encode_model(log, each) for each in told.models]
    body: JsonObject = {"models": models} if models or "models" not in residue else {}
    if told.next_page is not None:
        log.lose("setting.unsupported", told, "next_page")
    return EncodedResponse(body=under(residue, body), losses=log.resolve(told))


def _encode_model(log: LossLog, model: ModelInfo) -> JsonObject:
    lose_facts(log, model, ("title", "developer", "created", "retires", "context_tokens", "max_output_tokens"))
    return under(own_fields(log, model, NAME), {"name": model.name})


MODEL_LIST: Final = OperationCodec(
    operation=LIST_MODELS,
    method="GET",
    encode_request=lambda _asked, _target: EncodedRequest(path=_PATH, body={}),
    decode_request=lambda _body, _headers, _issuer: ListModels(),
    encode_response=encode_models,
    decode_response=decode_models,
)
