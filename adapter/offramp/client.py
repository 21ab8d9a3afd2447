"""The front door: missions, calls, streams and sessions over whatever vendor may and can carry them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from typing_extensions import Unpack  # pydantic requires it; `typing` types it for keywords in every checker from 3.12

from offramp._answer import with_output
from offramp._ask import Ask
from offramp._assembly import Parts, assemble
from offramp._given import check_conversation, check_oversight
from offramp._input import Call, CallOptions, Input, OutputT, call_from
from offramp._mission import MissionPlan
from offramp._operations import count_tokens, embed, embed_request, list_models
from offramp._session import AsyncSession
from offramp._stream import AsyncStream, OpenStream, open_stream
from offramp._supervision import AsyncSupervision, starter_of, supervision_need
from offramp.config import Config, load_config
from offramp.contracts.clock import Clock
from offramp.contracts.provider import Provider
from offramp.errors import ConfigurationError
from offramp.oversight import approval_of
from offramp.resilience.deadline import Deadline
from offramp.sessions import MemoryLedger, with_own_history
from offramp.types import AnyResponse, Embeddings, EmbedRequest, GenerateRequest, ModelList, Response, TokenCount


class AsyncClient:
    """All missions of one configuration. Use it as a context manager; it closes what it opened."""

    def __init__(
        self, config: Config, *, providers: Mapping[str, Provider] | None = None, clock: Clock | None = None
    ) -> None:
        """Open state, ledger and log, and prepare every mission. Nothing is sent.

        Args:
            config: as read by `load_config`.
            providers: providers of your own, by endpoint name. Default: found from each vendor's profile.
            clock: where time comes from. Default: the machine's.

        Raises:
            ConfigurationError, StateError: something is missing, contradictory or unreadable.
        """
        self._config = config
        self._parts = assemble(config, providers or {}, clock)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "AsyncClient":
        """A client of `offramp.toml`. Raises as the constructor does."""
        return cls(load_config(path))

    async def __aenter__(self) -> "AsyncClient":
        """Begin to watch for orders."""
        self._parts.gate.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close connections, ledger, state and log. Safe to call twice."""
        await self._parts.aclose()

    def reload(self) -> None:
        """Read all policy files now. Without it, too, a changed file takes effect for the next send.

        The configuration itself is not read again: routes, endpoints and the names of the files stay.

        Raises:
            ConfigurationError: a file cannot be read. What stood before stays in force, and every decision says so.
        """
        self._parts.book.reload()

    def mission(self, name: str) -> "AsyncMission":
        """A mission of the configuration.

        Raises:
            ConfigurationError: there is none of this name.
        """
        return AsyncMission(self._parts, self._plan(name))

    def _plan(self, name: str) -> MissionPlan:
        plan = self._parts.plans.get(name)
        if plan is None:
            known = ", ".join(sorted(self._parts.plans))
            raise ConfigurationError(
                f"there is no mission {name!r}", mend=f"use one of {known}, or add [missions.{name}]"
            )
        return plan

    async def approval(self, request: str) -> str:
        """The signed approval that was granted for a request, to be given to the same call in `approvals`.

            try:
                answer = await mission.generate(question)
            except ApprovalNeeded as needed:
                ...  # until somebody has run `offramp approvals grant`, in this process or a later one
                approval = await client.approval(needed.request)
                answer = await mission.generate(question, approvals=[approval])

        Args:
            request: the id in `ApprovalNeeded.request`.

        Raises:
            ApprovalNeeded: nobody has answered yet, or in time.
            PolicyDenied: it was denied.
            ConfigurationError: there is no such request.
        """
        return approval_of(self._parts.books.approvals, request)

    def supervise(self, mission: str, *, by: str, key: str | os.PathLike[str] | None = None) -> AsyncSupervision:
        """Watch a mission that declares `oversight = "supervise"`, as `offramp supervise` does, from an application.

            async with client.supervise("triage", by="ann", key="ann.key") as watch:
                ...  # as long as this block runs, the mission may send, in all processes of the deployment
                await watch.stop()  # cuts it everywhere, at once

        Args:
            mission: its name.
            by: who supervises.
            key: that person's private key, where the configuration names `approvers`.

        Raises:
            ConfigurationError: there is no such mission, it declares no supervision, or nobody is named; on entering,
                also where the key is missing, another's, or not of the declared role.
        """
        need = supervision_need(self._plan(mission).policy)
        starter = starter_of(self._config, by, Path(key) if key is not None else None)
        parts = self._parts
        return AsyncSupervision(parts.books.watches, need, starter, clock=parts.clock, log=parts.log)


