"""Ways to tamper with an encoded request, for what no client of ours would send."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from offramp.contracts.transport import HttpRequest
from offramp.types import JsonObject, changed
from offramp_conformance.suite.observations import Unaskable
from offramp_conformance.suite.subject import Tamper
from offramp_providers.wire_json import decode_json, dump_json

_KEY_HEADERS: Final = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key"})


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
    """Asks for another model, wherever the dialect names it: in the body or in the path.

    Raises, when it is applied:
        Unaskable: it is named in neither.
    """

    def tamper(http: HttpRequest) -> HttpRequest:
        body: JsonObject = decode_json(http.body)
        if "model" in body:
            return changed(http, body=dump_json({**body, "model": instead}))
        for spelled in (asked, quote(asked, safe=":"), quote(asked, safe="")):
            if spelled in http.url:
                return changed(http, url=http.url.replace(spelled, instead))
        raise Unaskable("its dialect names the model in a place that is not known here")

    return tamper


def broken_json(http: HttpRequest) -> HttpRequest:
    """A body that ends in its middle."""
    return changed(http, body=http.body[: len(http.body) // 2])


def other_path(http: HttpRequest) -> HttpRequest:
    """A path below the one that there is."""
    path, mark, query = http.url.partition("?")
    return changed(http, url=f"{path}/offramp-no-such-path{mark}{query}")


def other_key(key: str | None) -> Tamper:
    """Shows another key than the endpoint's own; None: shows none.

    Raises, when it is applied:
        Unaskable: the request shows no key that could be replaced.
    """

    def tamper(http: HttpRequest) -> HttpRequest:
        shown = [name for name in http.headers if name.lower() in _KEY_HEADERS]
        if not shown:
            raise Unaskable("its requests show no key that could be replaced")
        kept = {name: content for name, content in http.headers.items() if name not in shown}
        given = {} if key is None else {name: _in_place_of(http.headers[name], key) for name in shown}
        return changed(http, headers={**kept, **given})

    return tamper


def _in_place_of(content: str, key: str) -> str:
    scheme, space, _ = content.partition(" ")
    return f"{scheme} {key}" if space else key
