"""For each check a lie that it has to refute: as small as can be, and about what the check looks at alone."""

import html
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from offramp.contracts.transport import HttpRequest
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    AnyResponse,
    Batch,
    Embeddings,
    Event,
    GenerateRequest,
    Logprobs,
    Message,
    ModelInfo,
    ModelList,
    Origin,
    Outcome,
    OutcomeKind,
    Response,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    Text,
    TextDelta,
    TokenCount,
    Usage,
    UsageUpdate,
    changed,
    user,
)
from offramp_conformance.suite.wire_tap import Tapped
from offramp_providers.emulator.config import Dialect
from offramp_providers.wire_json import decode_json, dump_json
from support.lying_provider import Lie

_K = ProviderErrorKind
_FAR_TOO_MANY = 10**6


@dataclass(frozen=True, kw_only=True)
class Case:
    """A lie, and where and under which options of the run it is told."""

    lie: Callable[[], Lie]
    """Made anew for each try: some remember."""
    dialect: Dialect = "openai_chat"
    options: Mapping[str, Any] = field(default_factory=dict)


# What is passed on of a request.


def _hears(hear: Callable[[GenerateRequest], GenerateRequest], **more: Any) -> Case:
    return Case(lie=lambda: Lie(hears=hear), **more)


def _forgets(*names: str, **more: Any) -> Case:
    return _hears(lambda request: replace(request, **dict.fromkeys(names)), **more)


def _without(*roles: str) -> Case:
    return _hears(lambda request: _keeping(request, lambda message: message.role not in roles))


def _keeping(request: GenerateRequest, keeps: Callable[[Message], bool]) -> GenerateRequest:
    return replace(request, messages=tuple(filter(keeps, request.messages)))


def _hears_no_wish(request: GenerateRequest) -> GenerateRequest:
    wish = request.messages[-1].text
    return replace(request, messages=(user("Hello."),)) if wish.startswith("Reply with exactly") else request


def _last_part_only(request: GenerateRequest) -> GenerateRequest:
    return replace(request, messages=tuple(replace(each, parts=each.parts[-1:]) for each in request.messages))


def _first_part_of_system(request: GenerateRequest) -> GenerateRequest:
    kept = [replace(each, parts=each.parts[:1]) if each.role == "system" else each for each in request.messages]
    return replace(request, messages=tuple(kept))


def _system_at_first_only(request: GenerateRequest) -> GenerateRequest:
    return _keeping(request, lambda each: each.role != "system") if len(request.messages) > 3 else request


def _system_to_the_front(request: GenerateRequest) -> GenerateRequest:
    ordered = sorted(request.messages, key=lambda each: each.role != "system")
    return replace(request, messages=tuple(ordered))


def _backwards(request: GenerateRequest) -> GenerateRequest:
    *turns, question = request.messages
    pairs = [turns[place : place + 2] for place in range(0, len(turns), 2)]
    return replace(request, messages=(*itertools.chain(*reversed(pairs)), question))


def _last_of_a_role(request: GenerateRequest) -> GenerateRequest:
    runs = [list(run) for _, run in itertools.groupby(request.messages, key=lambda each: each.role)]
    return replace(request, messages=tuple(run[-1] for run in runs))


def _unstopped_streams(request: GenerateRequest) -> GenerateRequest:
    return replace(request, stop=None) if request.stream else request


def _remembering() -> Lie:
    heard: list[Message] = []

    def hear(request: GenerateRequest) -> GenerateRequest:
        told = replace(request, messages=(*heard, *request.messages))
        heard.extend(request.messages)
        return told

    return Lie(hears=hear)


def _four_stops(http: HttpRequest) -> HttpRequest:
    body = decode_json(http.body)
    body["stop"] = body.get("stop", [])[:4]
    return changed(http, body=dump_json(body))


# What is said.


def _says(say: Callable[[AnyResponse, GenerateRequest], AnyResponse], **more: Any) -> Case:
    return Case(lie=lambda: Lie(says=say), **more)


def _spoken(response: AnyResponse, text: str) -> AnyResponse:
    return replace(response, message=replace(response.message, parts=(Text(text),)))


def _writes(change: Callable[[str], str]) -> Case:
    return _says(lambda response, _: _spoken(response, change(response.text)))


def _outcome(response: AnyResponse, kind: OutcomeKind) -> AnyResponse:
    return replace(response, outcome=Outcome(kind))


