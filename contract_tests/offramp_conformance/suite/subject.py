"""The endpoint under test, as a check may use it: ask it, stream from it, count, and ask with a tampered request."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, field, replace
from random import Random
from typing import Any, Final, TypeAlias

from typing_extensions import Unpack  # pydantic requires it; `typing` types it for keywords in every checker from 3.12

from offramp.contracts.capability import Capability, Requirement
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.operations import COUNT_TOKENS, AskedT, Operation, ToldT
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import PreparedCall
from offramp.contracts.transport import HttpRequest
from offramp.errors import OfframpError
from offramp.types import GenerateRequest, Loss, Message, Severity, TokenCount, changed, user, value
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import NotAnswered, Unaskable
from offramp_conformance.suite.sending import Bench, Sent, exchange, streamed, whole
from offramp_conformance.suite.settings import Settings

Given: TypeAlias = str | Message | Sequence[Message] | GenerateRequest
Tamper: TypeAlias = Callable[[HttpRequest], HttpRequest]
"""Changes a request after it was encoded and before it is signed and sent: what no client of ours would send."""


@value
class Subject:
    """One endpoint within one try of one check."""

    bench: Bench
    check: str
    number: int = 0
    """Of the try."""
    _: KW_ONLY
    exchanges: list[Exchanged] = field(default_factory=list[Exchanged])
    """All that was asked in this try, in the order in which it ended."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the run gives to checks, such as how many calls at once."""

    # Whom and what.

    @property
    def endpoint(self) -> Endpoint:
        """Whom it asks."""
        return self.bench.provider.endpoint

    def claim(self, requirement: Requirement) -> Capability | None:
        """What is claimed of the endpoint. None: nothing."""
        return self.endpoint.capability(requirement)

    def random(self, purpose: str = "") -> Random:
        """The same for the same run, check, try and purpose."""
        return Random(f"{self.bench.seed} {self.check} {self.number} {purpose}")  # noqa: S311  # no secret

    def word(self, purpose: str = "") -> str:
        """A made-up word that stands in no prompt but this try's: it tells one answer from another's."""
        rng = self.random(f"word {purpose}")
        return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(4)).capitalize()

    # Asking.

    async def ask(self, given: Given, *, tamper: Tamper | None = None, **settings: Unpack[Settings]) -> Exchanged:
        """One exchange. A failure of the endpoint is its `error`.

        Args:
            given: a text, messages, or a whole request.
            tamper: changes the request after encoding.
            settings: fields of the request. Each has to reach the endpoint.

        Raises:
            Unaskable: it cannot be said to this endpoint, or policy or the spending limit forbids it.
        """
        request = _request(given, settings)
        call = self._prepared(request, tamper)
        return await self._exchange(call, request, whole(self.bench), is_tampered=tamper is not None)

    async def stream(
        self,
        given: Given,
        *,
        tamper: Tamper | None = None,
        leave_after: int | None = None,
        **settings: Unpack[Settings],
    ) -> Exchanged:
        """One exchange, read as it arrives. Arguments and errors as `ask`.

        Args:
            given: as for `ask`.
            tamper: as for `ask`.
            leave_after: leave after so many batches, as a caller who has heard enough.
            settings: as for `ask`.
        """
        request = changed(_request(given, settings), stream=True)
        call = self._prepared(request, tamper)
        attempt = streamed(self.bench, leave_after)
        return await self._exchange(call, request, attempt, is_tampered=tamper is not None)

    def losses_of(self, given: Given, **settings: Unpack[Settings]) -> tuple[Loss, ...]:
        """What of a request could not be said to this endpoint. Nothing is sent.

        Raises:
            Unaskable: it cannot be said at all.
        """
        try:
            return self.bench.provider.prepare(_request(given, settings)).losses
        except OfframpError as error:
            raise Unaskable(error.what) from error

    async def count_tokens(self, given: Given, **settings: Unpack[Settings]) -> TokenCount:
        """What the endpoint's own counter says. Raises as `perform` does."""
        request = replace(_request(given, settings), model=self.endpoint.identity.model)
        return await self.perform(COUNT_TOKENS, request)

    async def perform(self, operation: Operation[AskedT, ToldT], asked: AskedT) -> ToldT:
        """A question besides an answer.

        Raises:
            Unaskable: it has no such call.
            NotAnswered: it failed.
        """
        try:
            call = self.bench.provider.prepare_operation(operation, asked)
        except OfframpError as error:
            raise Unaskable(error.what) from error
        told: list[ToldT] = []

        async def perform(call: PreparedCall, token: SendToken, _: Sent) -> None:
            told.append(await self.bench.provider.perform(operation, call, token=token))

        made = await self._exchange(call, GenerateRequest(()), perform)
        if made.error is not None or not told:
            raise NotAnswered(made.error or OfframpError("there was no answer"))
        return told[0]

    def prepared(self, given: Given, **settings: Unpack[Settings]) -> PreparedCall:
        """A call that a check sends under a token of its own. Raises Unaskable."""
        return self._prepared(_request(given, settings), None)

    @property
    def who(self) -> str:
        """The check and the try, for the log and the count."""
        return f"{self.check}#{self.number}"

    def _prepared(self, request: GenerateRequest, tamper: Tamper | None) -> PreparedCall:
        try:
            call = self.bench.provider.prepare(request)
        except OfframpError as error:
            raise Unaskable(error.what) from error
        unsaid = next((loss for loss in call.losses if _changes_the_question(loss)), None)
        if unsaid is not None:
            raise Unaskable(f"this cannot be said to this vendor: {unsaid.code} at {unsaid.path}")
        return call if tamper is None else changed(call, http=tamper(call.http))

    async def _exchange(
        self, call: PreparedCall, request: GenerateRequest, attempt: Any, *, is_tampered: bool = False
    ) -> Exchanged:
        made = await exchange(self.bench, call, request, attempt, self.who)
        if is_tampered:
            made = replace(made, is_tampered=True)
        self.exchanges.append(made)
        return made


_ROOT: Final = re.compile(r"[.\[]")
_SETTINGS: Final = Settings.__annotations__.keys() - {"tools", "output", "cache", "end_user", "max_output_tokens"}


def _changes_the_question(loss: Loss) -> bool:
    """Whether what reaches the vendor is no longer what the check asks: its answer would prove nothing."""
    if loss.severity is Severity.MATERIAL:
        return True
    return loss.severity is Severity.BEHAVIOURAL and _ROOT.split(loss.path, maxsplit=1)[0] in _SETTINGS


def _request(given: Given, settings: Settings) -> GenerateRequest:
    match given:
        case GenerateRequest():
            request = given
        case str():
            request = GenerateRequest((user(given),))
        case Message():
            request = GenerateRequest((given,))
        case _:
            request = GenerateRequest(tuple(given))
    return replace(request, **settings) if settings else request
