"""How long answers take. Held against what a mission, or the profile, states; else the figures are told."""

from collections.abc import Sequence
from typing import Final

from offramp_conformance.checks.percentiles import calls_needed, quantile, share_within
from offramp_conformance.checks.probing import room_for
from offramp_conformance.checks.prompts import count_up
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, Seen, broken, held, unclear
from offramp_conformance.suite.subject import Subject

_CALLS: Final = 12
_SHARE: Final = 0.95
"""An objective holds for 95 in 100 requests, as offers and missions state it."""
_LAST: Final = 60


async def _measured(subject: Subject, *, streams: bool) -> list[Exchanged]:
    """Calls of one kind, one after the other. The first that is not answered ends the try."""
    made: list[Exchanged] = []
    asks = subject.stream if streams else subject.ask
    for _ in range(int(subject.options.get("latency_calls", _CALLS))):
        each = await asks(count_up(_LAST), max_output_tokens=room_for(subject, 400))
        each.answer  # noqa: B018  # an error in its place ends the try
        made.append(each)
    return made


def _objective(subject: Subject, name: str) -> float | None:
    """What the mission asks for, else what is stated of the endpoint."""
    if name in subject.options:
        return float(subject.options[name])
    stated = subject.endpoint.offered(name)
    return None if stated is None else float(stated[0])


def _judged(values: Sequence[float], objective: float | None, *, within: int, unit: str) -> Observation:
    """Whether the objective holds for the share that it is stated for.

    Args:
        values: the measurements.
        objective: None: there is none.
        within: how many measurements meet it.
        unit: of the measurements.
    """
    figures = _figures(values, unit)
    if objective is None:
        return held(figures)
    low, high = share_within(within, len(values))
    stated = f"{within} of {len(values)} calls meet {objective:g} {unit}; {figures}"
    if low >= _SHARE:
        return held(stated)
    if high < _SHARE:
        return broken(stated)
    return unclear(f"{stated}; {calls_needed(_SHARE)} calls that all meet it would show that 95 in 100 do")


def _figures(values: Sequence[float], unit: str) -> str:
    told: list[str] = []
    for name, share in (("median", 0.5), ("95th percentile", _SHARE)):
        found = quantile(values, share)
        low = "unknown" if found.low is None else f"{found.low:.3g}"
        high = "unknown" if found.high is None else f"{found.high:.3g}"
        told.append(f"{name} {found.estimate:.3g} {unit} (95 % interval {low} to {high})")
    return ", ".join(told)


@check(
    "latency.first_output",
    level="MAY",
    axis="behaviour",
    proves="The first output comes as soon as is stated.",
    look_at="The objective, the region, the hour, and how much the model reasons first.",
    needs=("streaming",),
    tries=1,
    calls=_CALLS,
    alone=True,
)
async def first_output(subject: Subject) -> Observation:
    values = [each.first_output_s for each in await _measured(subject, streams=True) if each.first_output_s is not None]
    if not values:
        raise Seen(unclear("no output was seen as it came"))
    objective = _objective(subject, "first_output_s")
    within = sum(value <= objective for value in values) if objective is not None else 0
    return _judged(values, objective, within=within, unit="s")


@check(
    "latency.throughput",
    level="MAY",
    axis="behaviour",
    proves="Output comes as fast as is stated.",
    look_at="The objective, the region, the hour, and the size of the model.",
    needs=("streaming",),
    tries=1,
    calls=_CALLS,
    alone=True,
)
async def throughput(subject: Subject) -> Observation:
    values = [speed for each in await _measured(subject, streams=True) if (speed := _tokens_per_s(each)) is not None]
    if not values:
        raise Seen(unclear("too little output came, or its tokens are not told"))
    objective = _objective(subject, "output_tokens_per_s")
    within = sum(value >= objective for value in values) if objective is not None else 0
    return _judged(values, objective, within=within, unit="tokens/s")


def _tokens_per_s(made: Exchanged) -> float | None:
    """After the first output. None: it cannot be told."""
    tokens = made.answer.usage.output_tokens
    if tokens is None or tokens < 2 or made.first_output_s is None:
        return None
    spent_s = made.total_s - made.first_output_s
    return (tokens - 1) / spent_s if spent_s > 0 else None


@check(
    "latency.whole",
    level="MAY",
    axis="behaviour",
    proves="Whole answers come as soon as is stated.",
    look_at="The objective, the region, the hour, and the length of answers.",
    tries=1,
    calls=_CALLS,
    alone=True,
)
async def whole(subject: Subject) -> Observation:
    values = [each.total_s for each in await _measured(subject, streams=False)]
    objective = _objective(subject, "whole_answer_s") if "whole_answer_s" in subject.options else None
    within = sum(value <= objective for value in values) if objective is not None else 0
    return _judged(values, objective, within=within, unit="s")
