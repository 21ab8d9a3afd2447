"""What is asked of a vendor besides an answer: counts of tokens, embeddings, lists of models.

Each is a send like any other: policy, permission and the decision log come first. What falls back keeps its meaning: a
count is of one vendor's tokens, an embedding of one model's space.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from offramp._ask import Ask, Prepared, Ready, Tally, new_call_id
from offramp._exchange import Exchange
from offramp._mission import Lane, MissionPlan
from offramp._preparation import fitted
from offramp.catalog import served_model_matches
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.operations import COUNT_TOKENS, EMBED, LIST_MODELS, AnyOperation, AskedT, Operation, ToldT
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import unsupported
from offramp.errors import (
    CapabilityError,
    ConfigurationError,
    Prohibited,
    ProviderError,
    ProviderErrorKind,
    ServedModelMismatch,
)
from offramp.negotiation import SizeUncertain
from offramp.types import (
    Embeddings,
    EmbedInput,
    EmbedRequest,
    GenerateRequest,
    ListModels,
    Loss,
    ModelInfo,
    ModelList,
    Text,
    TokenCount,
    changed,
)

_AskedOf: TypeAlias = Callable[[Ask, Endpoint], tuple[AskedT, tuple[Loss, ...]]]
"""The question for one endpoint, and what it lost on the way there."""

_MOST_PAGES: Final = 100
"""Of one list; a host that never ends it is taken for broken."""


async def count_tokens(exchange: Exchange, ask: Ask, *, endpoint: str | None = None) -> TokenCount:
    """Count at the endpoint that would be asked for the answer: the first of the route that no order stops.

    Raises:
        Unsupported: that endpoint cannot count; another's count would be of other tokens.
    """
    lanes = ask.plan.lanes if endpoint is None else (lane_of(ask.plan, endpoint),)
    stopped: Prohibited | None = None
    for lane in lanes:
        try:
            return await _perform(exchange, _narrowed(ask, (lane,)), COUNT_TOKENS, _fitted)
        except Prohibited as error:
            stopped = error
    raise stopped or ConfigurationError(f"the route of {ask.plan.name} is empty")


async def count_for_size(exchange: Exchange, ask: Ask, lane: Lane, refusal: SizeUncertain) -> int:
    """Have the endpoint count what it would be asked: a send of its own, decided, permitted and logged as such.

    Raises:
        SizeUncertain: the refusal, where there is no count to be had; a note says why.
        PolicyDenied, Prohibited, ApprovalNeeded: as for any send.
    """
    if ask.vendor_options:
        refusal.add_note("vendor options cannot be counted")
        raise refusal
    own = replace(ask, call_id=new_call_id(), tally=Tally())
    try:
        told = await _perform(exchange, _narrowed(own, (lane,)), COUNT_TOKENS, _fitted)
    except (CapabilityError, ProviderError) as error:
        refusal.add_note(f"its own count could not be had: {error}")
        raise refusal from error
    if told.input_tokens is None:
        refusal.add_note("its own count tells no number")
        raise refusal
    return told.input_tokens


async def embed(exchange: Exchange, ask: Ask, request: EmbedRequest) -> Embeddings:
    """Embed at the first endpoint of the route that may and can, among those of the first one's own model."""
    own = ask.plan.lanes[0].endpoint.identity
    lanes = tuple(each for each in ask.plan.lanes if _is_same_model(each, own.developer, own.model))
    told = await _perform(exchange, _narrowed(ask, lanes), EMBED, _always(request))
    if len(told.embeddings) != len(request.inputs):
        raise _malformed(f"it gave {len(told.embeddings)} embeddings for {len(request.inputs)} inputs")
    lengths = {len(each.vector or ()) for each in told.embeddings}
    if len(lengths) > 1 or 0 in lengths:
        raise _malformed("its embeddings cannot be read as vectors of one length")
    return told


async def list_models(exchange: Exchange, ask: Ask, endpoint: str) -> ModelList:
    """All models that the endpoint's account may use, page by page; each page is a send of its own."""
    whole = replace(ask, asked_of=_any_page)
    narrow = _narrowed(whole, (lane_of(ask.plan, endpoint),))
    found: list[ModelInfo] = []
    asked = set[str | None]()
    page: str | None = None
    while page not in asked and len(asked) < _MOST_PAGES:
        asked.add(page)
        told = await _perform(exchange, narrow, LIST_MODELS, _always(ListModels(page=page)))
        found += told.models
        page = told.next_page
        if page is None:
            return changed(told, models=tuple(found))
    raise _malformed("its list of models does not end")


