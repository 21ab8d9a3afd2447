"""The policy contract: what terms, channels, agreements and the organisation's floor forbid or permit."""

from dataclasses import KW_ONLY
from datetime import datetime
from typing import Literal, TypeAlias

from offramp.types import value

Layer: TypeAlias = Literal["floor", "carry-over", "channel", "vendor", "agreement", "organisation", "declaration"]
Effect: TypeAlias = Literal["forbid", "permit", "missing", "expired", "error"]


@value
class Reason:
    """One ground of a decision, so that a person can find the sentence it rests on."""

    _: KW_ONLY
    layer: Layer
    effect: Effect
    clause: str | None
    """Clause id; None where no clause was reached."""
    document: str | None = None
    section: str | None = None
    text: str
    """One sentence in our words. It never quotes content of a call."""

    def __str__(self) -> str:
        place = ", ".join(word for word in (self.document, self.section) if word)
        clause = f" {self.clause}" if self.clause else ""
        return f"{self.layer}{clause} ({self.effect}{': ' + place if place else ''}) {self.text}"


@value
class Decision:
    """Whether one mission may use one endpoint at one instant, and why."""

    _: KW_ONLY
    allowed: bool
    mission: str
    endpoint: str
    at: datetime
    """UTC."""
    reasons: tuple[Reason, ...]
    digests: tuple[str, ...] = ()
    """SHA-256 of every contract and declaration that was read, in order."""
    unreviewed: bool = False
    """Whether an illustrative, unreviewed contract had a part in it. Every report shows this."""
