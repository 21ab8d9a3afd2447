"""The fake beside the provider seam: answers from a script, keeps what it was asked, and honours its token."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias, cast, get_args

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.capability import Capability, Requirement, Support
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.evidence import Evidence
from offramp.contracts.operations import AskedT, Operation, ToldT
from offramp.contracts.permission import SendToken, prohibited_by
from offramp.contracts.profile import VendorProfile
from offramp.contracts.provider import PreparedCall, Provider
from offramp.contracts.transport import HttpRequest
from offramp.types import (
    AnyResponse,
    ArgumentsDelta,
    Batch,
    Embeddings,
    Event,
    GenerateRequest,
    Identity,
    JsonMapping,
    Loss,
    ModelList,
    Part,
    PartEnd,
    PartStart,
    Refusal,
    RefusalDelta,
    ResponseEnd,
    ResponseStart,
    Text,
    TextDelta,
    TokenCount,
    ToolCall,
    UsageUpdate,
)

Step: TypeAlias = Batch | Exception | asyncio.Event
"""Of a scripted stream: a batch to yield, an error to raise, or an event to wait for (a cut ends the wait)."""

Told: TypeAlias = TokenCount | Embeddings | ModelList
"""An answer to a question besides an answer."""

Scripted: TypeAlias = AnyResponse | Exception | Sequence[Step] | Told
"""One exchange: an answer (a stream of it is made where one is asked for), an error, or a stream step by step."""


class ScriptedProvider(Provider):
    """A provider that needs no vendor. Each send or stream takes the next entry of the script."""

    def __init__(self, endpoint: Endpoint, script: Sequence[Scripted] = (), *, losses: Sequence[Loss] = ()) -> None:
        self._endpoint = endpoint
        self.script: list[Scripted] = list(script)
        """What is still to come; tests may append."""
        self.losses = tuple(losses)
        """The losses that every preparation names."""
        self.requests: list[GenerateRequest] = []
        """What was prepared, sent or not."""
        self.questions: list[object] = []
        """What was asked besides answers, sent or not."""
        self.vendor_options: list[JsonMapping | None] = []
        """Beside `requests`, one each."""
        self.calls: list[PreparedCall] = []
        """What was sent: the token of each was spent."""
        self.closed = False

    @property
    @override
    def endpoint(self) -> Endpoint:
        """Whom it plays."""
        return self._endpoint

    @override
    def prepare(self, request: GenerateRequest, vendor_options: JsonMapping | None = None) -> PreparedCall:
        """Keep the request; nothing is encoded."""
        self.requests.append(request)
        self.vendor_options.append(vendor_options)
        http = HttpRequest(method="POST", url=self._endpoint.base_url, headers={}, body=b"{}")
        return PreparedCall(endpoint=self._endpoint, http=http, losses=self.losses, stream=bool(request.stream))

    @override
    async def send(self, call: PreparedCall, *, token: SendToken) -> AnyResponse:
        """Spend the token and give the next entry, which must be a response or an error."""
        try:
            match self._next(call, token):
                case Exception() as error:
                    raise error
                case Sequence() | TokenCount() | Embeddings() | ModelList():
                    raise TypeError("the script holds something else where an answer was asked for")
                case response:
                    return replace(response, losses=(*call.losses, *response.losses))
        finally:
            token.release()

    @override
    @asynccontextmanager
    async def stream(self, call: PreparedCall, *, token: SendToken) -> AsyncGenerator[AsyncIterator[Sequence[Batch]]]:
        """Spend the token and play the next entry."""
        try:
            match self._next(call, token):
                case Exception() as error:
                    raise error
                case Sequence() as steps:
                    async with aclosing(_play(steps, token)) as played:
                        yield played
                case TokenCount() | Embeddings() | ModelList():
                    raise TypeError("the script holds something else where a stream was asked for")
                case response:
                    async with aclosing(_play(batches_of(response), token)) as played:
                        yield played
        finally:
            token.release()

    @override
    def prepare_operation(self, operation: Operation[AskedT, Any], asked: AskedT) -> PreparedCall:
        """Keep the question; nothing is encoded."""
        self.questions.append(asked)
        http = HttpRequest(method="POST", url=self._endpoint.base_url, headers={}, body=b"{}")
        name = operation.name
        return PreparedCall(endpoint=self._endpoint, http=http, losses=self.losses, stream=False, operation=name)

    @override
    async def perform(self, operation: Operation[Any, ToldT], call: PreparedCall, *, token: SendToken) -> ToldT:
        """Spend the token and give the next entry, which must be such an answer or an error."""
        try:
            match self._next(call, token):
                case Exception() as error:
                    raise error
                case TokenCount() | Embeddings() | ModelList() as told:
                    return cast("ToldT", replace(told, losses=(*call.losses, *told.losses)))
                case _:
                    raise TypeError(f"the script does not tell what {operation.name} asks for")
        finally:
            token.release()

    @override
    async def aclose(self) -> None:
        """Note that it was closed."""
        self.closed = True

    def _next(self, call: PreparedCall, token: SendToken) -> Scripted:
        token.spend()
        self.calls.append(call)
        if not self.script:
            raise TypeError(f"the script of {self._endpoint.identity.endpoint} has no entry left")
        return self.script.pop(0)


async def _play(steps: Sequence[Step], token: SendToken) -> AsyncGenerator[Sequence[Batch]]:
    cut = asyncio.Event()
    token.on_cut(cut.set)
    for step in steps:
        await asyncio.sleep(0)
        if isinstance(step, asyncio.Event):
            await _first_of(step, cut)
        if token.cut:
            raise prohibited_by(token)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, Batch):
            yield (step,)


async def _first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def batches_of(response: AnyResponse) -> list[Batch]:
    """The response as a stream, one batch an event; texts and arguments arrive in two pieces."""
    events: list[Event] = [ResponseStart(origin=response.origin)]
    for index, part in enumerate(response.message.parts):
        events += _opened(index, part)
        events.append(PartEnd(index))
    events += [UsageUpdate(response.usage), ResponseEnd(response.outcome)]
    return [Batch((event,)) for event in events]


def _opened(index: int, part: Part) -> list[Event]:
    match part:
        case Text(text=text):
            return [PartStart(index, replace(part, text="")), *(TextDelta(index, piece) for piece in _halves(text))]
        case Refusal(text=text):
            return [PartStart(index, replace(part, text="")), *(RefusalDelta(index, piece) for piece in _halves(text))]
        case ToolCall(arguments_json=str() as text):
            opening = PartStart(index, replace(part, arguments_json=""))
            return [opening, *(ArgumentsDelta(index, piece) for piece in _halves(text))]
        case _:
            return [PartStart(index, part)]


def _halves(text: str) -> tuple[str, ...]:
    middle = len(text) // 2
    return tuple(piece for piece in (text[:middle], text[middle:]) if piece)


def scripted_endpoint(  # noqa: PLR0913  # each names one part of the identity, and tests set one or two
    name: str = "a",
    *,
    developer: str = "acme",
    host: str | None = None,
    reseller: str | None = None,
    model: str = "model-1",
    region: str | None = None,
    agreement: str | None = None,
    dialect: str = "scripted",
    base_url: str = "http://127.0.0.1:1",
    support: Support = "native",
) -> Endpoint:
    """An endpoint of nobody's, with every capability as told.

    Args:
        name: under which the configuration would list it.
        developer: who made the model; also the host where none is named.
        host: who runs it.
        reseller: who sells it.
        model: in the host's spelling.
        region: where it runs.
        agreement: under which contract.
        dialect: its profile's wire format.
        base_url: nothing listens there by default.
        support: of each capability.
    """
    evidence = Evidence(level="declared", checked=date(2026, 11, 23))
    claims: dict[Requirement, Capability] = {
        requirement: Capability(support=support, evidence=evidence) for requirement in get_args(Requirement)
    }
    profile = VendorProfile(
        schema=1,
        vendor=developer,
        title=developer.title(),
        developer=developer,
        host=host or developer,
        reseller=reseller,
        dialect=dialect,
        base_url=base_url,
        auth="none",
        evidence=evidence,
        capabilities=claims,
    )
    identity = Identity(
        endpoint=name,
        developer=developer,
        host=host or developer,
        model=model,
        reseller=reseller,
        region=region,
        agreement=agreement,
    )
    return Endpoint(identity=identity, profile=profile, base_url=base_url, key=lambda: None)
