"""The catalogue of checks, one file or folder an area. Each is a plain async function that makes one try."""

from collections.abc import Iterator
from typing import Final, cast

from offramp_conformance.checks import (
    caching,
    context,
    embeddings,
    handoff,
    isolation,
    keywords,
    latency,
    media,
    operations,
    policy,
    reasoning,
    refusal,
    roles,
    served,
    stream_endings,
    streaming,
    structured,
    text,
    tool_choice,
    tool_failures,
    tool_outcomes,
    tool_results,
    tool_streams,
    tools,
    usage,
    usage_alike,
)
from offramp_conformance.checks.errors import credentials, lengths, models, requests, tracing
from offramp_conformance.checks.parameters import candidates, logprobs, output_bound, penalties, sampling, stop
from offramp_conformance.suite.check import Check

_PARAMETERS: Final = (output_bound, stop, sampling, penalties, logprobs, candidates)
_TOOLS: Final = (tools, tool_outcomes, tool_choice, tool_results, tool_failures, tool_streams)
_ERRORS: Final = (credentials, requests, lengths, models, tracing)
_OPERATIONS: Final = (operations, embeddings)
_AREAS: Final = (
    *(
        text,
        roles,
        *_PARAMETERS,
        streaming,
        stream_endings,
        *_TOOLS,
        structured,
        keywords,
        reasoning,
        refusal,
        media,
        context,
    ),
    *(usage, usage_alike, *_ERRORS, served, *_OPERATIONS, caching, isolation, handoff, policy, latency),
)


def catalogue() -> tuple[Check, ...]:
    """Every check, area by area. Their ids are unique."""
    found = [each for area in _AREAS for held in vars(area).values() for each in _checks_in(held)]
    if len({each.id for each in found}) != len(found):
        raise ValueError("two checks have the same id")
    return tuple(found)


def _checks_in(held: object) -> Iterator[Check]:
    """A check that stands by itself, or those of a table."""
    if isinstance(held, Check):
        yield held
    elif isinstance(held, tuple):
        yield from (each for each in cast("tuple[object, ...]", held) if isinstance(each, Check))
