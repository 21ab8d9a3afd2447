"""Lies about what was read and written."""

import itertools
from collections.abc import Mapping
from dataclasses import replace

from offramp.types import Event, ResponseStart, Usage, UsageUpdate
from support.lying_provider import Lie

from .cases import Case, counts, each_event

_FAR_TOO_MANY = 10**6


def _counting_up() -> Lie:
    numbers = itertools.count(100)
    return Lie(says=lambda response, _: replace(response, usage=replace(response.usage, input_tokens=next(numbers))))


def _no_usage(event: Event) -> Event | None:
    if isinstance(event, ResponseStart):
        return replace(event, usage=None)
    return None if isinstance(event, UsageUpdate) else event


def _more_usage(event: Event) -> Event:
    if isinstance(event, UsageUpdate) and event.usage.input_tokens is not None:
        return replace(event, usage=replace(event.usage, input_tokens=event.usage.input_tokens + 3))
    return event


LIES: Mapping[str, Case] = {
    "usage.told": counts(lambda _: Usage()),
    "usage.told_by_streams": each_event(_no_usage),
    "usage.counts_something": counts(lambda usage: replace(usage, output_tokens=0)),
    "usage.total": counts(lambda usage: replace(usage, raw={"total_tokens": 7})),
    "usage.cached_within_input": counts(lambda usage: replace(usage, cache_read_tokens=_FAR_TOO_MANY)),
    "usage.reasoning_within_output": counts(lambda usage: replace(usage, reasoning_tokens=_FAR_TOO_MANY)),
    "usage.input.grows": counts(lambda usage: replace(usage, input_tokens=50)),
    "usage.output.grows": counts(lambda usage: replace(usage, output_tokens=(usage.output_tokens or 0) * 30)),
    "usage.input.repeats": Case(lie=_counting_up),
    "usage.streams_alike": each_event(_more_usage),
}