class AsyncMission:
    """One mission: every call through it is decided by its declaration and takes its route."""

    def __init__(self, parts: Parts, plan: MissionPlan) -> None:
        self._parts = parts
        self._plan = plan

    @property
    def name(self) -> str:
        """As the configuration names it."""
        return self._plan.name

    async def generate(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> Response[OutputT]:
        """One exchange. Tools are offered, never executed.

        Args:
            given: a text, a message, messages, or a whole request.
            output: a pydantic class or a type; the answer is validated against it.
            options: see `CallOptions`.

        Raises:
            PolicyDenied, Prohibited, CapabilityError, LossExceeded: nothing was sent.
            ProviderError, DeadlineExceeded: no endpoint of the route has answered.
            OutputInvalid, ServedModelMismatch: an answer came, and is in the error.
        """
        if isinstance(given, GenerateRequest):
            given = await self._whole(given)
        call = call_from(given, output, options)
        return with_output(await self._parts.exchange.generate(self._ask(call)), call)

    def stream(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> AsyncStream[OutputT]:
        """One exchange, read as it arrives. Arguments and errors as `generate`; cut off, it raises `Interrupted`."""
        call = call_from(given, output, options)
        streamed = replace(call, request=replace(call.request, stream=True))
        exchange = self._parts.exchange

        async def start() -> OpenStream:
            ask = self._ask(replace(streamed, request=await self._whole(streamed.request)))
            return await exchange.first_that_answers(ask, lambda ready, token: open_stream(exchange, ready, token))

        async def finish(stream: OpenStream, response: AnyResponse) -> Response[OutputT]:
            return with_output(exchange.finish(stream.ready, response, first_output_s=stream.first_output_s), call)

        async def cut(stream: OpenStream, _: AnyResponse, error: BaseException | None) -> None:
            exchange.cut(stream.ready, error)

        return AsyncStream(start, finish=finish, cut=cut)

    async def run(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> Response[OutputT]:
        """Exchanges until the model calls no more tools; functions given as tools are executed.

        Raises:
            MaxTurnsExceeded: it still called tools after `max_turns` exchanges.
            And as `generate` does.
        """
        session = AsyncSession(self._parts, self._plan, conversation="", ledger=MemoryLedger())
        return await session.run(await self._told(given), output=output, **options)

    async def count_tokens(
        self,
        given: Input,
        *,
        endpoint: str | None = None,
        output: type[OutputT] | None = None,
        **options: Unpack[CallOptions],
    ) -> TokenCount:
        """How many tokens a call would read, by the vendor's own counter. It discloses what the call would.

        Args:
            given: as for `generate`; so are `output` and `options`.
            endpoint: whose tokens; not given, those of the first endpoint of the route that no order stops.

        Raises:
            Unsupported: the endpoint cannot count. No other is asked: it would count other tokens.
            And as `generate` does.
        """
        call = call_from(await self._told(given), output, options)
        if call.vendor_options:
            raise ConfigurationError(
                "vendor options cannot be counted", where="vendor_options", mend="leave them out, and allow for them"
            )
        return await count_tokens(self._parts.exchange, self._ask(call), endpoint=endpoint)

    async def embed(
        self,
        given: EmbedRequest | Sequence[str],
        *,
        timeout_s: float | None = None,
        approvals: Sequence[str] = (),
        subject: str | None = None,
    ) -> Embeddings:
        """One vector for each text, in order. Vectors of another model are not comparable, so none other is asked.

        Args:
            given: texts; or a whole request, for a purpose, a length or images.
            timeout_s: for the whole call, retries included, in seconds. Default: the mission's.
            approvals: as in `CallOptions`; so is `subject`.
            subject: whom the texts are about.

        Raises:
            Unsupported: the route's first endpoint makes none.
            ServedModelMismatch: another model has made them.
            And as `generate` does.
        """
        request = embed_request(given)
        ask = self._plain_ask(timeout_s, approvals=approvals, subject=subject)
        return await embed(self._parts.exchange, ask, request)

    async def models(
        self, endpoint: str | None = None, *, timeout_s: float | None = None, approvals: Sequence[str] = ()
    ) -> ModelList:
        """The models that an endpoint's account may use, as its host tells.

        Args:
            endpoint: on the mission's route; not given, the first.
            timeout_s: for all pages together, in seconds. Default: the mission's.
            approvals: as in `CallOptions`; one stands for all pages.

        Raises:
            Unsupported: it has no list. And as `generate` does.
        """
        name = endpoint or self._plan.lanes[0].name
        ask = self._plain_ask(timeout_s, approvals=approvals, subject=None)
        return await list_models(self._parts.exchange, ask, name)

    def session(self, conversation: str, *, subject: str | None = None) -> AsyncSession:
        """A conversation that is kept in the ledger: continued where it was left, at whichever vendor.

        Args:
            conversation: its id.
            subject: whom it is about, for every call that names no other; as in `CallOptions`.

        Raises:
            ConfigurationError: the id or the subject is empty.
        """
        check_conversation(conversation)
        check_oversight((), subject)
        return AsyncSession(
            self._parts, self._plan, conversation=conversation, ledger=self._parts.ledger, subject=subject
        )

    async def _told(self, given: Input) -> Input:
        return await self._whole(given) if isinstance(given, GenerateRequest) else given

    async def _whole(self, request: GenerateRequest) -> GenerateRequest:
        """With the history that a vendor keeps of it, where our ledger keeps it too."""
        if not request.routing:
            return request
        label = self._plan.policy.label
        return await with_own_history(request, self._parts.ledger, labels=(label,) if label else ())

    def _plain_ask(self, timeout_s: float | None, *, approvals: Sequence[str], subject: str | None) -> Ask:
        check_oversight(approvals, subject)
        bound_s = self._plan.timeout_s if timeout_s is None else timeout_s
        deadline = Deadline(self._parts.clock, bound_s)
        return Ask(plan=self._plan, deadline=deadline, approvals=tuple(approvals), subject=subject)

    def _ask(self, call: Call[OutputT]) -> Ask:
        timeout_s = self._plan.timeout_s if call.timeout_s is None else call.timeout_s
        return Ask(
            plan=self._plan,
            request_for=lambda _: (call.request, ()),
            deadline=Deadline(self._parts.clock, timeout_s),
            vendor_options=call.vendor_options,
            approvals=call.approvals,
            subject=call.subject,
        )
