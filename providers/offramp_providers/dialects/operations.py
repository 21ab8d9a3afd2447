"""What the operations of several dialects share: an answer's residue, whose answer it is, and what counters take."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from offramp.contracts.dialect import EncodedRequest, EncodedResponse
from offramp.contracts.operations import AnyOperation
from offramp.errors import CapabilityError, Unsupported
from offramp.types import (
    Embedding,
    Embeddings,
    EmbedInput,
    EmbedRequest,
    GenerateRequest,
    JsonMapping,
    JsonObject,
    ListModels,
    Media,
    ModelInfo,
    ModelList,
    Origin,
    TokenCount,
    changed,
)
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.shapes import are_objects, is_list, take_count


def refused(operation: AnyOperation, dialect: str) -> Unsupported:
    """The error of a host whose rules say that it has no such call."""
    return Unsupported(
        f"this host of {dialect} cannot {operation.title}",
        requirements=(operation.name,),
        mend="ask an endpoint that can; `offramp vendors show` says which",
    )


def counted(request: GenerateRequest, *, bound: int | None = None) -> GenerateRequest:
    """The request without what shapes its answer only: counters take none of it, and no token of it is read.

    Args:
        request: as it would be asked.
        bound: stands in for one of the answer where an encoder requires it.
    """
    return changed(
        request,
        max_output_tokens=bound,
        temperature=None,
        top_p=None,
        top_k=None,
        seed=None,
        frequency_penalty=None,
        presence_penalty=None,
        stop=None,
        logprobs=None,
        candidates=None,
        stream=None,
        service_tier=None,
        end_user=None,
        metadata=None,
        store=None,
    )


def asked_again(encoded: EncodedRequest, *, path: str, without: tuple[str, ...]) -> EncodedRequest:
    """What was encoded for an answer, sent to a counter: to another path, without keys that it does not take."""
    body = {key: content for key, content in encoded.body.items() if key not in without}
    return replace(encoded, path=path, body=body)


def unnamed(origin: Origin) -> Origin:
    """Who was asked, where the answer does not say which model it is of."""
    return replace(origin, model=None, response_id=None)


_Node = TokenCount | Embeddings | Embedding | EmbedRequest | EmbedInput | ModelList | ModelInfo | ListModels


def own_fields(log: LossLog, node: _Node, dialect: str) -> JsonMapping:
    """Residue of the same dialect, to be written back; another's is named as lost."""
    if node.wire is None:
        return {}
    if node.wire.dialect == dialect:
        return node.wire.fields
    log.lose_wire(node, node.wire)
    return {}


def lose_facts(log: LossLog, model: ModelInfo, untold: Iterable[str]) -> None:
    """Name what is known of a model in these fields, which the dialect's list does not tell."""
    for name in untold:
        if getattr(model, name) is not None:
            log.lose("model_fact", model, name)


def count_decoder(dialect: str, key: str) -> Callable[[JsonMapping, Mapping[str, str], Origin], TokenCount]:
    """Reads a count that stands under one key."""

    def decode(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> TokenCount:
        left = dict(body)
        tokens = take_count(left, key)
        return TokenCount(tokens, origin=unnamed(origin), wire=residue_of(dialect, left))

    return decode


def count_encoder(dialect: str, key: str, **constants: str) -> Callable[[TokenCount], EncodedResponse]:
    """Writes a count under one key, beside what every answer of the dialect holds."""

    def encode(told: TokenCount) -> EncodedResponse:
        log = LossLog()
        body: JsonObject = {} if told.input_tokens is None else {key: told.input_tokens}
        residue = own_fields(log, told, dialect)
        if told.wire is None or told.wire.dialect != dialect:
            body |= constants
        return EncodedResponse(body=under(residue, body), losses=log.resolve(told))

    return encode


def asked_page(headers: Mapping[str, str], key: str) -> str | None:
    """Where a list is to go on, as the query of its path says."""
    found = parse_qs(urlsplit(headers.get(":path", "")).query).get(key)
    return found[0] if found else None


def take_models(
    left: JsonObject, key: str, *, named: str, decode: Callable[[JsonObject], ModelInfo]
) -> tuple[ModelInfo, ...]:
    """Take a list of models, if each has a name under the key `named`; else it stays where it is, and there are none.

    Args:
        left: what is left to decode.
        key: where the list stands.
        named: what every model must have, as a text.
        decode: reads one of them, of which it may take what it likes.
    """
    found: object = left.get(key)
    if not are_objects(found) or not all(type(each.get(named)) is str for each in found):
        return ()
    del left[key]
    return tuple(decode(dict(each)) for each in found)


def vector_of(found: object) -> tuple[float, ...] | None:
    """A vector as a list of numbers; None where it has another shape."""
    if not is_list(found) or not all(type(each) in (int, float) for each in found):
        return None
    return tuple(found)


def text_of(log: LossLog, node: EmbedInput) -> str:
    """The input as one text. What is none is named as lost."""
    texts: list[str] = []
    for part in node.parts:
        if isinstance(part, Media):
            log.lose("media.unsupported", part)
        else:
            texts.append(part.text)
            if part.citations:
                log.lose("citations", part, "citations")
            if part.opaque:
                log.lose("opaque.foreign", part, "opaque")
            if part.cache is not None:
                log.lose("cache", part, "cache")
        log.lose_wire(part, part.wire)
    if not texts:
        raise CapabilityError(
            "an input without text cannot be embedded here", requirements=("embeddings",), mend="give each input a text"
        )
    if len(texts) > 1:
        log.lose("text.joined", node, "parts")
    return "".join(texts)
