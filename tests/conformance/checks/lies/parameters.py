"""Lies about parameters."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from offramp.contracts.transport import HttpRequest
from offramp.types import GenerateRequest, Logprobs, OutcomeKind, changed
from offramp_providers.wire_json import decode_json, dump_json
from support.lying_provider import Lie

from .cases import Case, counts, forgets, hears, outcome, says, spoken, writes


def _unstopped_streams(request: GenerateRequest) -> GenerateRequest:
    return replace(request, stop=None) if request.stream else request


def _four_stops(http: HttpRequest) -> HttpRequest:
    body = decode_json(http.body)
    body["stop"] = body.get("stop", [])[:4]
    return changed(http, body=dump_json(body))


def raw(change: Callable[[Any], Any]) -> Case:
    return says(lambda response, _: replace(response, raw=change(response.raw)))


def _positive(raw: Any) -> Any:
    for choice in raw["choices"]:
        for token in choice["logprobs"]["content"]:
            token["logprob"] = 0.25
    return raw


LIES: Mapping[str, Case] = {
    "parameters.max_output.enforced": forgets("max_output_tokens"),
    "parameters.max_output.told": says(lambda response, _: outcome(response, OutcomeKind.COMPLETED)),
    "parameters.max_output.counted": counts(lambda usage: replace(usage, output_tokens=99)),
    "parameters.max_output.prefix": writes(lambda _: ""),
    "parameters.stop.enforced": forgets("stop"),
    "parameters.stop.told": says(lambda response, _: outcome(response, OutcomeKind.MAX_OUTPUT)),
    "parameters.stop.left_out": says(
        lambda response, asked: spoken(response, response.text + "".join(asked.stop or ()))
    ),
    "parameters.stop.several": hears(lambda request: replace(request, stop=request.stop and request.stop[:1])),
    "parameters.stop.unicode": forgets("stop"),
    "parameters.stop.many": Case(lie=lambda: Lie(sends=_four_stops)),
    "parameters.stop.streamed": hears(_unstopped_streams),
    "parameters.temperature.enforced": forgets("temperature"),
    "parameters.top_p.enforced": forgets("top_p"),
    "parameters.top_k.enforced": forgets("top_k", dialect="ollama_native"),
    "parameters.seed.enforced": forgets("seed"),
    "parameters.determinism": forgets("temperature"),
    "parameters.seed.varies": hears(lambda request: replace(request, seed=1)),
    "parameters.penalties.enforced": forgets("frequency_penalty"),
    "parameters.logprobs.given": forgets("logprobs"),
    "parameters.logprobs.possible": raw(_positive),
    "parameters.logprobs.alternatives": hears(lambda request: replace(request, logprobs=Logprobs())),
    "parameters.candidates.counted": forgets("candidates"),
    "parameters.candidates.differ": says(
        lambda response, _: replace(
            response, alternatives=tuple(replace(each, message=response.message) for each in response.alternatives)
        )
    ),
}
