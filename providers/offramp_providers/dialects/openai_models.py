"""The list of models as OpenAI writes it, each way, with the further facts that other vendors of that form tell."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from offramp.contracts.dialect import EncodedRequest, EncodedResponse, OperationCodec, Target
from offramp.contracts.operations import LIST_MODELS
from offramp.types import JsonMapping, JsonObject, ListModels, ModelInfo, ModelList, Origin
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.operations import own_fields, unnamed
from offramp_providers.dialects.shapes import are_objects, take_count, take_text

_CONTEXT: Final = ("context_length", "context_window", "max_context_length", "max_model_len")
"""Where a context's size stands: at OpenRouter and Together, Groq, Mistral, vLLM (recalled; none is required)."""
_OUTPUT: Final = ("max_completion_tokens", "max_output_tokens")
"""Where the bound of an answer stands (recalled)."""
_TITLE: Final = ("name", "display_name")
_DEVELOPER: Final = ("owned_by", "organization")
"""The second words are Together's (together-py 5c576a96, types/model_list_response.py; read 2026-11-26)."""
_LATEST: Final = 253402300799
"""The end of the year 9999, in seconds since 1970."""
_FactT = TypeVar("_FactT")

_EARLIEST_YEAR: Final = 2000
"""A moment before it is a placeholder: llama.cpp and others write 0."""


def model_list_codec(dialect: str, *, path: str = "/models") -> OperationCodec[ListModels, ModelList]:
    """The codec of a dialect that has this form."""
    names = _Names(dialect, path)
    return OperationCodec(
        operation=LIST_MODELS,
        method="GET",
        bare_list="data",
        encode_request=names.encode_request,
        decode_request=lambda _body, _headers, _issuer: ListModels(),
        encode_response=names.encode_response,
        decode_response=names.decode_response,
    )


class _Names:
    """What one dialect calls itself, and where it asks. There are no pages."""

    def __init__(self, dialect: str, path: str) -> None:
        self._dialect = dialect
        self._path = path

    def encode_request(self, _asked: ListModels, _target: Target) -> EncodedRequest:
        """Where the list stands."""
        return EncodedRequest(path=self._path, body={})

    def decode_response(self, body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> ModelList:
        """The models. A list of another shape stays as it is."""
        left = dict(body)
        found: Any = left.get("data")
        models: tuple[ModelInfo, ...] = ()
        if are_objects(found) and all(type(each.get("id")) is str for each in found):
            del left["data"]
            models = tuple(self._decode_model(dict(each)) for each in found)
        if left.get("object") == "list":
            del left["object"]
        return ModelList(models, origin=unnamed(origin), wire=residue_of(self._dialect, left))

    def _decode_model(self, left: JsonObject) -> ModelInfo:
        if left.get("object") == "model":
            del left["object"]
        context, size = _take_first(left, _CONTEXT, take_count)
        output, bound = _take_first(left, _OUTPUT, take_count)
        titled, title = _take_first(left, _TITLE, take_text)
        owner, developer = _take_first(left, _DEVELOPER, take_text)
        keys = {"context": context, "output": output, "title": titled, "developer": owner}
        form = tuple(f"{kind}={key}" for kind, key in keys.items() if key)
        return ModelInfo(
            left.pop("id"),
            title=title,
            developer=developer,
            created=_take_moment(left),
            retires=take_text(left, "shutdown_date"),
            context_tokens=size,
            max_output_tokens=bound,
            wire=residue_of(self._dialect, left, form),
        )

    def encode_response(self, told: ModelList) -> EncodedResponse:
        """The list as a server of this dialect gives it."""
        log = LossLog()
        if told.next_page is not None:
            log.lose("setting.unsupported", told, "next_page")
        residue = own_fields(log, told, self._dialect)
        models = [self._encode_model(log, each) for each in told.models]
        body: JsonObject = {"data": models} if models or "data" not in residue else {}
        if "object" not in residue:
            body["object"] = "list"
        return EncodedResponse(body=under(residue, body), losses=log.resolve(told))

    def _encode_model(self, log: LossLog, model: ModelInfo) -> JsonObject:
        residue = own_fields(log, model, self._dialect)
        form = model.wire.form if model.wire is not None and model.wire.dialect == self._dialect else ()
        given: dict[str, object] = {
            "id": model.name,
            _marked(form, "title", _TITLE[0]): model.title,
            _marked(form, "developer", _DEVELOPER[0]): model.developer,
            "created": None if model.created is None else _epoch_of(model.created),
            "shutdown_date": model.retires,
            _marked(form, "context", _CONTEXT[0]): model.context_tokens,
            _marked(form, "output", _OUTPUT[0]): model.max_output_tokens,
        }
        body = {key: content for key, content in given.items() if content is not None}
        if "object" not in residue:
            body["object"] = "model"
        if model.created is not None and "created" not in body:
            log.lose("model_fact", model, "created")
        return under(residue, body)


def _take_first(
    left: JsonObject, keys: tuple[str, ...], take: Callable[[JsonObject, str], _FactT | None]
) -> tuple[str | None, _FactT | None]:
    """The first of these keys that holds such a fact; a second one stays."""
    for key in keys:
        found = take(left, key)
        if found is not None:
            return key, found
    return None, None


def _marked(form: tuple[str, ...], kind: str, usual: str) -> str:
    return next((mark.partition("=")[2] for mark in form if mark.startswith(f"{kind}=")), usual)


def _take_moment(left: JsonObject) -> str | None:
    """Seconds since 1970 as a moment in ISO 8601. What is too early to be one stays."""
    found: Any = left.get("created")
    if type(found) is not int or not 0 < found <= _LATEST:
        return None
    moment = datetime.fromtimestamp(found, UTC)
    if moment.year < _EARLIEST_YEAR:
        return None
    del left["created"]
    return moment.isoformat()


def _epoch_of(created: str) -> int | None:
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return None
    return int(moment.timestamp()) if moment.tzinfo is not None else None
