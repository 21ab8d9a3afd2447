"""The list of models, each way: a call of the API's first version, which is the only one that has it."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from offramp.contracts.dialect import EncodedRequest, EncodedResponse, OperationCodec, Target
from offramp.contracts.operations import LIST_MODELS
from offramp.types import JsonMapping, JsonObject, ListModels, ModelInfo, ModelList, Origin
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.operations import asked_page, lose_facts, own_fields, take_models, unnamed
from offramp_providers.dialects.shapes import take_count, take_text

_PATH: Final = "/v1/models"
_MOST_AT_ONCE: Final = 1000
"""Models on one page; 20 where nothing is said (recalled)."""


def encode_list(asked: ListModels, _target: Target) -> EncodedRequest:
    """Where the page stands."""
    further = f"&page_token={quote(asked.page, safe='')}" if asked.page is not None else ""
    return EncodedRequest(path=f"{_PATH}?page_size={_MOST_AT_ONCE}{further}", body={})


def decode_list(_body: JsonMapping, headers: Mapping[str, str], _issuer: Origin) -> ListModels:
    """Which page is asked for."""
    return ListModels(page=asked_page(headers, "page_token"))


def decode_models(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> ModelList:
    """The models of a page. What each is for (`endpoints`) and whether it is deprecated stay as they are."""
    left = dict(body)
    models = take_models(left, "models", named="name", decode=_decode_model)
    token = take_text(left, "next_page_token") or None
    return ModelList(models, next_page=token, origin=unnamed(origin), wire=residue_of(NAME, left))


def _decode_model(left: JsonObject) -> ModelInfo:
    name: str = left.pop("name")
    return ModelInfo(name, context_tokens=take_count(left, "context_length"), wire=residue_of(NAME, left))


def encode_models(told: ModelList) -> EncodedResponse:
    """The page as a server of this dialect gives it."""
    log = LossLog()
    residue = own_fields(log, told, NAME)
    models = [_encode_model(log, each) for each in told.models]
    body: JsonObject = {"models": models} if models or "models" not in residue else {}
    if told.next_page is not None:
        body["next_page_token"] = told.next_page
    return EncodedResponse(body=under(residue, body), losses=log.resolve(told))


def _encode_model(log: LossLog, model: ModelInfo) -> JsonObject:
    residue = own_fields(log, model, NAME)
    body: JsonObject = {"name": model.name}
    if model.context_tokens is not None:
        body["context_length"] = model.context_tokens
    lose_facts(log, model, ("title", "developer", "created", "retires", "max_output_tokens"))
    return under(residue, body)


MODEL_LIST: Final = OperationCodec(
    operation=LIST_MODELS,
    method="GET",
    encode_request=encode_list,
    decode_request=decode_list,
    encode_response=encode_models,
    decode_response=decode_models,
)
