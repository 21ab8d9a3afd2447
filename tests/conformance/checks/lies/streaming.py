"""Lies about streams."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from offramp.errors import ProviderError
from offramp.types import (
    AnyResponse,
    Batch,
    Event,
    GenerateRequest,
    Outcome,
    OutcomeKind,
    ResponseEnd,
    ResponseFailed,
    TextDelta,
)
from offramp_conformance.suite.wire_tap import Tapped
from support.lying_provider import Lie

from .cases import Case, K, changed_batch, each_event, spoken, streams, taps, unless


def _goes_on() -> Lie:
    """After a stream, the rest of it is the next answer."""
    left: list[int] = []

    def stream(batches: list[Batch], _: GenerateRequest) -> list[Batch]:
        left.append(4)
        return batches

    def say(response: AnyResponse, _: GenerateRequest) -> AnyResponse:
        return spoken(response, " ".join(map(str, range(left.pop(), 200)))) if left else response

    return Lie(streams=stream, says=say)


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
        changed_batch(each, lambda event: replace(event, text=text) if isinstance(event, TextDelta) else event)
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
    silence = ProviderError("it fell silent", kind=K.TIMEOUT, phase="mid_stream")
    return [*batches[:4], Batch((ResponseFailed(silence),))]


def _without_mark(tap: Tapped) -> None:
    tap.received[:] = tap.received.replace(b"[DONE]", b"")


LIES: Mapping[str, Case] = {
    "streaming.answers": each_event(unless(TextDelta)),
    "streaming.outcome": each_event(unless(ResponseEnd)),
    "streaming.order": streams(_swapped),
    "streaming.whole": streams(_unfinished),
    "streaming.incremental": streams(_in_one_piece),
    "streaming.terminator": taps(_without_mark),
    "streaming.end_is_last": streams(_end_before_the_last),
    "streaming.unicode": each_event(_harmed),
    "streaming.bounded": each_event(_ends_as(OutcomeKind.COMPLETED)),
    "streaming.left_early": Case(lie=_goes_on),
    "streaming.alive": streams(_falls_silent),
    "streaming.keep_alive": Case(lie=Lie, options={"longest_silence_s": 0.0}),
    "streaming.same_outcome": each_event(_ends_as(OutcomeKind.STOP_SEQUENCE)),
}
