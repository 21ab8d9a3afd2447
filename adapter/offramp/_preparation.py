"""One request for one endpoint: negotiated, fitted, encoded, and its losses named. Nothing is sent."""

from collections.abc import Iterator

from offramp._ask import Ask, Prepared
from offramp._mission import Lane
from offramp.catalog import dialect_names
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.provider import PreparedCall
from offramp.errors import ConfigurationError
from offramp.negotiation import Fitted, fit, refuse_unless_it_fits, requirements_of
from offramp.types import JsonObject, Loss, Output, SchemaOutput, Severity


def prepare_answer(ask: Ask, lane: Lane) -> Prepared:
    """The call that asks this endpoint for an answer.

    Raises:
        CapabilityError, ConfigurationError: as `fitted`, and as the provider.
    """
    endpoint = lane.endpoint
    asked = fitted(ask, endpoint)
    call = lane.provider.prepare(asked.request, ask.vendor_options.get(endpoint.profile.dialect))
    refuse_unless_it_fits(
        asked.request, len(call.http.body), asked.negotiation, ask.plan.demand, counted=ask.counted_tokens
    )
    foreign = tuple(_foreign_options(ask, endpoint)) if ask.vendor_options else ()
    losses = (*asked.losses, *foreign, *call.losses)
    nullable = _nullable(asked.request.output, call) if call.losses else None
    return Prepared(call, losses, emulated_by=asked.emulated_by, nullable=nullable)


def _nullable(output: Output | None, call: PreparedCall) -> JsonObject | None:
    """The schema whose optional properties the encoder has asked for as nullable."""
    match output:
        case SchemaOutput(schema=schema) if any(loss.code == "schema.nullable" for loss in call.losses):
            return schema
        case _:
            return None


def fitted(ask: Ask, endpoint: Endpoint) -> Fitted:
    """The request as the endpoint can take it, and what it lost on the way there.

    Raises:
        CapabilityError: the endpoint does not meet what the mission or the request needs.
        ConfigurationError: there is no message.
    """
    request, earlier = ask.request_for(endpoint)
    if not request.messages:
        raise ConfigurationError("there is no message to send", mend="say something")
    return fit(request, endpoint, ask.plan.negotiated(endpoint, requirements_of(request)), earlier=earlier)


def _foreign_options(ask: Ask, endpoint: Endpoint) -> Iterator[Loss]:
    """The caller's options for other dialects than this one: each is a loss here.

    Raises:
        ConfigurationError: nobody here speaks a dialect of this name.
    """
    spoken = {*dialect_names(), *(lane.endpoint.profile.dialect for lane in ask.plan.lanes)}
    for dialect, given in ask.vendor_options.items():
        if dialect not in spoken:
            raise ConfigurationError(
                f"there is no dialect {dialect!r}",
                where="vendor_options",
                mend=f"use one of {', '.join(sorted(spoken))}",
            )
        if dialect != endpoint.profile.dialect:
            for key in given:
                yield Loss(
                    code="vendor_option",
                    path=f"vendor_options.{dialect}.{key}",
                    action="dropped",
                    severity=Severity.BEHAVIOURAL,
                    why="an option for another dialect has no counterpart here",
                )
