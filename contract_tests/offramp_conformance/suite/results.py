"""What became of a check: its tries put together, and how much the result counts."""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from datetime import date
from typing import Literal, TypeAlias

from offramp.contracts.capability import Requirement, Support
from offramp.contracts.lapses import Lapses, LapseStanding
from offramp.types import value
from offramp_conformance.suite.check import Axis, Check, CheckLevel
from offramp_conformance.suite.lapses import lapses_among
from offramp_conformance.suite.observations import Observation

State: TypeAlias = Literal["proven", "refuted", "inconclusive", "not_tried", "known_gap"]
Standing: TypeAlias = Literal["owed", "required", "claimed", "unclaimed", "disclaimed"]
"""Why a result matters. `owed`: by every endpoint. `required`: by the mission's contract. `claimed`: by the profile,
and the mission does not use it. `unclaimed`: nobody says anything. `disclaimed`: the profile says that it cannot."""

Surprise: TypeAlias = Literal["claimed_but_failing", "unclaimed_but_working"]


@value
class CallRecord:
    """One exchange of a try: digests, and a few words of what was found wanting."""

    _: KW_ONLY
    request_sha256: str
    response_sha256: str
    status: int | None = None
    error: str | None = None
    """Kind of the error; no text of the vendor's."""
    served: str | None = None
    """The model that says to have answered a request that nobody tampered with."""
    total_s: float = 0.0
    first_output_s: float | None = None
    sent: str | None = None
    """An excerpt of the request, where the try found something wanting."""
    received: str | None = None


@value
class Try:
    """One try of a check."""

    number: int
    observation: Observation
    calls: tuple[CallRecord, ...] = ()


@value
class CheckResult:
    """A check on one endpoint."""

    id: str
    _: KW_ONLY
    state: State
    why: str
    level: CheckLevel
    axis: Axis
    standing: Standing
    verifies: Requirement | None = None
    claim: Support | None = None
    found: Support | None = None
    """How the capability that it verifies is supported, where the tries tell: evidence for a profile."""
    tries: tuple[Try, ...] = ()
    pass_at_k: float | None = None
    """Chance that at least one of as many tries holds; None where none was clear."""
    pass_hat_k: float | None = None
    """Chance that all of as many tries hold."""
    lapses: Lapses | None = None
    """Of a check that forgives some tries, and of which some broke, whatever the state that they add up to."""
    gap_until: date | None = None
    """Of a known gap."""
    applies: bool = True
    """Whether the question can be put to this endpoint at all. What does not apply counts for nothing."""

    @property
    def counts(self) -> bool:
        """Whether the verdict rests on it: it is a MUST that applies, and owed, required or claimed."""
        return self.applies and self.level == "MUST" and self.standing in ("owed", "required", "claimed")

    @property
    def lapse_standing(self) -> LapseStanding | None:
        """Of a check that holds by its share, though some tries broke it. None: none did, or it does not hold."""
        return self.lapses.standing if self.lapses is not None and self.state == "proven" else None

    @property
    def surprise(self) -> Surprise | None:
        """Where the profile and the endpoint disagree."""
        if self.state == "refuted" and self.claim in ("native", "emulated") and self.verifies is not None:
            return "claimed_but_failing"
        if self.state == "proven" and self.standing in ("unclaimed", "disclaimed"):
            return "unclaimed_but_working"
        return None


def standing_of(check: Check, claim: Support | None, required: frozenset[Requirement]) -> Standing:
    """Why a check's result matters here."""
    if check.verifies is None:
        return "owed"
    if check.verifies in required:
        return "required"
    match claim:
        case None:
            return "unclaimed"
        case "native" | "emulated":
            return "claimed"
        case "ignored" | "rejected" | "unsupported":
            return "disclaimed"


def judged(check: Check, tries: Sequence[Try]) -> tuple[State, str]:
    """The state that the tries add up to, and why, in the words of the try that decided."""
    decisive = next((each for each in tries if is_decisive(check, each)), None)
    if decisive is not None:
        return "refuted", decisive.observation.why
    clear = _clear(tries)
    if not clear:
        return "inconclusive", tries[0].observation.why if tries else "it was never tried"
    held = [each for each in clear if each.observation.sight == "held"]
    if len(held) >= check.share * len(clear):
        return "proven", held[0].observation.why
    failed = next(each for each in clear if each.observation.sight == "broken")
    return "refuted", f"it held in {len(held)} of {len(clear)} tries: {failed.observation.why}"


def is_decisive(check: Check, made: Try) -> bool:
    """Whether this try refutes by itself, whatever the others have seen."""
    seen = made.observation
    return seen.sight == "absent" or (seen.sight == "broken" and (check.trust == "every" or not seen.excusable))


def lapses_of(check: Check, tries: Sequence[Try]) -> Lapses | None:
    """How often a check broke that forgives some tries. None: not once, or it forgives none."""
    if check.trust == "every":
        return None
    return lapses_among([each.observation.sight == "broken" for each in _clear(tries)], check.tolerated)


def _clear(tries: Sequence[Try]) -> list[Try]:
    """Those that could tell."""
    return [each for each in tries if each.observation.sight in ("held", "broken")]


def support_found(state: State, tries: Sequence[Try]) -> Support | None:
    """How the tries say that a capability is supported; None where they do not."""
    if state == "proven":
        return "native"
    if state != "refuted":
        return None
    return next((each.observation.support for each in reversed(tries) if each.observation.support), None)


def chances(tries: Sequence[Try], k: int) -> tuple[float, float] | None:
    """Unbiased estimates of pass@k and pass^k from n clear tries of which c held (Chen et al. 2021, equation 1).

    None: there are fewer than k clear tries.
    """
    from math import comb

    clear = _clear(tries)
    n, c = len(clear), sum(each.observation.sight == "held" for each in clear)
    if k < 1 or n < k:
        return None
    return 1 - comb(n - c, k) / comb(n, k), comb(c, k) / comb(n, k)
