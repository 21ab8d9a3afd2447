"""One exchange, from a mission's wish to a vendor's answer.

Decide policy, negotiate, encode and weigh the losses, ask permission, log, send, check who answered; or fall back as
`disposition_of` says. A denial, a refusal and a content filter are answers: nothing is tried elsewhere.
"""

import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import KW_ONLY, field, replace
from functools import partial
from typing import Final, TypeAlias, TypeVar

from offramp._mission import Lane, MissionPlan
from offramp._oversight import Overseen, Overseer
from offramp._policy_book import Edition
from offramp.audit import DecisionLog, fallback_entry, operation_entry
from offramp.catalog import dialect_names, served_model_matches
from offramp.contracts.capability import Emulation
from offramp.contracts.clock import Clock
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.operations import AnyOperation, ToldT
from offramp.contracts.oversight import Condition
from offramp.contracts.permission import SendToken
from offramp.contracts.policy import Decision
from offramp.contracts.provider import PreparedCall
from offramp.errors import (
    CapabilityError,
    ConfigurationError,
    OfframpError,
    Prohibited,
    ProviderError,
    ServedModelMismatch,
)
from offramp.negotiation import Fitted, fit, limit_losses, refuse_unless_it_fits, requirements_of, restored
from offramp.oversight import canonical_request
from offramp.policy import decide_history, denial
from offramp.resilience import Deadline, RetryBudget, RetryPolicy, disposition_of, retrying
from offramp.routing import RouteDecision, fall_back, leave_out
from offramp.state import StateGate
from offramp.types import (
    AnyResponse,
    GenerateRequest,
    JsonObject,
    Loss,
    SchemaOutput,
    Severity,
    Timings,
    changed,
    value,
)

_T = TypeVar("_T")

RequestFor: TypeAlias = Callable[[Endpoint], tuple[GenerateRequest, tuple[Loss, ...]]]
"""The request for one endpoint, and what it lost on the way there (a hand-off's losses)."""

Prepare: TypeAlias = Callable[["Ask", Lane], "Prepared"]
"""Makes the call for one endpoint."""

Attempt: TypeAlias = Callable[["Ready", SendToken], Awaitable[_T]]
"""One send of a prepared call, under a token."""


_draw: Final = random.getrandbits  # not guessed by nobody's harm; seeded anew in each process, and after a fork


class Tally:
    """Counts the sends of one ask."""

    __slots__ = ("_counted", "sends")

    def __init__(self) -> None:
        self.sends = 0
        self._counted = False

    def is_first_count(self) -> bool:
        """Whether the ask is still to be counted as a call of its mission: true once."""
        counted, self._counted = self._counted, True
        return not counted