def _counts(change: Callable[[Usage], Usage], **more: Any) -> Case:
    return _says(lambda response, _: replace(response, usage=change(response.usage)), **more)


def _raw(change: Callable[[Any], Any]) -> Case:
    return _says(lambda response, _: replace(response, raw=change(response.raw)))


def _of(response: AnyResponse, **origin: Any) -> AnyResponse:
    assert response.origin is not None
    return replace(response, origin=replace(response.origin, **origin))


def _counting_up() -> Lie:
    numbers = itertools.count(100)
    return Lie(says=lambda response, _: replace(response, usage=replace(response.usage, input_tokens=next(numbers))))


def _names_in_turn() -> Lie:
    names = itertools.cycle(("gpt-4.1", "gpt-4.1-2026-01-01"))
    return Lie(says=lambda response, _: _of(response, model=next(names)))


def _answer_before() -> Lie:
    """Gives the answer to the question before."""
    given: list[AnyResponse] = []

    def say(response: AnyResponse, _: GenerateRequest) -> AnyResponse:
        given.append(response)
        return given[max(0, len(given) - 2)]

    return Lie(says=say)


def _stream_before() -> Lie:
    given: list[list[Batch]] = []

    def stream(batches: list[Batch], _: GenerateRequest) -> list[Batch]:
        given.append(batches)
        return given[max(0, len(given) - 2)]

    return Lie(streams=stream)


def _goes_on() -> Lie:
    """After a stream, the rest of it is the next answer."""
    left: list[bool] = []

    def stream(batches: list[Batch], _: GenerateRequest) -> list[Batch]:
        left.append(True)
        return batches

    def say(response: AnyResponse, _: GenerateRequest) -> AnyResponse:
        return _spoken(response, " ".join(map(str, range(4, 200)))) if left else response

    return Lie(streams=stream, says=say)


def _positive(raw: Any) -> Any:
    for choice in raw["choices"]:
        for token in choice["logprobs"]["content"]:
            token["logprob"] = 0.25
    return raw


# Streams.


def _streams(change: Callable[[list[Batch]], list[Batch]], **more: Any) -> Case:
    return Case(lie=lambda: Lie(streams=lambda batches, _: change(batches)), **more)


def _each_event(change: Callable[[Event], Event | None]) -> Case:
    return _streams(lambda batches: [_changed_batch(each, change) for each in batches])


def _changed_batch(batch: Batch, change: Callable[[Event], Event | None]) -> Batch:
    return replace(batch, events=tuple(kept for each in batch.events if (kept := change(each)) is not None))


def _unless(kind: type) -> Callable[[Event], Event | None]:
    return lambda event: None if isinstance(event, kind) else event


def _texts(batches: list[Batch]) -> list[int]:
    return [at for at, batch in enumerate(batches) if any(isinstance(each, TextDelta) for each in batch.events)]


def _swapped(batches: list[Batch]) -> list[Batch]:
    first, second = _texts(batches)[3:5]
    batches[first], batches[second] = batches[second], batches[first]
    return batches


def _unfinished(batches: list[Batch]) -> list[Batch]:
    last = _texts(batches)[-1]
    return batches[: last - 1] + batches[last + 1 :]


def _in_one_piece(batches: list[Batch]) -> list[Batch]:
    places = _texts(batches)
    text = "".join(each.text for at in places for each in batches[at].events if isinstance(each, TextDelta))
    kept = [batch for at, batch in enumerate(batches) if at not in places[1:]]
    return [
        _changed_batch(each, lambda event: replace(event, text=text) if isinstance(event, TextDelta) else event)
        for each in kept
    ]


def _end_before_the_last(batches: list[Batch]) -> list[Batch]:
    end = next(batch for batch in batches if any(isinstance(each, ResponseEnd) for each in batch.events))
    batches.remove(end)
    batches.insert(_texts(batches)[-1], end)
    return batches


def _harmed(event: Event) -> Event:
    if isinstance(event, TextDelta):
        return replace(event, text=event.text.encode()[:-1].decode("utf-8", "replace"))
    return event


def _ends_as(kind: OutcomeKind) -> Callable[[Event], Event]:
    return lambda event: replace(event, outcome=Outcome(kind)) if isinstance(event, ResponseEnd) else event


