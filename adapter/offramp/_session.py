"""A conversation that is kept in the ledger and goes on at whichever vendor may carry it.

What is said is written down before it is sent; a tool is claimed before it runs; an answer that was cut off is kept,
and never spliced into the next one.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Generic, TypeVar

from typing_extensions import Unpack  # as in `client`

from offramp._answer import with_output
from offramp._ask import Ask, Ready
from offramp._assembly import Parts
from offramp._input import Call, CallOptions, Input, OutputT, call_from
from offramp._mission import MissionPlan
from offramp._notebook import Notebook
from offramp._stream import AsyncStream, OpenStream, open_stream
from offramp._tool_runs import run_pending, runnable
from offramp.audit import handoff_entry
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.ledger import HandedOff, Ledger
from offramp.contracts.permission import SendToken
from offramp.errors import MaxTurnsExceeded, SessionError
from offramp.resilience import Deadline
from offramp.sessions import plan_handoff, within
from offramp.types import AnyResponse, GenerateRequest, Loss, Message, Response, value

_T = TypeVar("_T")


@value
class _Turn(Generic[OutputT]):
    """One exchange of the conversation in the making."""

    call: Call[OutputT]
    new: tuple[Message, ...]
    """What the application adds; written down just before the first byte leaves."""


class AsyncSession:
    """A conversation. One object serves one reader at a time; any number of processes may continue it, one by one."""

    def __init__(
        self, parts: Parts, plan: MissionPlan, *, conversation: str, ledger: Ledger, subject: str | None = None
    ) -> None:
        self._parts = parts
        self._plan = plan
        self._book = Notebook(ledger, conversation, mission=plan.name)
        self._subject = subject
        self._last: Call[Any] | None = None

    @property
    def conversation(self) -> str:
        """Its id."""
        return self._book.conversation_id

    @property
    def messages(self) -> tuple[Message, ...]:
        """All that was said, partial answers included, as far as this object has read or written it."""
        return self._book.messages

    async def generate(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> Response[OutputT]:
        """One exchange. Tools are offered, never executed; answer their calls with a `tool` message.

        Raises:
            SessionError: tool calls wait for results. And as `AsyncMission.generate` does.
        """
        call, new = await self._begin(given, output, options)
        return with_output(await self._exchange(_Turn(call, new)), call)

    async def run(
        self, given: Input, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> Response[OutputT]:
        """Exchanges until the model calls no more tools; functions given as tools are executed, each call once.

        Raises:
            MaxTurnsExceeded: it still called tools after `max_turns` exchanges. And as `generate` does.
        """
        call, new = await self._begin(given, output, options)
        return await self._loop(call, new)

    def stream(
        self, given: Input | None = None, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]
    ) -> AsyncStream[OutputT]:
        """One exchange, read as it arrives. Without input it continues as `resume` does, by one exchange.

        Raises:
            Interrupted: while reading; then call `resume`. And as `generate` does, on entering.
        """

        asked: list[Call[OutputT]] = []

        async def start() -> OpenStream:
            call, new = await (
                self._begin(given, output, options) if given is not None else self._continue(output, options)
            )
            streamed = replace(call, request=replace(call.request, stream=True))
            asked[:] = [streamed]
            return await self._send(
                _Turn(streamed, new), lambda ready, token: open_stream(self._parts.exchange, ready, token)
            )

        async def finish(stream: OpenStream, response: AnyResponse) -> Response[OutputT]:
            finished = await self._finished(stream, response)
            return with_output(finished, asked[0])

        async def cut(stream: OpenStream, partial: AnyResponse, error: BaseException | None) -> None:
            self._parts.exchange.cut(stream.ready, error)
            await self._book.interrupted(stream.ready.lane.name, error, partial=partial.message)

        return AsyncStream(start, finish=finish, cut=cut)

    async def resume(self, *, output: type[OutputT] | None = None, **options: Unpack[CallOptions]) -> Response[OutputT]:
        """Continue where the conversation was left: run calls that were never started, and ask again what was cut off.

        Args:
            output: as in `generate`; not given, that of this object's last call.
            options: tools, settings and the rest; not given, those of this object's last call.

        Raises:
            SessionError: nothing is left to resume.
            ToolError: a call was started and its fate is not known, or no function is given for it.
            And as `run` does.
        """
        call, new = await self._continue(output, options)
        return await self._loop(call, new)

    async def _begin(
        self, given: Input, output: type[OutputT] | None, options: CallOptions
    ) -> tuple[Call[OutputT], tuple[Message, ...]]:
        call = call_from(given, output, options)
        await self._book.read()
        if call.request.routing:
            call = replace(call, request=within(call.request, self._book.messages))
        self._last = call
        return call, await self._book.accept(call.request.messages)

    async def _continue(
        self, output: type[OutputT] | None, options: CallOptions
    ) -> tuple[Call[OutputT], tuple[Message, ...]]:
        call = self._call_again(output, options)
        await self._book.read()
        if not self._book.resumable:
            raise SessionError("nothing is left to resume", where=self.conversation, mend="go on with run or generate")
        await run_pending(self._book, call, self._parts.log)
        return call, ()

    def _call_again(self, output: type[OutputT] | None, options: CallOptions) -> Call[OutputT]:
        """The last call with what is given now on top."""
        given = call_from((), output, options)
        last = self._last
        if last is None:
            return given
        request = last.request if not options.get("settings") else replace(given.request, tools=last.request.tools)
        if options.get("tools"):
            request = replace(request, tools=given.request.tools)
        return replace(
            given,
            request=replace(request, output=given.request.output or last.request.output),
            functions=given.functions or last.functions,
            output=output or last.output,
            vendor_options=given.vendor_options or last.vendor_options,
            subject=given.subject or last.subject,
        )

    async def _loop(self, call: Call[OutputT], new: tuple[Message, ...]) -> Response[OutputT]:
        for _ in range(call.max_turns):
            response = await self._exchange(_Turn(call, new))
            new = ()
            if not runnable(self._book.pending, call):
                return with_output(response, call)
            await run_pending(self._book, call, self._parts.log)
        raise MaxTurnsExceeded(
            f"the model still called tools after {call.max_turns} exchanges",
            where=self.conversation,
            mend="raise max_turns, or resume() to go on",
        )

    async def _exchange(self, turn: _Turn[OutputT]) -> AnyResponse:
        ready_of: list[Ready] = []

        async def send(ready: Ready, token: SendToken) -> AnyResponse:
            ready_of[:] = [ready]
            return await ready.lane.provider.send(ready.call, token=token)

        response = await self._send(turn, send)
        return await self._answered(ready_of[0], response)

    async def _finished(self, stream: OpenStream, response: AnyResponse) -> AnyResponse:
        return await self._answered(stream.ready, response, first_output_s=stream.first_output_s)

    async def _answered(
        self, ready: Ready, response: AnyResponse, *, first_output_s: float | None = None
    ) -> AnyResponse:
        """Check and keep an answer."""
        try:
            response = self._parts.exchange.finish(ready, response, first_output_s=first_output_s)
        except BaseException as error:
            await self._book.interrupted(ready.lane.name, error, partial=None)
            raise
        await self._book.answered(ready.lane.name, response)
        return response

    async def _send(self, turn: _Turn[Any], attempt: Callable[[Ready, SendToken], Awaitable[_T]]) -> _T:
        """Send one exchange; the turn is in the ledger before the first byte leaves."""

        async def begun(ready: Ready, token: SendToken) -> _T:
            await self._turn_begins(turn, ready)
            try:
                return await attempt(ready, token)
            except BaseException as error:
                await self._book.interrupted(ready.lane.name, error, partial=None)
                raise

        return await self._parts.exchange.first_that_answers(self._ask(turn), begun)

    async def _turn_begins(self, turn: _Turn[Any], ready: Ready) -> None:
        came_from, name = self._book.endpoint, ready.lane.name
        handed: HandedOff | None = None
        if came_from is not None and came_from != name:
            handed = HandedOff(from_endpoint=came_from, to_endpoint=name, losses=ready.losses)
            identity, losses = ready.lane.endpoint.identity, ready.losses
            self._parts.log.append(
                handoff_entry(self.conversation, came_from, mission=self._plan.name, identity=identity, losses=losses)
            )
        await self._book.begin(turn.new, endpoint=name, label=ready.label, handed=handed, losses=ready.losses)

    def _ask(self, turn: _Turn[Any]) -> Ask:
        call = turn.call
        history = (*self._book.messages, *turn.new)

        def request_for(endpoint: Endpoint) -> tuple[GenerateRequest, tuple[Loss, ...]]:
            plan = plan_handoff(history, endpoint.target, tools=self._book.tools)
            if not plan.ready:
                raise SessionError("tool calls wait for results", where=self.conversation, mend="call resume()")
            return replace(call.request, messages=plan.messages), plan.losses

        return Ask(
            plan=self._plan,
            request_for=request_for,
            deadline=Deadline(self._parts.clock, self._plan.timeout_s if call.timeout_s is None else call.timeout_s),
            vendor_options=call.vendor_options,
            approvals=call.approvals,
            subject=call.subject or self._subject,
            conversation=self.conversation,
            preferred=self._book.endpoint,
            labels=self._book.labels,
        )
