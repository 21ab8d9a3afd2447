"""Golden sets, vendors and results for the tests of parity."""

import random
from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, settings

from offramp.types import (
    AnyResponse,
    GenerateRequest,
    Origin,
    Outcome,
    OutcomeKind,
    Refusal,
    Response,
    Timings,
    Usage,
    assistant,
    user,
)
from offramp_conformance.parity import Case, GoldenSet, Question
from offramp_conformance.parity.graders.specs import Exact, Grader
from offramp_conformance.parity.results import AnswerResult, CaseResult

MANY: Final = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
"""Examples of a property that takes milliseconds."""

PASSES = AnswerResult("answered", score=1.0)
FAILS = AnswerResult("answered", score=0.0)
REFUSES = AnswerResult("refused", reason="refusal")
DOWN = AnswerResult("not_tried", reason="ProviderError: server")


def golden(cases: int, *, cluster_size: int = 1, graders: tuple[Grader, ...] = (Exact("yes"),)) -> GoldenSet:
    """Cases that all expect `yes`."""
    return GoldenSet(
        "golden",
        tuple(
            Case(
                f"c{at}",
                cluster=f"k{at // cluster_size}",
                request=GenerateRequest((user(f"question {at}"),)),
                graders=graders,
                slices=("even",) if at % 2 == 0 else ("odd",),
            )
            for at in range(cases)
        ),
    )


def answer(text: str, **more: Any) -> AnyResponse:
    """A completed answer."""
    return Response(
        assistant(text),
        Outcome(OutcomeKind.COMPLETED),
        origin=Origin(developer="d", host="h", dialect="x", model=more.pop("model", "m")),
        timings=Timings(total_s=1.0),
        usage=Usage(output_tokens=2),
        **more,
    )


def refusal() -> AnyResponse:
    return Response(assistant(Refusal("no")), Outcome(OutcomeKind.REFUSAL))


def vendor(reply: Callable[[Question], AnyResponse | Exception]) -> Any:
    """Asks nobody; keeps what it was asked under `asked`."""
    asked: list[Question] = []

    async def asks(question: Question) -> AnyResponse:
        asked.append(question)
        made = reply(question)
        if isinstance(made, Exception):
            raise made
        return made

    asks.asked = asked  # type: ignore[attr-defined]
    return asks


def by_chance(rate: float, seed: int) -> Any:
    """Says `yes` in so many of all cases, each time anew."""
    drawn = random.Random(seed)  # noqa: S311  # chance that repeats, no secret
    return vendor(lambda _: answer("yes" if drawn.random() < rate else "no"))


def always(text: str = "yes") -> Any:
    return vendor(lambda _: answer(text))


def case(
    at: int, old: AnswerResult, new: AnswerResult, *, cluster: str | None = None, slices: tuple[str, ...] = ()
) -> CaseResult:
    """One answer a side."""
    return CaseResult(f"c{at}", cluster=cluster or f"k{at}", slices=slices, weight=1.0, old=(old,), new=(new,))
