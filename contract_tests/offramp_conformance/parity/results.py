"""What was seen of each case. No text of it: an answer is a digest, keyed so that a short one cannot be guessed."""

from dataclasses import KW_ONLY
from typing import Literal, TypeAlias

from offramp.types import value

AnswerOutcome: TypeAlias = Literal["answered", "refused", "not_tried"]
Winner: TypeAlias = Literal["new", "tie", "old", "not_tried"]


@value
class AnswerResult:
    """One answer, or what came in place of it."""

    outcome: AnswerOutcome
    _: KW_ONLY
    reason: str | None = None
    """Why it is refused or not tried, in words of ours. None of an answer."""
    score: float | None = None
    """From 0 to 1. None: nothing grades it by itself, or it is no answer."""
    why: str | None = None
    """What it missed."""
    digest: str | None = None
    """HMAC-SHA-256 of the answer's message. Equal within one report means equal."""
    model: str | None = None
    """Who says to have answered."""
    total_s: float | None = None
    first_output_s: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


@value
class Preference:
    """What the judge says of two answers, which it saw in both orders."""

    winner: Winner
    """A `tie` is also where the two orders disagree."""
    _: KW_ONLY
    consistent: bool | None = None
    """Whether both orders had the same winner. None: there were no two judgements."""
    reason: str | None = None
    """Why it was not tried."""


@value
class CaseResult:
    """One case."""

    id: str
    _: KW_ONLY
    cluster: str
    slices: tuple[str, ...]
    weight: float
    old: tuple[AnswerResult, ...]
    new: tuple[AnswerResult, ...]
    preference: Preference | None = None
    """New against old. None: no judge is asked of this case."""
    own_preference: Preference | None = None
    """The old vendor's second answer (as new) against its first."""
