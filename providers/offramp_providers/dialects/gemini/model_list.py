"""The list of models, each way."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from offramp.contracts.dialect import EncodedRequest, EncodedResponse, OperationCodec, Target
from offramp.contracts.operations import LIST_MODELS
from offramp.types import JsonMapping, JsonObject, ListModels, ModelInfo, ModelList, Origin
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.gemini.encoding import NAME
from offramp_providers.dialects.gemini.options import option_of
from offramp_providers.dialects.operations import asked_page, lose_facts, own_fields, refused, take_models, unnamed
from offramp_providers.dialects.shapes import take_count, take_text

_MOST_AT_ONCE: Final = 1000
"""Models on one page; the API cuts a larger number (recalled)."""
_FOLDER: Final = "models/"


def encode_list(asked: ListModels, target: Target) -> EncodedRequest:
    """Where the page stands.

    Raises:
        Unsupported: the host has no list.
    """
    path = str(option_of(target.options, "models_path"))
    if not path:
        raise refused(LIST_MODELS, NAME)
    further = f"&pageToken={quote(asked.page, safe='')}" if asked.page is not None else ""
    return EncodedRequest(path=f"{path}?pageSize={_MOST_AT_ONCE}{further}", body={})


def decode_list(_body: JsonMapping, headers: Mapping[str, str], _issuer: Origin) -> ListModels:
    """Which page is asked for."""
    return ListModels(page=asked_page(headers, "pageToken"))


def decode_models(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> ModelList:
    """The models of a page, named as an endpoint names them."""
    left = dict(body)
    models = take_models(left, "models", named="name", decode=_decode_model)
    token = take_text(left, "nextPageToken") or None
    return ModelList(models, next_page=token, origin=unnamed(origin), wire=residue_of(NAME, left))


def _decode_model(left: JsonObject) -> ModelInfo:
    name: str = left.pop("name")
    own = name.removeprefix(_FOLDER)
    return ModelInfo(
        own,
        title=take_text(left, "displayName"),
        context_tokens=take_count(left, "inputTokenLimit"),
        max_output_tokens=take_count(left, "outputTokenLimit"),
        wire=residue_of(NAME, left),
    )


def encode_models(told: ModelList) -> EncodedResponse:
    """The page as a server of this dialect gives it."""
    log = LossLog()
    residue = own_fields(log, told, NAME)
    models = [_encode_model(log, each) for each in told.models]
    body: JsonObject = {"models": models} if models or "models" not in residue else {}
    if told.next_page is not None:
        body["nextPageToken"] = told.next_page
    return EncodedResponse(body=under(residue, body), losses=log.resolve(told))


def _encode_model(log: LossLog, model: ModelInfo) -> JsonObject:
    residue = own_fields(log, model, NAME)
    given = {
        "name": model.name if "/" in model.name else f"{_FOLDER}{model.name}",
        "displayName": model.title,
        "inputTokenLimit": model.context_tokens,
        "outputTokenLimit": model.max_output_tokens,
    }
    lose_facts(log, model, ("developer", "created", "retires"))
    return under(residue, {key: content for key, content in given.items() if content is not None})


MODEL_LIST: Final = OperationCodec(
    operation=LIST_MODELS,
    method="GET",
    encode_request=encode_list,
    decode_request=decode_list,
    encode_response=encode_models,
    decode_response=decode_models,
)
