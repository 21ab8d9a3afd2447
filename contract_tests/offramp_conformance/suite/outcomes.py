"""What a result means to a test runner: decided once, for pytest's items and for the JUnit file of the command."""

from typing import Literal, TypeAlias, assert_never

from offramp_conformance.suite.results import State

TestOutcome: TypeAlias = Literal["passed", "failed", "expected", "skipped"]
"""`expected`: a known gap. `skipped`: nothing rests on it."""


def outcome_of(state: State, *, counts: bool) -> TestOutcome:
    """Of a result, by whether the verdict rests on it. What counts and was not proven has failed: a skip is no pass."""
    match state:
        case "proven":
            return "passed"
        case "known_gap":
            return "expected"
        case "refuted" | "inconclusive" | "not_tried":
            return "failed" if counts else "skipped"
        case _:
            assert_never(state)


def told(state: State, *, proves: str, why: str, look_at: str) -> str:
    """The sentence that goes with it."""
    unproven = "nothing is proven. " if state in ("inconclusive", "not_tried") else ""
    return f"{unproven}{proves} {state}: {why} Look at: {look_at}"
