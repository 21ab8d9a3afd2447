"""Ways to tamper with an encoded request, for what no client of ours would send."""

from collections.abc import Callable

from offramp.contracts.transport import HttpRequest
from offramp.types import JsonObject, changed
from offramp_conformance.suite.subject import Tamper
from offramp_providers.wire_json import decode_json, dump_json


def edited_body(edit: Callable[[JsonObject], object]) -> Tamper:
    """Changes the body in place."""

    def tamper(http: HttpRequest) -> HttpRequest:
        body: JsonObject = decode_json(http.body)
        edit(body)
        return changed(http, body=dump_json(body))

    return tamper


def edited_headers(**headers: str | None) -> Tamper:
    """Replaces headers, or takes them away where None is given; `_` stands for `-`."""
    names = {name.replace("_", "-"): content for name, content in headers.items()}
    given = {name: content for name, content in names.items() if content is not None}

    def tamper(http: HttpRequest) -> HttpRequest:
        kept = {name: content for name, content in http.headers.items() if name.lower() not in names}
        return changed(http, headers={**kept, **given})

    return tamper


def other_model(asked: str, instead: str) -> Tamper:
    """Asks for another model, wherever the dialect names it: in the body or in the path."""

    def tamper(http: HttpRequest) -> HttpRequest:
        body: JsonObject = decode_json(http.body)
        if "model" in body:
            return changed(http, body=dump_json({**body, "model": instead}))
        return changed(http, url=http.url.replace(asked, instead))

    return tamper


def broken_json(http: HttpRequest) -> HttpRequest:
    """A body that ends in its middle."""
    return changed(http, body=http.body[: len(http.body) // 2])
