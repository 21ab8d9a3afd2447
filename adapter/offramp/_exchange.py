"""One exchange, from a mission's wish to a vendor's answer.

Decide policy, negotiate, encode and weigh the losses, ask permission, log, send, check who answered; or fall back as
`disposition_of` says. A denial, a refusal and a content filter are answers: nothing is tried elsewhere.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TypeAlias, TypeVar

from offramp._ask import Ask, Attempt, Ready
from offramp._mission import Lane
from offramp._oversight import Overseen, Overseer
from offramp._policy_book import Edition
from offramp._preparation import prepare_answer
from offramp._served import check_served
from offramp.audit import DecisionLog, fallback_entry, operation_entry, policy_entry
from offramp.contracts.clock import Clock
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.operations import AnyOperation, ToldT
from offramp.contracts.oversight import Condition
from offramp.contracts.permission import SendToken
from offramp.contracts.policy import Decision
from offramp.errors import CapabilityError, ConfigurationError, OfframpError, Prohibited, ProviderError
from offramp.negotiation import SizeUncertain, limit_losses, restored
from offramp.oversight import canonical_request
from offramp.policy import decide_history, denial
from offramp.resilience import RetryBudget, RetryPolicy, disposition_of, retrying
from offramp.routing import RouteDecision, fall_back, leave_out
from offramp.state import StateGate
from offramp.types import AnyResponse, Timings, changed, filled

_T = TypeVar("_T")


Count: TypeAlias = "Callable[[Exchange, Ask, Lane, SizeUncertain], Awaitable[int]]"
"""Has an endpoint count what it would be asked. Raises what it was given, where there is no count to be had."""


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
        count: Count,
    ) -> None:
        self.clock = clock
        self.log = log
        self._gate = gate
        self._retry = retry
        self._budget = budget
        self._overseer = overseer
        self._count = count
        self._told: Edition | None = None
        """The edition of policy of which the log has been told."""

    def generate(self, ask: Ask) -> Awaitable[AnyResponse]:
        """Ask the first endpoint of the route that may and can answer.

        Raises:
            PolicyDenied, Prohibited, CapabilityError, ProviderError, DeadlineExceeded, ServedModelMismatch, StateError.
        """
        return self.first_that_answers(ask, self._send)

    async def first_that_answers(self, ask: Ask, attempt: Attempt[_T]) -> _T:
        """Try the route in order, each endpoint with its retries; fall back only as `disposition_of` allows."""
        route = ask.plan.route_for(ask.conversation or ask.call_id, preferred=ask.preferred)
        telling: CapabilityError | ProviderError | Prohibited | None = None
        with ask.deadline.enforced(f"the call of {ask.plan.name}"):
            while True:
                lane = ask.plan.lane(route.order[0].endpoint)
                try:
                    try:
                        ready = self._prepare(ask, lane)
                    except SizeUncertain as error:
                        ready = await self._counted(ask, lane, error)
                    return await self._try(ready, attempt)
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

    async def _counted(self, ask: Ask, lane: Lane, refusal: SizeUncertain) -> Ready:
        """Prepare once more, by the endpoint's own count, what an estimate alone has refused."""
        counted = await self._count(self, ask, lane, refusal)
        return self._prepare(replace(ask, counted_tokens=counted), lane)

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
            prepared = (ask.prepare or prepare_answer)(ask, lane)
        except ConfigurationError:
            self._gate.check(endpoint.identity)  # a key is taken away with its vendor: then the order is the reason
            raise
        if prepared.losses:
            limit_losses(prepared.losses, plan.max_loss, f"{plan.name} at {lane.name}")
        return Ready(
            ask, lane, prepared, decision, edition, started_s, self._condition(ask, endpoint, decision, edition)
        )

    def cleared(self, ask: Ask, endpoint: Endpoint) -> tuple[Decision, Condition | None]:
        """What policy says of an ask now, and what else must hold when it is sent: all that stands before the gate.

        Raises:
            PolicyDenied, ApprovalNeeded, Prohibited, StateError: it may not be sent.
        """
        decision, edition = self._decide(ask, endpoint)
        return decision, self._condition(ask, endpoint, decision, edition)

    def _decide(self, ask: Ask, endpoint: Endpoint) -> tuple[Decision, Edition]:
        """Decide over the whole of what would be disclosed, by one edition of policy. A denial is logged and final.

        Where an order stops the endpoint anyway, that is the reason: terms end with an exit, and the route goes on.
        """
        edition, identity = ask.plan.book.now(), endpoint.identity
        if edition is not self._told:
            self.log.defer(policy_entry(edition.documents))
            self._told = edition
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
        """Ask permission and send. The gate has the log told of both."""
        permit = ready.lane.breaker.admit()
        if permit is None:
            raise ready.lane.breaker.refusal()
        ask, identity = ready.ask, ready.lane.endpoint.identity
        if ask.tally.sends:  # since the first send policy may have changed, or a day may have begun
            decision, edition = self._decide(ask, ready.lane.endpoint)
            condition = self._condition(ask, ready.lane.endpoint, decision, edition)
            ready = replace(ready, decision=decision, edition=edition, condition=condition)
        with permit:
            token = self._gate.admit(
                identity,
                decision=ready.decision,
                call_id=ask.call_id,
                condition=ready.condition,
                losses=ready.losses,
                loop=ask.deadline.loop,
            )
            try:
                ask.tally.sends += 1
                answered = await attempt(ready, token)
            except BaseException as error:
                token.release()
                self.log.append_failure(error, identity=identity, call_id=ask.call_id)
                raise
            token.tell()  # of a stream whose provider has used no permission
            return answered

    async def _send(self, ready: Ready, token: SendToken) -> AnyResponse:
        response = await ready.lane.provider.send(ready.call, token=token)
        token.release()  # the log has the decision before the outcome, even where a provider has used no permission
        return self.finish(ready, response)

    def finish(self, ready: Ready, response: AnyResponse, *, first_output_s: float | None = None) -> AnyResponse:
        """Take back what was emulated, stamp losses and timings, log the outcome, and check who has answered.

        Args:
            ready: what was sent.
            response: as it has come. Nobody else holds it yet, so it is stamped as it is and not copied.
            first_output_s: of a stream.

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
        filled(response, losses=losses, timings=timings)
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


def _without_first(route: RouteDecision, error: OfframpError) -> RouteDecision:
    """What is left to ask. An endpoint that cannot do it is passed over; of a failure, `disposition_of` decides."""
    if isinstance(error, CapabilityError):
        return leave_out(route, "unfit", error.what)
    return fall_back(route, error=error, disposition=disposition_of(error))


class Abandoned(Exception):  # a word for the log; it is never raised
    """The reader of a stream left it before its end."""