def _falls_silent(batches: list[Batch]) -> list[Batch]:
    silence = ProviderError("it fell silent", kind=_K.TIMEOUT, phase="mid_stream")
    return [*batches[:4], Batch((ResponseFailed(silence),))]


def _no_usage(event: Event) -> Event | None:
    if isinstance(event, ResponseStart):
        return replace(event, usage=None)
    return None if isinstance(event, UsageUpdate) else event


def _more_usage(event: Event) -> Event:
    if isinstance(event, UsageUpdate) and event.usage.input_tokens is not None:
        return replace(event, usage=replace(event.usage, input_tokens=event.usage.input_tokens + 3))
    return event


def _of_another(event: Event) -> Event:
    if isinstance(event, ResponseStart) and event.origin is not None:
        return replace(event, origin=replace(event.origin, model="another"))
    return event


# Errors.


def _fails(change: Callable[[ProviderError], ProviderError | AnyResponse], **more: Any) -> Case:
    return Case(lie=lambda: Lie(fails=change), **more)


def _as(kind: ProviderErrorKind) -> Case:
    return _fails(lambda error: ProviderError("a failure", kind=kind, status=error.status))


def _answers(model: str = "gpt-4.1") -> Case:
    origin = Origin(developer="nobody", host="nobody", dialect="openai_chat", model=model)
    message = Message("assistant", (Text("yes"),))
    return _fails(lambda _: Response(message, Outcome(OutcomeKind.COMPLETED), origin=origin))


def _spoils() -> Lie:
    refused: list[bool] = []

    def fail(error: ProviderError) -> ProviderError:
        refused.append(True)
        return error

    def say(response: AnyResponse, _: GenerateRequest) -> AnyResponse:
        if refused:
            raise ProviderError("the session is spoilt", kind=_K.SERVER, status=500)
        return response

    return Lie(fails=fail, says=say)


# The wire, and questions besides.


def _taps(change: Callable[[Tapped], None], **more: Any) -> Case:
    return Case(lie=lambda: Lie(taps=change), **more)


def _without_mark(tap: Tapped) -> None:
    tap.received[:] = tap.received.replace(b"[DONE]", b"")


def _quoting_the_key(tap: Tapped) -> None:
    tap.received[:] = b'{"error": "offramp-conformance-wrong-key is unknown"}'


def _another_in_the_middle(tap: Tapped) -> None:
    tap.received[:] = tap.received.replace(b'"gpt-4.1"', b'"gpt-4.1-nano"', 3)


def _no_headers(tap: Tapped) -> None:
    tap.headers = {}


def _more_left_than_there_is(tap: Tapped) -> None:
    tap.headers = {**tap.headers, "x-ratelimit-remaining-requests": "999999"}


def _nameless() -> Lie:
    return Lie(taps=_no_headers, says=lambda response, _: _of(response, response_id=None))


def _tells(tell: Callable[[Any], Any], **more: Any) -> Case:
    return Case(lie=lambda: Lie(tells=tell), **more)


