"""One call through LiteLLM: its frames in, its request out over our transport, the answer back, and the end of it."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from offramp.contracts.permission import SendToken
from offramp.contracts.transport import Deadlines, Transport
from offramp.errors import ConfigurationError, OfframpError, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.engines.channel import packed
from offramp_providers.engines.egress import Question, outgoing
from offramp_providers.engines.failures import read_error, vendor_error
from offramp_providers.engines.outgoing import in_own_spelling
from offramp_providers.engines.process import STUCK_S, LitellmProcess
from offramp_providers.engines.witness import Witness


class Passage:
    """Runs once: `answers`, then `close` in any case."""

    def __init__(
        self,
        process: LitellmProcess,
        question: Question,
        *,
        token: SendToken,
        transport: Transport,
        deadlines: Deadlines,
    ) -> None:
        self.witness = Witness()
        self._model = ""
        """The model, in the vendor's spelling."""
        self.warnings: tuple[str, ...] = ()
        """What a reader of the answer should know of the way that it took."""
        self._went_around: tuple[str, ...] = ()
        """Whom LiteLLM tried to reach by itself, in vain."""
        self._process = process
        self._question = question
        self._token = token
        self._transport = transport
        self._deadlines = deadlines
        self._call = secrets.token_hex(16)
        self._inbox = process.open_call(self._call)
        self._sending: asyncio.Task[None] | None = None
        self._failure: OfframpError | None = None

    async def answers(self) -> AsyncGenerator[JsonObject]:
        """What LiteLLM makes of the answer, as it makes it.

        Raises:
            Prohibited, ProviderError, ConfigurationError, LossExceeded.
        """
        await self._tell({"ask": self._ask()})
        while True:
            frame = await self._next()
            self._raise_at_once()
            if "request" in frame:
                self._send(frame["request"])
            elif "answer" in frame:
                yield frame["answer"]
            elif "ended" in frame or "failed" in frame or "gone" in frame:
                if "failed" in frame and self._plain_answer() is not None:
                    self.warnings += (f"LiteLLM could not read the answer ({frame['failed']}); it was read without",)
                    yield self._plain_answer() or {}
                    return
                self._end(frame)
                return

    async def _next(self) -> JsonObject:
        """The next frame. While the vendor is at work its deadlines hold; LiteLLM itself takes but a moment."""
        while True:
            try:
                async with asyncio.timeout(STUCK_S):
                    return await self._inbox.get()
            except TimeoutError:
                if self._sending is not None and not self._sending.done():
                    continue
            await asyncio.to_thread(self._process.close)  # it blocks, and with it every other call
            raise self._error("LiteLLM did not come to an end", ProviderErrorKind.TIMEOUT)

    @property
    def endpoint(self) -> str:
        """Its name."""
        return self._question.endpoint.identity.endpoint

    @property
    def served(self) -> str | None:
        """The model that says to have answered, spelled as the endpoint spells it. None: nobody says so."""
        served = self.witness.model
        return in_own_spelling(served, self._question.arguments["model"], self._model) if served else None

    async def close(self) -> None:
        """Drop what is still at work, and give the token back."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        await asyncio.to_thread(self._process.close_call, self._call)
        self._token.release()

    def _ask(self) -> JsonObject:
        question = self._question
        return {"arguments": question.arguments, "base_path": question.base_path, "key": question.stand_in}

    async def _tell(self, frame: JsonObject) -> None:
        await asyncio.to_thread(self._process.send, {"call": self._call, **frame})

    def _send(self, request: JsonObject) -> None:
        """LiteLLM asks. It may do so once: a second time would be a retry, or a way around."""
        if self._sending is not None:
            raise ConfigurationError(
                f"LiteLLM's way to {self._question.arguments['model']} cannot be used: it asks more than once",
                where=self.endpoint,
                mend="choose a vendor that has a profile of its own",
            )
        self._sending = asyncio.create_task(self._pass(request))

    async def _pass(self, request: JsonObject) -> None:
        try:
            await self._exchange(request)
        except OfframpError as error:
            self._failure = error
            await self._tell({"broken": True})
            self._inbox.put_nowait({"woken": True})

    async def _exchange(self, request: JsonObject) -> None:
        checked = outgoing(self._question, request)
        self._model = checked.model
        witness = self.witness
        async with self._transport.stream(checked.http, token=self._token, deadlines=self._deadlines) as answer:
            if answer.status >= 400:
                raise vendor_error(answer.status, answer.headers, await answer.read())
            witness.begin(answer.status, answer.headers)
            await self._tell({"head": {"status": answer.status, "headers": answer.headers}})
            async for chunk in answer.chunks():
                witness.feed(chunk)
                await self._tell({"body": packed(chunk)})
            witness.finish()
        await self._tell({"over": True})

    # What failures mean.

    def _raise_at_once(self) -> None:
        """An order, a refusal and a vendor's error are the answer; what broke off in the middle is told at its end."""
        failure = self._failure
        if failure is None or (isinstance(failure, ProviderError) and failure.phase == "mid_stream"):
            return
        raise failure

    def _raise_error_in_answer(self) -> None:
        if self.witness.error is not None:
            raise read_error(self.witness.status, self.witness.headers, self.witness.error)

    def _plain_answer(self) -> JsonObject | None:
        """The vendor's own body, where it is whole and in the format that LiteLLM would have turned it into."""
        whole, arguments = self.witness.whole, self._question.arguments
        sound = self._failure is None and self.witness.error is None and self.witness.over
        if not sound or whole is None or arguments.get("stream") or not isinstance(whole.get("choices"), list):
            return None
        return whole

    def _end(self, frame: JsonObject) -> None:
        """LiteLLM is done. Raises where that is not the end of an answer."""
        self._went_around = tuple(dict.fromkeys(frame.get("refused", ())))
        self.warnings += tuple(f"LiteLLM tried to reach {whom} by itself, and could not" for whom in self._went_around)
        if self._failure is not None:
            raise self._failure
        self._raise_error_in_answer()
        if "ended" in frame:
            return
        if "gone" in frame:
            raise self._error("the process that holds LiteLLM has ended", ProviderErrorKind.CONNECTION)
        if self._sending is None:
            raise self._unsendable(frame["failed"])
        if self._question.arguments.get("stream") and self.witness.readable and not self.witness.stops:
            raise cut_short()
        raise self._error(f"LiteLLM cannot read the answer ({frame['failed']})", ProviderErrorKind.MALFORMED)

    def _unsendable(self, kind: str) -> ConfigurationError:
        """It gave up before it had asked."""
        told: Sequence[Any] = self._went_around
        why = f"it goes around api_base, to {', '.join(told)}" if told else f"it refuses the request ({kind})"
        return ConfigurationError(
            f"LiteLLM's way to {self._question.arguments['model']} cannot be used: {why}; nothing was sent",
            where=self.endpoint,
            mend="correct the model's name, ask for less, or choose a vendor that has a profile of its own",
        )

    def _error(self, what: str, kind: ProviderErrorKind) -> ProviderError:
        return ProviderError(what, kind=kind, status=self.witness.status or None, endpoint=self.endpoint)


def cut_short() -> ProviderError:
    """The error of a stream that ended before the vendor had said why, whatever LiteLLM makes of it."""
    return ProviderError(
        "the stream ended before the vendor had said why",
        kind=ProviderErrorKind.STREAM_INTERRUPTED,
        phase="mid_stream",
    )
