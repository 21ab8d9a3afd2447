"""The list of models, each way."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from offramp.contracts.dialect import EncodedRequest, EncodedResponse, OperationCodec, Target
from offramp.contracts.operations import LIST_MODELS
from offramp.types import JsonMapping, JsonObject, ListModels, ModelInfo, ModelList, Origin
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.anthropic_messages.encoding import NAME
from offramp_providers.dialects.anthropic_messages.options import option_of
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.operations import asked_page, lose_facts, own_fields, refused, take_models, unnamed
from offramp_providers.dialects.shapes import take_count, take_text

_MOST_AT_ONCE: Final = 1000
"""Models on one page (anthropic-sdk-python 0.121.0, ModelListParams, read 2026-11-26)."""


def encode_list(asked: ListModels, target: Target) -> EncodedRequest:
    """Where the page stands.

    Raises:
        Unsupported: the host has no list.
    """
    path = str(option_of(target.options, "models_path"))
    if not path:
        raise refused(LIST_MODELS, NAME)
    further = f"&after_id={quote(asked.page, safe='')}" if asked.page is not None else ""
    return EncodedRequest(path=f"{path}?limit={_MOST_AT_ONCE}{further}", body={})


def decode_list(_body: JsonMapping, headers: Mapping[str, str], _issuer: Origin) -> ListModels:
    """Which page is asked for."""
    return ListModels(page=asked_page(headers, "after_id"))


def decode_models(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> ModelList:
    """The models of a page. Where there are more, the last one's id says where to go on."""
    left = dict(body)
    models = take_models(left, "data", named="id", decode=_decode_model)
    further = left.get("has_more") is True
    return ModelList(
        models,
        next_page=take_text(left, "last_id") if further else None,
        origin=unnamed(origin),
        wire=residue_of(NAME, left),
    )


def _decode_model(left: JsonObject) -> ModelInfo:
    return ModelInfo(
        left.pop("id"),
        title=take_text(left, "display_name"),
        created=take_text(left, "created_at"),
        context_tokens=take_count(left, "max_input_tokens"),
        max_output_tokens=take_count(left, "max_tokens"),
        wire=residue_of(NAME, left),
    )


def encode_models(told: ModelList) -> EncodedResponse:
    """The page as a server of this dialect gives it."""
    log = LossLog()
    residue = own_fields(log, told, NAME)
    models = [_encode_model(log, each) for each in told.models]
    body: JsonObject = {"data": models} if models or "data" not in residue else {}
    if told.next_page is not None:
        body["last_id"] = told.next_page
    if not residue:
        names = [each.name for each in told.models]
        ends = {"first_id": names[0] if names else None, "last_id": names[-1] if names else None}
        body = {"has_more": told.next_page is not None, **ends, **body}
    return EncodedResponse(body=under(residue, body), losses=log.resolve(told))


def _encode_model(log: LossLog, model: ModelInfo) -> JsonObject:
    body: JsonObject = {"id": model.name}
    if model.title is not None:
        body["display_name"] = model.title
    if model.created is not None:
        body["created_at"] = model.created
    if model.context_tokens is not None:
        body["max_input_tokens"] = model.context_tokens
    if model.max_output_tokens is not None:
        body["max_tokens"] = model.max_output_tokens
    lose_facts(log, model, ("developer", "retires"))
    residue = own_fields(log, model, NAME)
    return under(residue, body) if residue else {"type": "model", **body}


MODEL_LIST: Final = OperationCodec(
    operation=LIST_MODELS,
    method="GET",
    encode_request=encode_list,
    decode_request=decode_list,
    encode_response=encode_models,
    decode_response=decode_models,
)
