"""The side entrance of an emulated vendor: counters out, moods in. Asking here touches no counted socket."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Protocol

from aiohttp import web

from .config import MOODS, Behaviour, EmulatorConfig
from .counters import Counters
from .json_values import is_number, is_object

_FIELDS = ("mood", "pace_s", "first_s", "retry_after_s")


class Administered(Protocol):
    """What the side entrance reads and sets."""

    config: EmulatorConfig
    counters: Counters
    behaviour: Behaviour


def admin_application(emulator: Administered) -> web.Application:
    """`GET /counters[?since=T]` · `GET /requests[?bodies=1]` · `POST /reset` · `POST /behaviour` · `GET /behaviour`."""

    async def counters(request: web.Request) -> web.Response:
        try:
            since = float(request.query["since"]) if "since" in request.query else None
        except ValueError:
            return web.json_response({"error": "since must be a number of seconds"}, status=400)
        return web.json_response(emulator.counters.summary(since))

    async def requests(request: web.Request) -> web.Response:
        return web.json_response(emulator.counters.log(bodies=request.query.get("bodies") == "1"))

    async def reset(_: web.Request) -> web.Response:
        emulator.counters.reset()
        return web.json_response({})

    async def behaviour(request: web.Request) -> web.Response:
        if request.method == "POST":
            try:
                emulator.behaviour = behaviour_from(await request.json(), emulator.behaviour)
            except (ValueError, json.JSONDecodeError) as error:
                return web.json_response({"error": str(error)}, status=400)
        held = emulator.behaviour
        return web.json_response({name: getattr(held, name) for name in _FIELDS})

    application = web.Application()
    application.add_routes(
        [
            web.get("/counters", counters),
            web.get("/requests", requests),
            web.post("/reset", reset),
            web.get("/behaviour", behaviour),
            web.post("/behaviour", behaviour),
        ]
    )
    return application


def behaviour_from(found: Any, held: Behaviour) -> Behaviour:
    """Change what is named. Raises ValueError for an unknown field or mood."""
    if not is_object(found):
        raise ValueError("send a JSON object")
    unknown = sorted(set(found) - set(_FIELDS))
    if unknown:
        raise ValueError(f"unknown field {unknown[0]!r}; there are {', '.join(_FIELDS)}")
    if found.get("mood", "normal") not in MOODS:
        raise ValueError(f"mood must be one of {', '.join(MOODS)}")
    for name in set(found) - {"mood"}:
        if not is_number(found[name]) and not (name == "retry_after_s" and found[name] is None):
            raise ValueError(f"{name} must be a number of seconds")
    return replace(held, **found)