def _vectors(change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Case:
    def tell(told: Embeddings) -> Embeddings:
        return replace(told, embeddings=change(told.embeddings))

    return _tells(tell)


def _drifting() -> Lie:
    turns = itertools.count()

    def tell(told: Embeddings) -> Embeddings:
        sign = -1 if next(turns) % 2 else 1
        made = [replace(each, vector=tuple(sign * number for number in each.vector or ())) for each in told.embeddings]
        return replace(told, embeddings=tuple(made))

    return Lie(tells=tell)


def _blurred(made: tuple[Any, ...]) -> tuple[Any, ...]:
    """Each of several has something of the others."""
    if len(made) == 1:
        return made
    mean = [sum(numbers) / len(made) for numbers in zip(*(each.vector for each in made), strict=True)]
    return tuple(
        replace(each, vector=tuple(own + shared for own, shared in zip(each.vector, mean, strict=True)))
        for each in made
    )


def _twice_as_many(told: TokenCount) -> TokenCount:
    return replace(told, input_tokens=2 * (told.input_tokens or 0))


def _of_messages_only(request: GenerateRequest) -> GenerateRequest:
    return replace(_keeping(request, lambda each: each.role != "system"), tools=())


def _listing(*names: str) -> Callable[[ModelList], ModelList]:
    return lambda told: replace(told, models=tuple(ModelInfo(name) for name in names))


LIES: Mapping[str, Case] = {
    "text.answers": _says(lambda response, _: replace(response, message=replace(response.message, parts=()))),
    "text.outcome": _says(lambda response, _: _outcome(response, OutcomeKind.UNKNOWN)),
    "text.follows": _hears(_hears_no_wish),
    "text.unicode": _writes(lambda text: text.encode().decode("latin-1")),
    "text.emoji": _writes(lambda text: text.replace("\u200d", "").replace("\ufe0f", "")),
    "text.signs": _writes(html.escape),
    "text.lines": _writes(lambda text: " ".join(text.split())),
    "text.parts": _hears(_last_part_only),
    "text.markers": _writes(lambda text: f"{text}<|im_end|>"),
    "text.echo": _says(lambda response, asked: _spoken(response, f"{asked.messages[-1].text}\n{response.text}")),
    "roles.system.obeyed": _without("system"),
    "roles.system.whole": _hears(_first_part_of_system),
    "roles.system.every_turn": _hears(_system_at_first_only),
    "roles.system.mid_conversation": _hears(_system_to_the_front),
    "roles.developer": _without("developer"),
    "roles.order": _hears(_backwards),
    "roles.assistant.read": _without("assistant"),
    "roles.history": _hears(lambda request: replace(request, messages=request.messages[-9:])),
    "roles.user.twice": _hears(_last_of_a_role),
    "parameters.max_output.enforced": _forgets("max_output_tokens"),
    "parameters.max_output.told": _says(lambda response, _: _outcome(response, OutcomeKind.COMPLETED)),
    "parameters.max_output.counted": _counts(lambda usage: replace(usage, output_tokens=99)),
    "parameters.max_output.prefix": _writes(lambda _: ""),
    "parameters.stop.enforced": _forgets("stop"),
    "parameters.stop.told": _says(lambda response, _: _outcome(response, OutcomeKind.MAX_OUTPUT)),
    "parameters.stop.left_out": _says(
        lambda response, asked: _spoken(response, response.text + "".join(asked.stop or ()))
    ),
    "parameters.stop.several": _hears(lambda request: replace(request, stop=request.stop and request.stop[:1])),
    "parameters.stop.unicode": _forgets("stop"),
    "parameters.stop.many": Case(lie=lambda: Lie(sends=_four_stops)),
    "parameters.stop.streamed": _hears(_unstopped_streams),
    "parameters.temperature.enforced": _forgets("temperature"),
    "parameters.top_p.enforced": _forgets("top_p"),
    "parameters.top_k.enforced": _forgets("top_k", dialect="ollama_native"),
    "parameters.seed.enforced": _forgets("seed"),
    "parameters.determinism": _forgets("temperature"),
    "parameters.seed.varies": _hears(lambda request: replace(request, seed=1)),
    "parameters.penalties.enforced": _forgets("frequency_penalty"),
    "parameters.logprobs.given": _forgets("logprobs"),
    "parameters.logprobs.possible": _raw(_positive),
    "parameters.logprobs.alternatives": _hears(lambda request: replace(request, logprobs=Logprobs())),
    "parameters.candidates.counted": _forgets("candidates"),
    "parameters.candidates.differ": _says(
        lambda response, _: replace(
            response, alternatives=tuple(replace(each, message=response.message) for each in response.alternatives)
        )
    ),
    "streaming.answers": _each_event(_unless(TextDelta)),
    "streaming.outcome": _each_event(_unless(ResponseEnd)),
    "streaming.order": _streams(_swapped),
    "streaming.whole": _streams(_unfinished),
    "streaming.incremental": _streams(_in_one_piece),
    "streaming.terminator": _taps(_without_mark),
    "streaming.end_is_last": _streams(_end_before_the_last),
    "streaming.unicode": _each_event(_harmed),
    "streaming.bounded": _each_event(_ends_as(OutcomeKind.COMPLETED)),
    "streaming.left_early": Case(lie=_goes_on),
    "streaming.alive": _streams(_falls_silent),
    "streaming.keep_alive": Case(lie=Lie, options={"longest_silence_s": 0.0}),
    "streaming.same_outcome": _each_event(_ends_as(OutcomeKind.STOP_SEQUENCE)),
    "usage.told": _counts(lambda _: Usage()),
    "usage.told_by_streams": _each_event(_no_usage),
    "usage.counts_something": _counts(lambda usage: replace(usage, output_tokens=0)),
    "usage.total": _counts(lambda usage: replace(usage, raw={"total_tokens": 7})),
    "usage.cached_within_input": _counts(lambda usage: replace(usage, cache_read_tokens=_FAR_TOO_MANY)),
    "usage.reasoning_within_output": _counts(lambda usage: replace(usage, reasoning_tokens=_FAR_TOO_MANY)),
    "usage.input.grows": _counts(lambda usage: replace(usage, input_tokens=50)),
    "usage.output.grows": _counts(lambda usage: replace(usage, output_tokens=(usage.output_tokens or 0) * 30)),
    "usage.input.repeats": Case(lie=_counting_up),
    "usage.streams_alike": _each_event(_more_usage),
    "errors.wrong_key": _answers(),
    "errors.no_key": _answers(),
    "errors.key_not_quoted": _taps(_quoting_the_key),
    "errors.bad_json": _as(_K.SERVER),
    "errors.wrong_type": _as(_K.SERVER),
    "errors.missing_field": _as(_K.SERVER),
    "errors.streamed": _as(_K.SERVER),
    "errors.unknown_path": _as(_K.SERVER),
    "errors.unknown_field": _as(_K.SERVER),
    "errors.bad_schema": _answers(),
    "errors.too_long.refused": _hears(
        lambda request: replace(request, messages=(user(request.messages[-1].text[-40:]),)),
        options={"context_tokens": 2000},
    ),
    "errors.too_long.told": _hears(
        lambda request: replace(request, messages=(user(request.messages[-1].text[-40:]),)),
        options={"context_tokens": 2000},
    ),
    "errors.in_its_dialect": _fails(lambda error: error.answered("page", status=error.status)),
    "errors.recovers": Case(lie=_spoils),
    "errors.unknown_model.not_impersonated": _answers("offramp-no-such-model"),
    "errors.unknown_model.refused": _answers(),
    "errors.unknown_model.told": _as(_K.INVALID_REQUEST),
    "errors.request_id.of_answers": Case(lie=_nameless),
    "errors.request_id.of_errors": Case(
        lie=lambda: Lie(taps=_no_headers, fails=lambda error: ProviderError("no", kind=error.kind, status=error.status))
    ),
    "errors.request_id.unique": _says(lambda response, _: _of(response, response_id="the-same")),
    "errors.limits.told": _taps(_no_headers),
    "errors.limits.possible": _taps(_more_left_than_there_is),
    "served.model": _says(lambda response, _: _of(response, model="another")),
    "served.stream": _each_event(_of_another),
    "served.told": _says(lambda response, _: _of(response, model=None)),
    "served.throughout": _taps(_another_in_the_middle),
    "served.steady": Case(lie=_names_in_turn),
    "operations.count_tokens.grows": _tells(lambda told: replace(told, input_tokens=12), dialect="anthropic_messages"),
    "operations.count_tokens.honest": _tells(_twice_as_many, dialect="anthropic_messages"),
    "operations.count_tokens.of_everything": _hears(_of_messages_only, dialect="anthropic_messages"),
    "operations.models.listed": _tells(_listing("another")),
    "operations.models.unique": _tells(_listing("gpt-4.1", "gpt-4.1")),
    "operations.embeddings.counted": _vectors(lambda made: made[:-1]),
    "operations.embeddings.repeats": Case(lie=_drifting),
    "operations.embeddings.among_others": _vectors(_blurred),
    "operations.embeddings.order": _vectors(lambda made: made[::-1]),
    "operations.embeddings.apart": _vectors(lambda made: made[:1] * len(made)),
    "caching.told": _counts(lambda usage: replace(usage, cache_read_tokens=0)),
    "caching.not_made_up": _counts(lambda usage: replace(usage, cache_read_tokens=usage.input_tokens)),
    "caching.own_answer": Case(lie=_answer_before),
    "caching.fresh": Case(lie=_answer_before),
    "caching.not_replayed": Case(lie=_answer_before),
    "isolation.answers": Case(lie=_answer_before),
    "isolation.streams": Case(lie=_stream_before),
    "isolation.system": Case(lie=_answer_before),
    "isolation.stateless": Case(lie=_remembering),
    "latency.first_output": Case(lie=Lie, options={"first_output_s": 0.0}),
    "latency.throughput": Case(lie=Lie, options={"output_tokens_per_s": 1e12}),
    "latency.whole": Case(lie=Lie, options={"whole_answer_s": 0.0}),
}