@value
class Ask:
    """What is asked, before it is known of whom."""

    _: KW_ONLY
    plan: MissionPlan
    request_for: RequestFor = lambda _: (GenerateRequest(()), ())
    deadline: Deadline
    call_id: str = field(default_factory=lambda: f"{_draw(64):016x}")
    vendor_options: Mapping[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    conversation: str | None = None
    preferred: str | None = None
    """The endpoint that the conversation is with."""
    tally: Tally = field(default_factory=Tally)
    labels: tuple[str, ...] = ()
    """The declarations under which the history was made: sending it discloses all of it."""
    prepare: Prepare | None = None
    """How a question besides an answer is put. None: an answer is asked for."""
    operation: str = "generate"
    asked_of: Callable[[Endpoint], object] | None = None
    """That question, for whoever approves it."""
    approvals: tuple[str, ...] = ()
    subject: str | None = None
    """Whom it is about."""


@value
class Prepared:
    """A call for one endpoint, encoded."""

    call: PreparedCall
    losses: tuple[Loss, ...]
    """Before and by the encoder."""
    _: KW_ONLY
    emulated_by: Emulation | None = None
    """How the form of the answer is emulated."""
    nullable: JsonObject | None = None
    """The schema of the answer, where its optional properties were asked for as nullable."""


@value
class Ready:
    """A call for one endpoint, decided and encoded. Nothing has been sent."""

    ask: Ask
    lane: Lane
    prepared: Prepared
    decision: Decision
    edition: Edition
    """Of policy, by which it was decided."""
    started_s: float
    condition: Condition | None = None
    """What people must do for it, besides the decision."""

    @property
    def call(self) -> PreparedCall:
        """What is sent."""
        return self.prepared.call

    @property
    def label(self) -> str | None:
        """Of the declaration under which it was decided."""
        return self.edition.policies[self.ask.plan.name].label

    @property
    def losses(self) -> tuple[Loss, ...]:
        """Before and by the encoder."""
        return self.prepared.losses


class Exchange:
    """Carries asks to endpoints. One for each client."""

    def __init__(
        self,
        *,
        gate: StateGate,
        log: DecisionLog,
        clock: Clock,
        retry: RetryPolicy,
        budget: RetryBudget,
        overseer: Overseer,
    ) -> None:
        self.clock = clock
        self.log = log
        self._gate = gate
        self._retry = retry
        self._budget = budget
        self._overseer = overseer

    async def generate(self, ask: Ask) -> AnyResponse:
        """Ask the first endpoint of the route that may and can answer.

        Raises:
            PolicyDenied, Prohibited, CapabilityError, ProviderError, DeadlineExceeded, ServedModelMismatch, StateError.
        """
        return await self.first_that_answers(ask, self._send)

    async def first_that_answers(self, ask: Ask, attempt: Attempt[_T]) -> _T:
        """Try the route in order, each endpoint with its retries; fall back only as `disposition_of` allows."""
        route = ask.plan.route_for(ask.conversation or ask.call_id, preferred=ask.preferred)
        telling: CapabilityError | ProviderError | Prohibited | None = None
        with ask.deadline.enforced(f"the call of {ask.plan.name}"):
            while True:
                lane = ask.plan.lane(route.order[0].endpoint)
                try:
                    return await self._try(self._prepare(ask, lane), attempt)
                except (CapabilityError, ProviderError, Prohibited) as error:
                    last = error
                    route = _without_first(route, error)
                # An endpoint that was never fit says less than one that failed.
                telling = last if telling is None or not isinstance(last, CapabilityError) else telling
                if not route.order:
                    ask.deadline.check(f"the call of {ask.plan.name}")
                    telling.add_note(str(route))
                    raise telling
                identity = lane.endpoint.identity
                self.log.append(fallback_entry(last, mission=ask.plan.name, identity=identity, call_id=ask.call_id))

    def _try(self, ready: Ready, attempt: Attempt[_T]) -> Awaitable[_T]:
        return retrying(
            partial(self._attempt, ready, attempt),
            policy=self._retry,
            budget=self._budget,
            clock=self.clock,
            deadline=ready.ask.deadline,
        )

    def _prepare(self, ask: Ask, lane: Lane) -> Ready:
        """Decide, negotiate, encode, weigh."""
        endpoint, plan, started_s = lane.endpoint, ask.plan, self.clock.monotonic()
        decision, edition = self._decide(ask, endpoint)
        try:
            prepared = (ask.prepare or _prepare_answer)(ask, lane)
        except ConfigurationError:
            self._gate.check(endpoint.identity)  # a key is taken away with its vendor: then the order is the reason
            raise
        if prepared.losses:
            limit_losses(prepared.losses, plan.max_loss, f"{plan.name} at {lane.name}")
        return Ready(
            ask, lane, prepared, decision, edition, started_s, self._condition(ask, endpoint, decision, edition)
        )

    def _decide(self, ask: Ask, endpoint: Endpoint) -> tuple[Decision, Edition]:
        """Decide over the whole of what would be disclosed, by one edition of policy. A denial is logged and final.

        Where an order stops the endpoint anyway, that is the reason: terms end with an exit, and the route goes on.
        """
        edition, identity = ask.plan.book.now(), endpoint.identity
        policies = edition.policies
        decision = decide_history(policies[ask.plan.name], ask.labels, identity, self.clock.now(), others=policies)
        if not decision.allowed:
            self._gate.check(identity)
            self.log.append_decision(decision, identity=identity, call_id=ask.call_id, epoch=self._gate.epoch)
            raise denial(decision)
        return decision, edition

    def _condition(self, ask: Ask, endpoint: Endpoint, decision: Decision, edition: Edition) -> Condition | None:
        """What people must do for the call, and how much of it there may be. Most missions claim neither."""
        limits = edition.limits[ask.plan.name]
        if not (decision.oversight or (limits is not None and limits.bear_on(ask.subject))):
            return None
        self._gate.check(endpoint.identity)  # where an order stops it nobody is asked to approve
        own = edition.policies[ask.plan.name].label
        return self._overseer.condition(
            Overseen(
                mission=ask.plan.name,
                identity=endpoint.identity,
                decision=decision,
                call_id=ask.call_id,
                approvals=ask.approvals,
                subject=ask.subject,
                labels=tuple(label for label in ask.labels if label != own),
                limits=limits,
                content=partial(_content, ask, endpoint),
                is_first_count=ask.tally.is_first_count,
            )
        )

    async def _attempt(self, ready: Ready, attempt: Attempt[_T]) -> _T:
        """Ask permission, log the decision, send."""
        permit = ready.lane.breaker.admit()
        if permit is None:
            raise ready.lane.breaker.refusal()
        ask, identity = ready.ask, ready.lane.endpoint.identity
        if ask.tally.sends:  # since the first send policy may have changed, or a day may have begun
            decision, edition = self._decide(ask, ready.lane.endpoint)
            condition = self._condition(ask, ready.lane.endpoint, decision, edition)
            ready = replace(ready, decision=decision, edition=edition, condition=condition)
        with permit:
            token = self._gate.admit(identity, decision=ready.decision, call_id=ask.call_id, condition=ready.condition)
            try:
                self.log.append_decision(
                    ready.decision,
                    identity=identity,
                    call_id=ask.call_id,
                    epoch=self._gate.epoch,
                    losses=ready.losses,
                )
                ask.tally.sends += 1
                return await attempt(ready, token)
            except BaseException as error:
                token.release()
                self.log.append_failure(error, identity=identity, call_id=ask.call_id)
                raise

    async def _send(self, ready: Ready, token: SendToken) -> AnyResponse:
        response = await ready.lane.provider.send(ready.call, token=token)
        return self.finish(ready, response)

    def finish(self, ready: Ready, response: AnyResponse, *, first_output_s: float | None = None) -> AnyResponse:
        """Take back what was emulated, stamp losses and timings, log the outcome, and check who has answered.

        Raises:
            ServedModelMismatch: another model has answered.
        """
        by, nullable = ready.prepared.emulated_by, ready.prepared.nullable
        if by is not None or nullable is not None:
            response = restored(response, by, nullable=nullable)
        total_s = self.clock.monotonic() - ready.started_s
        timings = Timings(total_s=total_s, first_output_s=first_output_s, attempts=ready.ask.tally.sends)
        losses = ready.losses
        if response.losses != ready.call.losses:
            losses = (*losses, *(loss for loss in response.losses if loss not in ready.call.losses))
        response = changed(response, losses=losses, timings=timings)
        self.log.append_outcome(response, identity=ready.lane.endpoint.identity, call_id=ready.ask.call_id)
        return check_served(ready.lane.endpoint, response)

    def finish_operation(self, ready: Ready, operation: AnyOperation, told: ToldT) -> ToldT:
        """Stamp losses and timings on what was told, and log that it was."""
        timings = Timings(total_s=self.clock.monotonic() - ready.started_s, attempts=ready.ask.tally.sends)
        decoded = tuple(loss for loss in told.losses if loss not in ready.call.losses)
        told = changed(told, losses=(*ready.losses, *decoded), timings=timings)
        identity, call_id = ready.lane.endpoint.identity, ready.ask.call_id
        self.log.append(operation_entry(operation.name, told, identity=identity, call_id=call_id))
        return told

    def cut(self, ready: Ready, error: BaseException | None) -> None:
        """Log that an answer was cut off; without an error, its reader left it."""
        identity = ready.lane.endpoint.identity
        self.log.append_failure(error or Abandoned(), identity=identity, call_id=ready.ask.call_id)


def _content(ask: Ask, endpoint: Endpoint) -> bytes:
    """What a person approves: all that the encoder of this endpoint is given."""
    asked = ask.asked_of(endpoint) if ask.asked_of is not None else ask.request_for(endpoint)[0]
    return canonical_request(ask.plan.name, ask.operation, asked, ask.vendor_options)


def _prepare_answer(ask: Ask, lane: Lane) -> Prepared:
    endpoint = lane.endpoint
    asked = fitted(ask, endpoint)
    call = lane.provider.prepare(asked.request, ask.vendor_options.get(endpoint.profile.dialect))
    refuse_unless_it_fits(asked.request, len(call.http.body), asked.negotiation, ask.plan.demand.needs)
    foreign = tuple(_foreign_options(ask, endpoint)) if ask.vendor_options else ()
    losses = (*asked.losses, *foreign, *call.losses)
    return Prepared(call, losses, emulated_by=asked.emulated_by, nullable=_nullable(asked.request, call))


def _nullable(request: GenerateRequest, call: PreparedCall) -> JsonObject | None:
    """The schema whose optional properties the encoder has asked for as nullable."""
    match request.output:
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


def _without_first(route: RouteDecision, error: OfframpError) -> RouteDecision:
    """What is left to ask. An endpoint that cannot do it is passed over; of a failure, `disposition_of` decides."""
    if isinstance(error, CapabilityError):
        return leave_out(route, "unfit", error.what)
    return fall_back(route, error=error, disposition=disposition_of(error))


class Abandoned(Exception):  # a word for the log; it is never raised
    """The reader of a stream left it before its end."""


def check_served(endpoint: Endpoint, response: AnyResponse) -> AnyResponse:
    """Compare the served model with the asked one. Where the vendor does not say, the response warns.

    Raises:
        ServedModelMismatch: another model has answered; the answer is in the error.
    """
    asked, name = endpoint.identity.model, endpoint.identity.endpoint
    served = response.origin.model if response.origin else None
    if served == asked:
        return response
    match served_model_matches(asked, served, endpoint.facts):
        case True:
            return response
        case None:
            return changed(response, warnings=(*response.warnings, "the vendor does not say which model has served"))
        case False:
            raise ServedModelMismatch(
                f"{name} was asked for {asked} and answered as {served}",
                asked=asked,
                served=served,
                response=response,
                mend=f"if that is the same model, add it to endpoints.{name}.served_as",
            )


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
