"""Faults of what becomes of an answer: spliced, ended by ourselves, regenerated elsewhere; a tool that runs twice."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from offramp import _session, _tool_runs
from offramp._ask import Ready
from offramp._exchange import Exchange
from offramp._notebook import Notebook
from offramp._stream import OpenStream, open_stream
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import PreparedCall
from offramp.errors import Prohibited, ProviderError, ProviderErrorKind
from offramp.sessions.tools import ToolFunction, run_tool
from offramp.types import (
    AnyResponse,
    Batch,
    Message,
    Outcome,
    OutcomeKind,
    ResponseEnd,
    Text,
    ToolCall,
    ToolResult,
)
from offramp_conformance.drill.bodies import messages_of, texts_of
from offramp_conformance.drill.faults.seams import replace_in
from offramp_providers.http_provider import HttpProvider


def tool_twice(_first: str, _second: str) -> None:
    """Every tool runs twice for one claim."""

    async def twice(function: ToolFunction, call: ToolCall) -> ToolResult:
        await run_tool(function, call)
        return await run_tool(function, call)

    replace_in(_tool_runs, "run_tool", twice)


def splice(_first: str, _second: str) -> None:
    """What had come of a cut answer is put before the next one, for the user and in the ledger."""
    finish, interrupted = Exchange.finish, Notebook.interrupted
    partials: dict[str, str] = {}

    async def remember(book: Notebook, endpoint: str, error: BaseException | None, *, partial: Message | None) -> None:
        if partial is not None and partial.text:
            partials[book.conversation_id] = partial.text
        await interrupted(book, endpoint, error, partial=partial)

    def spliced(exchange: Exchange, ready: Ready, response: AnyResponse, **more: Any) -> AnyResponse:
        whole = finish(exchange, ready, response, **more)
        earlier = partials.pop(ready.ask.conversation or "", None)
        if earlier is None:
            return whole
        return replace(whole, message=replace(whole.message, parts=(Text(earlier), *whole.message.parts)))

    replace_in(Notebook, "interrupted", remember)
    replace_in(Exchange, "finish", spliced)


def invented_end(_first: str, _second: str) -> None:
    """A cut answer is taken for a complete one."""
    stream = HttpProvider.stream

    async def ended(reads: AsyncIterator[Sequence[Batch]]) -> AsyncGenerator[Sequence[Batch]]:
        try:
            async for read in reads:
                yield read
        except Prohibited:
            yield (Batch((ResponseEnd(Outcome(OutcomeKind.COMPLETED, raw="end_turn")),)),)

    @asynccontextmanager
    async def invented(
        self: HttpProvider, call: PreparedCall, *, token: SendToken
    ) -> AsyncGenerator[AsyncIterator[Sequence[Batch]]]:
        async with stream(self, call, token=token) as reads:
            yield ended(reads)

    replace_in(HttpProvider, "stream", invented)


def refusal_failover(first: str, _second: str) -> None:
    """A refusal of the first vendor is called an outage, and the turn asked of the next one."""

    async def failing(exchange: Exchange, ready: Ready, token: SendToken) -> OpenStream:
        opened = await open_stream(exchange, ready, token)
        if ready.lane.name != first or "[[refuse]]" not in _asked(ready.call):
            return opened
        async for _ in opened.reads:  # to its end, so that the vendor has surely given its refusal
            pass
        await opened.stack.aclose()
        raise ProviderError("it is out of order", kind=ProviderErrorKind.MODEL_RETIRED, endpoint=first)

    replace_in(_session, "open_stream", failing)


def _asked(call: PreparedCall) -> str:
    own = [message for message in messages_of(json.loads(call.http.body)) if message.get("role") == "user"]
    return " ".join(texts_of(own[-1])) if own else ""
