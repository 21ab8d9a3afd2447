"""One request and its answer on a counted connection."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from random import Random
from typing import Any, Final

from aiohttp import web

from offramp.types._value import JsonObject

from .anthropic_messages.google_cloud import moved
from .config import Behaviour
from .connection import Connection, close
from .counters import RequestRecord
from .json_values import is_object
from .rules import Rejection, lowered
from .sender import ClientGone, middle_of, pause, send_events, wait_for_leave
from .vendor import Vendor, Verdict
from .wire import CloudSide, Reply, Route, Routed, WireEvent, Writing, dumped

_NO_PATH: Final = Rejection("path", 404, "not_found_error", "there is nothing at this path")
_MODEL_LISTS: Final = ("/v1/models", "/v1beta/models")
_NOT_JSON: Final = Rejection("json", 400, "invalid_request_error", "the body is not JSON")
_COUNT_LIMIT: Final = 1_000_000
"""A count has no max_tokens; it is judged as a request with room for any thinking budget."""
_TOO_LARGE: Final = Rejection("size", 413, "request_too_large", "the body is too large")


class Exchange:
    """Reads the request, lets the vendor decide, and writes what it decided."""

    def __init__(self, request: web.Request, connection: Connection, vendor: Vendor, behaviour: Behaviour) -> None:
        self._request = request
        self._connection = connection
        self._vendor = vendor.at_call()
        self._behaviour = behaviour
        record = connection.record
        if record is None:
            raise RuntimeError("a request without a first byte")
        self._record: RequestRecord = record
        self._rng = Random(f"{vendor.config.seed} {record.id}")  # noqa: S311  # pace and request ids, no secret
        record.path = request.path
        record.request_id = f"req_{self._rng.randbytes(12).hex()}"

    async def run(self, *, record_body: bool) -> web.StreamResponse:
        """Answer; whatever happens, the record is closed."""
        try:
            return await self._answer(record_body=record_body)
        except (ClientGone, ConnectionError):
            close(self._record, cut="client")
            return web.Response(status=499)  # nobody reads this
        except asyncio.CancelledError:
            close(self._record, cut="server")
            raise
        finally:
            close(self._record)

    async def _answer(self, *, record_body: bool) -> web.StreamResponse:
        try:
            raw = await self._request.read()
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(_TOO_LARGE)
        self._record.is_complete = True
        path = self._request.rel_url.raw_path_qs
        aside = self._vendor.aside(self._request.method, path, lowered(self._request.headers), raw)
        if aside is not None:
            return self._reply(aside)
        if self._request.method == "GET" and self._request.path in _MODEL_LISTS:
            return self._list_models()
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            return self._refuse(_NOT_JSON)
        self._record.body = body if record_body else None
        if isinstance(self._vendor.side, CloudSide):
            return await self._judge_cloud(self._vendor.side, body, raw)
        return await self._judge(body)

    async def _judge_cloud(self, side: CloudSide, body: Any, raw: bytes) -> web.StreamResponse:
        """Judge with the path and the bytes as they came, over which the request may be signed."""
        path = self._request.rel_url.raw_path
        told = side.told_by(path)
        if self._request.method != "POST" or told is None:
            return self._refuse(_NO_PATH)
        asked = {**body, **told} if is_object(body) else body
        signed = {":path": path, ":content-sha256": hashlib.sha256(raw).hexdigest()}
        return await self._answer_to(asked, {**lowered(self._request.headers), **signed})

    def _list_models(self) -> web.StreamResponse:
        rejection = self._vendor.check(None, self._request.headers)
        if rejection is not None and rejection.rule != "body_object":  # a list has no body; its headers count
            return self._refuse(rejection)
        return self._json(200, self._vendor.side.models(self._vendor.config.models))

    async def _judge(self, body: Any) -> web.StreamResponse:
        side, path = self._vendor.side, self._request.path
        headers: Mapping[str, str] = self._request.headers
        if self._vendor.config.hosting == "google-cloud" and is_object(body):
            found = moved(path, headers, body)
            if isinstance(found, Rejection):
                return self._refuse(found)
            path, headers, body = found.path, found.headers, found.body
        route = self._route(path) if self._request.method == "POST" else None
        if route is None:
            return self._refuse(_NO_PATH)
        headers = {**headers, ":path": path}
        if not route.counts:
            return await self._answer_to(body, headers, route)
        unbounded = route.model is None and is_object(body)
        judged = {"max_tokens": _COUNT_LIMIT, **body} if unbounded else body
        rejection = self._vendor.check(judged, headers)
        if rejection is not None or not is_object(body):
            return self._refuse(rejection or _NOT_JSON)
        counted = side.count(self._vendor.tokens_in(body))
        return self._refuse(_NO_PATH) if counted is None else self._json(200, counted)

    def _route(self, path: str) -> Route | None:
        side = self._vendor.side
        if isinstance(side, Routed):
            return side.route(path)
        counts = path == f"{side.path}/count_tokens"
        return Route(counts=counts) if counts or path == side.path else None

    async def _answer_to(self, body: Any, headers: Mapping[str, str], route: Route | None = None) -> web.StreamResponse:
        rejection = self._vendor.check(body, headers)
        if rejection is not None or not is_object(body):
            return self._refuse(rejection or _NOT_JSON)
        route = route or Route()
        asked = body if route.model is None else {"model": route.model, **body}
        verdict = self._vendor.decide(asked, self._behaviour)
        await pause(self._behaviour.first_s, self._connection)
        streams = self._vendor.side.streams(body) if route.streams is None else route.streams
        return await self._carry_out(verdict, streams=streams)

    async def _carry_out(self, verdict: Verdict, *, streams: bool) -> web.StreamResponse:
        if verdict.rejection is not None:
            return self._refuse(verdict.rejection, verdict.retry_after_s)
        if verdict.writing is None:
            raise RuntimeError("a verdict without an answer")
        if streams:
            return await self._stream(verdict.writing, verdict)
        if verdict.breaks == "hang":
            await wait_for_leave(self._connection)
        if verdict.breaks == "cut":
            return await self._half(verdict.writing)
        if verdict.breaks == "error":
            return self._refuse(self._vendor.side.faults["server-error"])
        return self._json(200, self._vendor.response(verdict.writing))

    async def _stream(self, writing: Writing, verdict: Verdict) -> web.StreamResponse:
        events = [event for event in self._vendor.events(writing) if event.kind not in verdict.lacks]
        self._record.stream = True
        head = self._vendor.leaving(Reply(200, self._headers({"content-type": self._vendor.side.media_type})))
        response = web.StreamResponse(status=head.status, headers=head.headers)
        self._record.status = head.status
        await response.prepare(self._request)
        if verdict.breaks is None:
            await self._send(response, events)
        else:
            await self._send(response, events[: middle_of(events)])
            await self._break(response, verdict)
        if not self._connection.is_lost:
            close(self._record)
            await response.write_eof()
        return response

    async def _break(self, response: web.StreamResponse, verdict: Verdict) -> None:
        match verdict.breaks:
            case "hang":
                await wait_for_leave(self._connection)
            case "error":
                fault = self._vendor.side.faults["overloaded"]
                await self._send(response, [self._vendor.side.stream_error(fault)])
            case _:
                self._connection.sever()

    async def _send(self, response: web.StreamResponse, events: list[WireEvent]) -> None:
        await send_events(response, events, self._connection, self._rng, pace_s=self._behaviour.pace_s)

    async def _half(self, writing: Writing) -> web.StreamResponse:
        """Promise a whole body and send half of it."""
        body = dumped(self._vendor.response(writing)).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body))}
        response = web.StreamResponse(headers=self._headers(headers))
        self._record.status = 200
        await response.prepare(self._request)
        await response.write(body[: len(body) // 2])
        await pause(0.01, self._connection)
        self._connection.sever()
        return response

    def _refuse(self, rejection: Rejection, retry_after_s: float | None = None) -> web.Response:
        self._record.rule = rejection.rule
        wait = {} if retry_after_s is None else {"retry-after": f"{retry_after_s:g}"}
        side = self._vendor.side
        named = side.error_headers(rejection) if isinstance(side, CloudSide) else {}
        body = side.error_body(rejection, str(self._record.request_id))
        return self._json(rejection.status, body, {**wait, **named})

    def _json(self, status: int, body: JsonObject, extra: Mapping[str, str] | None = None) -> web.Response:
        headers = self._headers({"content-type": "application/json", **(extra or {})})
        return self._reply(Reply(status, headers, dumped(body).encode("utf-8", "replace")))

    def _reply(self, reply: Reply) -> web.Response:
        reply = self._vendor.leaving(reply)
        self._record.status = reply.status
        return web.Response(status=reply.status, body=reply.content, headers=reply.headers)

    def _headers(self, extra: Mapping[str, str]) -> dict[str, str]:
        return {**self._vendor.side.headers(str(self._record.request_id), self._rng), **extra}
