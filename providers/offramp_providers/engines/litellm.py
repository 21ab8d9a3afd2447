"""The long tail: any model that LiteLLM reaches, as an endpoint `litellm:<provider>/<model>`.

LiteLLM writes the request and reads the answer, in a process of its own that has no way out; what leaves, leaves over
our transport, with our key and our permission. This is the one file that imports it, inside the function that needs it.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import PreparedCall, Provider
from offramp.contracts.transport import HttpRequest, Transport
from offramp.errors import ConfigurationError, MissingExtraError, ProviderError, ProviderErrorKind, StateError
from offramp.types import AnyResponse, Batch, GenerateRequest, JsonMapping, changed
from offramp_providers.dialects.openai_chat import DIALECT
from offramp_providers.engines.arguments import OFF, arguments_of
from offramp_providers.engines.egress import Question
from offramp_providers.engines.naming import refuse_other_developer
from offramp_providers.engines.passage import Passage
from offramp_providers.engines.process import Lease
from offramp_providers.engines.supply_chain import foreign_start_files, installed_release, refuse_malicious
from offramp_providers.engines.tail import CheckedDecoder, TailStream
from offramp_providers.engines.verdict import corrected
from offramp_providers.installed import transport_for
from offramp_providers.sse import SseDecoder
from offramp_providers.stream_reader import StreamReader
from offramp_providers.vendor_options import refuse_routing
from offramp_providers.wire_json import decode_json, dump_json


class LitellmProvider(Provider):
    """One endpoint of the long tail."""

    def __init__(self, endpoint: Endpoint, *, transport: Transport | None = None) -> None:
        """Start nothing yet.

        Raises:
            MissingExtraError: LiteLLM is not installed.
            ConfigurationError: the release that is installed is known to be malicious, or the model's name contradicts
                the developer that the endpoint gives.
        """
        release = installed_release()
        if release is None:
            raise MissingExtraError("litellm", needed_for=f"the endpoint {endpoint.identity.endpoint}")
        refuse_malicious(release, where=endpoint.identity.endpoint)
        refuse_other_developer(endpoint)
        self._endpoint = endpoint
        self._warnings = foreign_start_files(release)
        self._owned = transport_for(endpoint) if transport is None else None
        self._transport = transport or self._owned or transport_for(endpoint)
        self._lease = Lease()

    @property
    @override
    def endpoint(self) -> Endpoint:
        """Whom it asks."""
        return self._endpoint

    @override
    def prepare(self, request: GenerateRequest, vendor_options: JsonMapping | None = None) -> PreparedCall:
        """Encode, collecting losses. Nothing is sent. The body holds LiteLLM's arguments, not the vendor's wire."""
        for option in vendor_options or ():
            raise ConfigurationError(
                f"the vendor option {option!r} cannot be passed through LiteLLM, which has meanings of its own",
                where=self._endpoint.identity.endpoint,
                mend="leave it out",
            )
        refuse_routing(request, self._endpoint)
        own = self._for_own_model(request)
        encoded = DIALECT.encode_request(own, self._endpoint.target)
        arguments, losses = arguments_of(encoded.body)
        http = HttpRequest(
            method="POST",
            url=self._endpoint.base_url,
            headers={},
            body=dump_json(arguments),
            origin=self._endpoint.base_url,
        )
        return PreparedCall(
            endpoint=self._endpoint, http=http, losses=(*encoded.losses, *losses), stream=bool(own.stream)
        )

    @override
    async def send(self, call: PreparedCall, *, token: SendToken) -> AnyResponse:
        """Ask, decode, and check."""
        async with self._passage(call, token) as passage:
            try:
                answers = [answer async for answer in passage.answers()]
            except ProviderError as error:
                raise error.at(self._endpoint.identity.endpoint, phase="before_first_output") from error
        if len(answers) != 1:
            raise ProviderError(
                "LiteLLM gave no answer",
                kind=ProviderErrorKind.MALFORMED,
                endpoint=self._endpoint.identity.endpoint,
            )
        decoded = DIALECT.decode_response(answers[0], passage.witness.headers, self._endpoint.origin)
        checked = corrected(decoded, passage.witness, passage.served)
        return changed(
            checked,
            losses=(*call.losses, *checked.losses),
            warnings=(*checked.warnings, *self._warnings, *passage.warnings),
        )

    @override
    @asynccontextmanager
    async def stream(self, call: PreparedCall, *, token: SendToken) -> AsyncGenerator[AsyncIterator[Sequence[Batch]]]:
        """Ask, decode and check as it arrives."""
        async with self._passage(call, token) as passage:
            stream = TailStream(passage)
            await stream.begin()
            inner = DIALECT.stream_decoder(passage.witness.headers, self._endpoint.origin)
            reader = StreamReader(
                SseDecoder(),
                CheckedDecoder(inner, passage),
                endpoint=self._endpoint.identity.endpoint,
                status=passage.witness.status,
            )
            async with aclosing(reader.batches(stream)) as batches:
                yield batches

    @override
    async def aclose(self) -> None:
        """Close the transport, where it is its own, and let go of the process that holds LiteLLM."""
        if self._owned is not None:
            await self._owned.aclose()
        await asyncio.to_thread(self._lease.give_back)

    def _for_own_model(self, request: GenerateRequest) -> GenerateRequest:
        asked, own = request.model, self._endpoint.identity.model
        if asked not in (None, own):
            raise ConfigurationError(
                f"the request is for the model {asked!r}, the endpoint for {own!r}",
                where=self._endpoint.identity.endpoint,
                mend="leave the model out, or add an endpoint for it",
            )
        return replace(request, model=own)

    @asynccontextmanager
    async def _passage(self, call: PreparedCall, token: SendToken) -> AsyncGenerator[Passage]:
        try:
            self._require_own(call, token)
            process = await asyncio.to_thread(self._lease.take)
            passage = Passage(
                process,
                self._question(call),
                token=token,
                transport=self._transport,
                deadlines=call.deadlines or self._endpoint.deadlines,
            )
        except BaseException:
            token.release()
            raise
        try:
            yield passage
        finally:
            await passage.close()

    def _require_own(self, call: PreparedCall, token: SendToken) -> None:
        own = self._endpoint.identity
        if call.endpoint.identity != own or token.identity != own:
            raise StateError(
                "the call and its token are not for this endpoint", where=own.endpoint, mend="prepare and admit again"
            )

    def _question(self, call: PreparedCall) -> Question:
        return Question(
            endpoint=self._endpoint,
            arguments=decode_json(call.http.body),
            base_path=urlsplit(self._endpoint.base_url).path.rstrip("/"),
            stand_in=f"offramp-{secrets.token_hex(16)}",
        )


# In the process that holds it.


def import_litellm() -> Any:
    """LiteLLM, told to be quiet. Its environment has switched off the rest before this (`process.py`)."""
    litellm: Any = import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    return litellm


async def ask_litellm(
    litellm: Any, arguments: Mapping[str, Any], *, api_base: str, api_key: str
) -> AsyncGenerator[JsonMapping]:
    """What LiteLLM makes of the answer: one object, or one for each piece of a stream."""
    answer = await litellm.acompletion(**arguments, **OFF, api_base=api_base, api_key=api_key)
    if not arguments.get("stream"):
        yield answer.model_dump(exclude_none=True)
        return
    async for chunk in answer:
        yield chunk.model_dump(exclude_none=True)
