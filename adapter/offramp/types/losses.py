"""Losses: what was dropped, moved, rewritten, emulated, injected or clamped on the way to another wire."""

from dataclasses import KW_ONLY
from enum import IntEnum
from typing import Literal, TypeAlias

from offramp.types._value import value

LossAction: TypeAlias = Literal["dropped", "moved", "rewritten", "emulated", "injected", "clamped"]


class Severity(IntEnum):
    """How much a loss matters, in rising order."""

    COSMETIC = 1
    """Nothing that a reader of the answer would notice."""
    BEHAVIOURAL = 2
    """The answer may differ."""
    MATERIAL = 3
    """Content, an instruction, a constraint or a result would be missing."""

    @property
    def word(self) -> str:
        """The word that configuration and reports use."""
        return self.name.lower()


@value
class Loss:
    """One named difference between what was asked and what goes over the wire."""

    _: KW_ONLY
    code: str
    """What kind of loss, in a closed vocabulary of dotted words: `reasoning.foreign`, `tool_result.status`."""
    path: str
    """Where: a path in the canonical value, such as `messages[3].parts[0].wire.fields.caller`."""
    action: LossAction
    severity: Severity
    why: str
    """One sentence for a person. It never quotes content."""
