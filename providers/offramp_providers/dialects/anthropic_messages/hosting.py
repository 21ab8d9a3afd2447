"""What stands elsewhere where a cloud serves the dialect: version and betas in the body, model and stream in the path.

A host's rules are options of its profile. A receiver gives the path as the pseudo-header `:path`, as HTTP/2 names it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote

from offramp.errors import CapabilityError
from offramp.types import GenerateRequest, JsonObject, replays
from offramp_providers.dialects.anthropic_messages.encoding import NAME, Encoding, form_of
from offramp_providers.dialects.shapes import is_list, take_text

_VERSION: Final = "2023-06-01"
"""The vendor's own version of the wire; its profile sends it (anthropic-sdk-python 0.121.0, read 2026-11-23)."""

_HOSTED_VERSIONS: Final = ("vertex-2023-10-16", "bedrock-2023-05-31")
"""The hosts' own (anthropic-sdk-python 0.121.0, lib/vertex and lib/bedrock, read 2026-11-26)."""

_PATH: Final = re.compile(
    r"(?:.*/)?(?:models/([^/:?]+):(rawPredict|streamRawPredict)|model/([^/?]+)/(invoke|invoke-with-response-stream))"
)
_STREAMING: Final = ("streamRawPredict", "invoke-with-response-stream")
_COUNT_TOKENS: Final = "count-tokens"
"""What a cloud has in the model's place where tokens are counted."""

_VERSION_IN_BODY: Final = "version=body"


def read_path(path: str) -> dict[str, Any]:
    """Model and streaming, as far as a cloud's path says them."""
    found = _PATH.fullmatch(path)
    if found is None or found[1] == _COUNT_TOKENS:
        return {}
    told: dict[str, Any] = {"model": unquote(found[1] or found[3])}
    if (found[2] or found[4]) in _STREAMING:
        told["stream"] = True
    return told


def take_headers(left: JsonObject, headers: Mapping[str, str], form: list[str]) -> dict[str, str]:
    """What headers say, or the body in their place. A version that everybody sends says nothing."""
    kept: dict[str, str] = {}
    betas = _joined(headers.get("anthropic-beta"), _take_betas(left))
    if betas is not None:
        kept["anthropic-beta"] = betas
    inside = take_text(left, "anthropic_version")
    if inside is not None and inside not in _HOSTED_VERSIONS:
        kept["anthropic-version"] = inside
        form.append(_VERSION_IN_BODY)
    elif inside is None and headers.get("anthropic-version", _VERSION) != _VERSION:
        kept["anthropic-version"] = headers["anthropic-version"]
    return kept


def _take_betas(left: JsonObject) -> tuple[str, ...]:
    found: Any = left.get("anthropic_beta")
    if not is_list(found) or not found or not all(type(each) is str and each and "," not in each for each in found):
        return ()
    del left["anthropic_beta"]
    return tuple(found)


def _joined(header: str | None, inside: tuple[str, ...]) -> str | None:
    """The header as it was sent, and behind it what only the body says."""
    said = [] if header is None else _listed(header)
    more = [each for each in inside if each not in said]
    return header if not more else ",".join([*([] if header is None else [header]), *more])


def _listed(header: str) -> list[str]:
    return [name for each in header.split(",") if (name := each.strip())]


def address(ctx: Encoding, request: GenerateRequest, model: str | None, body: JsonObject) -> str:
    """The path, relative to the base URL. A model that stands in it does not stand in the body."""
    path = template = str(ctx.option("path"))
    if request.stream:
        template = str(ctx.option("stream_path")) or path
        if template == path and not ctx.option("body_stream"):
            ctx.log.lose("setting.unsupported", request, "stream")
    if "{model}" not in template and model is not None:
        body["model"] = model
    return path_of(template, model)


@lru_cache(maxsize=256)
def path_of(template: str, model: str | None) -> str:
    """The path with the model in its place."""
    if "{model}" not in template:
        return template
    if not model:
        raise CapabilityError(
            f"this host of {NAME} names the model in the path, and none is given",
            mend="set model in the request or the endpoint",
        )
    if model.strip(".") == "":
        raise CapabilityError(f"{model!r} is no name of a model", mend="set model in the endpoint")
    return template.replace("{model}", quote(model, safe="@"))


def place_headers(ctx: Encoding, request: GenerateRequest, body: JsonObject) -> dict[str, str]:
    """The headers that carry meaning; what the host takes in the body instead is written there."""
    wire = request.wire
    headers = dict(wire.headers) if wire is not None and wire.headers and replays(wire, None, ctx.target) else {}
    _place_version(ctx, request, headers, body)
    if "anthropic-beta" in headers and ctx.option("body_betas"):
        body["anthropic_beta"] = _listed(headers.pop("anthropic-beta"))
    return headers


def _place_version(ctx: Encoding, request: GenerateRequest, headers: dict[str, str], body: JsonObject) -> None:
    """The host's own version, unless its author asked there for another one."""
    own = ctx.option("body_version")
    if own:
        body["anthropic_version"] = own
    asked = headers.get("anthropic-version")
    if asked is None:
        return
    if bool(own) != (_VERSION_IN_BODY in form_of(request.wire)):
        del headers["anthropic-version"]
        ctx.log.lose("vendor_header", request, "wire.headers.anthropic-version")
    elif own:
        body["anthropic_version"] = headers.pop("anthropic-version")