def _any_page(_: Endpoint) -> ListModels:
    """What a person approves: all pages at once."""
    return ListModels()


def lane_of(plan: MissionPlan, endpoint: str) -> Lane:
    """The lane of an endpoint that a caller names.

    Raises:
        ConfigurationError: it is not on the route.
    """
    for lane in plan.lanes:
        if lane.name == endpoint:
            return lane
    known = ", ".join(lane.name for lane in plan.lanes)
    raise ConfigurationError(f"the route of {plan.name} has no endpoint {endpoint!r}", mend=f"use one of {known}")


def embed_request(given: EmbedRequest | Sequence[str]) -> EmbedRequest:
    """The request for what a caller gave.

    Raises:
        ConfigurationError: there is nothing to embed, or one text stands where a list of texts is meant.
    """
    if isinstance(given, str):
        raise ConfigurationError("embed takes a list of texts", where="embed", mend="write embed([text])")
    made = (
        given if isinstance(given, EmbedRequest) else EmbedRequest(tuple(EmbedInput((Text(each),)) for each in given))
    )
    if not made.inputs or not all(each.parts for each in made.inputs):
        raise ConfigurationError("there is nothing to embed", where="embed", mend="give a text for each embedding")
    return made


def _narrowed(ask: Ask, lanes: tuple[Lane, ...]) -> Ask:
    names = {lane.name for lane in lanes}
    weights = {name: weight for name, weight in ask.plan.weights.items() if name in names}
    return replace(ask, plan=replace(ask.plan, lanes=lanes, weights=weights))


def _is_same_model(lane: Lane, developer: str, model: str) -> bool:
    who = lane.endpoint.identity
    return (who.developer, who.model) == (developer, model)


def _fitted(ask: Ask, endpoint: Endpoint) -> tuple[GenerateRequest, tuple[Loss, ...]]:
    asked = fitted(ask, endpoint)
    return asked.request, asked.losses


def _always(asked: AskedT) -> _AskedOf[AskedT]:
    """The same question for whichever endpoint."""

    def asked_of(_ask: Ask, _endpoint: Endpoint) -> tuple[AskedT, tuple[Loss, ...]]:
        return asked, ()

    return asked_of


async def _perform(
    exchange: Exchange,
    ask: Ask,
    operation: Operation[AskedT, ToldT],
    asked_of: _AskedOf[AskedT],
) -> ToldT:
    """Ask the first endpoint of the route that may and can answer."""

    def prepare(ask: Ask, lane: Lane) -> Prepared:
        _refuse_where_claimed(operation, lane.endpoint)
        asked, earlier = asked_of(ask, lane.endpoint)
        call = lane.provider.prepare_operation(operation, asked)
        return Prepared(call, (*earlier, *call.losses))

    async def attempt(ready: Ready, token: SendToken) -> ToldT:
        told = await ready.lane.provider.perform(operation, ready.call, token=token)
        token.release()
        return _check_served(ready.lane.endpoint, exchange.finish_operation(ready, operation, told))

    def asked_first(endpoint: Endpoint) -> object:
        return asked_of(ask, endpoint)[0]

    asked = ask.asked_of or asked_first
    whole = replace(ask, prepare=prepare, operation=operation.name, asked_of=asked)
    return await exchange.first_that_answers(whole, attempt)


def _refuse_where_claimed(operation: AnyOperation, endpoint: Endpoint) -> None:
    """What nobody has claimed is tried: the question is permitted, and the vendor itself says that it has none."""
    claim = endpoint.capability(operation.name)
    if claim is not None and claim.support in ("rejected", "unsupported", "ignored"):
        why = f"its profile says so ({claim.evidence.level} {claim.evidence.checked})"
        raise unsupported(operation, endpoint, why)


def _check_served(endpoint: Endpoint, told: ToldT) -> ToldT:
    """An embedding of another model is of no use, and looks like any other."""
    if not isinstance(told, Embeddings):
        return told
    asked, served = endpoint.identity.model, told.origin.model if told.origin else None
    match served_model_matches(asked, served, endpoint.facts):
        case True:
            return told
        case None:
            return changed(told, warnings=(*told.warnings, "the vendor does not say which model has served"))
        case False:
            name = endpoint.identity.endpoint
            raise ServedModelMismatch(
                f"{name} was asked for {asked} and embedded as {served}",
                asked=asked,
                served=served,
                response=None,
                mend=f"if that is the same model, add it to endpoints.{name}.served_as",
            )


def _malformed(what: str) -> ProviderError:
    return ProviderError(what, kind=ProviderErrorKind.MALFORMED)
