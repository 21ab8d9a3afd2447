"""A vendor's API on loopback that passes each question on to one endpoint, under a mission's policy, and notes it."""

import re
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from aiohttp import web

from offramp.contracts.dialect import Dialect, EncodedResponse
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import PreparedCall
from offramp.errors import OfframpError, ProviderError, ProviderErrorKind
from offramp.types import GenerateRequest, changed, filled, user
from offramp.types.fold import Folder
from offramp_conformance.record.notes import Noted
from offramp_conformance.suite.observations import Unaskable
from offramp_conformance.suite.sending import Bench, permitted
from offramp_conformance.suite.wire_tap import TAP, Tapped
from offramp_providers.installed import find_dialect
from offramp_providers.wire_json import decode_json, dump_json

_LARGEST: Final = 64 * 1024 * 1024
_HOST: Final = "127.0.0.1"
_VERSION: Final = re.compile(r"^/v\d\w*(?=/)")
_KEPT: Final = ("content-type", "retry-after", "request-id")


class Recorder:
    """Answers an application as its vendor would, because its vendor does."""

    def __init__(self, bench: Bench) -> None:
        self.notes: list[Noted] = []
        self.kept_back: Counter[str] = Counter()
        """What was asked and not passed on, and why."""
        self._bench = bench
        self._endpoint = bench.provider.endpoint
        self._dialect: Dialect = find_dialect(self._endpoint.profile.dialect)
        self._paths = {False: self._path(stream=False), True: self._path(stream=True)}
        """Of an answer in one piece and of a stream, below the vendor's address, with nothing quoted."""

    @property
    def base_path(self) -> str:
        """What the vendor's own address has behind its host."""
        return urlsplit(self._endpoint.base_url).path.rstrip("/")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Pass one question on."""
        path = self._below(request.rel_url.raw_path)
        if request.method != "POST" or unquote(path) not in self._paths.values():
            what = f"{request.method} {request.path} asks the endpoint's model for no answer"
            return self._refuse(what, ProviderErrorKind.MODEL_NOT_FOUND)
        headers = {name.lower(): held for name, held in request.headers.items()}
        tap = Tapped(_LARGEST)
        outer = TAP.set(tap)
        try:
            asked = self._understood(await request.read(), {**headers, ":path": path})
            call = self._bench.provider.prepare(asked)
            with permitted(self._bench, "record", asked, call.losses) as permit:
                return await self._passed_on(request, asked, call, permit.token, tap)
        except Unaskable as error:
            return self._refuse(str(error), ProviderErrorKind.PERMISSION)
        except OfframpError as error:
            return _as_it_came(tap) if tap.status else self._refuse(str(error), ProviderErrorKind.PERMISSION)
        finally:
            TAP.reset(outer)

    def _understood(self, body: bytes, headers: Mapping[str, str]) -> GenerateRequest:
        decoded: Any = decode_json(body)
        asked = self._dialect.decode_request(decoded, headers, self._endpoint.origin)
        if unquote(headers[":path"]) == self._paths[True] != self._paths[False]:
            return changed(asked, stream=True)
        return asked

    async def _passed_on(
        self, request: web.Request, asked: GenerateRequest, call: PreparedCall, token: SendToken, tap: Tapped
    ) -> web.StreamResponse:
        """Ask, and give the answer's own bytes."""
        noted = Noted(asked, None)
        self.notes.append(noted)
        if asked.stream:
            return await self._streamed(request, noted, call, token, tap)
        filled(noted, response=await self._bench.provider.send(call, token=token))
        return _as_it_came(tap)

    async def _streamed(
        self, request: web.Request, noted: Noted, call: PreparedCall, token: SendToken, tap: Tapped
    ) -> web.StreamResponse:
        folder, given = Folder(), 0
        async with self._bench.provider.stream(call, token=token) as reads:
            answer = web.StreamResponse(headers={"content-type": tap.headers.get("content-type", "text/event-stream")})
            await answer.prepare(request)
            try:
                async for read in reads:
                    for batch in read:
                        folder.add(batch)
                    await answer.write(bytes(tap.received[given:]))
                    given = len(tap.received)
                await answer.write(bytes(tap.received[given:]))
            finally:
                filled(noted, response=folder.response())
        await answer.write_eof()
        return answer

    def _path(self, *, stream: bool) -> str:
        sample = GenerateRequest((user("a"),), stream=stream, max_output_tokens=1)
        path = urlsplit(self._bench.provider.prepare(sample).http.url).path
        return unquote(path.removeprefix(self.base_path))

    def _below(self, path: str) -> str:
        """A client may add a version of its own choice to the address; the endpoint has its own."""
        return path.removeprefix(self.base_path) if path.startswith(f"{self.base_path}/") else _VERSION.sub("", path)

    def _refuse(self, what: str, kind: ProviderErrorKind) -> web.Response:
        """In the vendor's own form; the reason is for whoever records."""
        self.kept_back[what] += 1
        return _web(self._dialect.encode_error(ProviderError(what, kind=kind)))


def _as_it_came(tap: Tapped) -> web.Response:
    kept = {name: held for name, held in tap.headers.items() if name in _KEPT or name.startswith(("x-", "anthropic-"))}
    return web.Response(status=tap.status or 502, body=bytes(tap.received), headers=kept)


def _web(encoded: EncodedResponse) -> web.Response:
    headers = {"content-type": "application/json", **encoded.headers}
    return web.Response(status=encoded.status, body=dump_json(encoded.body), headers=headers)


@asynccontextmanager
async def listening(recorder: Recorder) -> AsyncGenerator[str]:
    """Listen on loopback; the address is the origin, with nothing behind it."""
    application = web.Application(client_max_size=_LARGEST)
    application.router.add_route("*", "/{tail:.*}", recorder.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, _HOST, 0)
        await site.start()
        yield f"http://{_HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
