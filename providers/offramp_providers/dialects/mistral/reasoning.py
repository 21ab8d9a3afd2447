"""How much to reason: `reasoning_effort`, and the `prompt_mode` of the deprecated reasoning models."""

from collections.abc import Mapping
from typing import Any, Final, assert_never, get_args

from offramp.types import (
    Effort,
    JsonObject,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningOff,
    ReasoningSettings,
)
from offramp_providers.dialects.mistral.encoding import Encoding
from offramp_providers.dialects.mistral.options import EFFORTS

_KNOWN: Final[Mapping[str, Effort]] = {effort: effort for effort in get_args(Effort)}
_RISING: Final = (*EFFORTS, "max")
_BY_PROMPT: Final = "mode=prompt_mode"
"""Marks a mode that was asked for by `prompt_mode`."""


def take_reasoning(left: JsonObject, form: list[str]) -> ReasoningSettings | None:
    """Take the effort and the mode out of what is left of a request."""
    asked: Any = left.get("reasoning_effort")
    effort = _KNOWN.get(asked) if type(asked) is str else None
    if effort is not None:
        del left["reasoning_effort"]
    if left.get("prompt_mode") == "reasoning":
        del left["prompt_mode"]
        form.append(_BY_PROMPT)
        return ReasoningSettings(effort=effort, mode=ReasoningAdaptive())
    return None if effort is None else ReasoningSettings(effort=effort)


def encode_reasoning(encoding: Encoding, settings: ReasoningSettings, body: JsonObject, form: tuple[str, ...]) -> None:
    """Write the effort and the mode into the body."""
    mode, effort = settings.mode, settings.effort
    if isinstance(mode, ReasoningAdaptive) and (_BY_PROMPT in form or encoding.option("prompt_mode")):
        body["prompt_mode"] = "reasoning"
        _lose_details(encoding, mode)
    elif mode is not None:
        effort = _effort_for(encoding, settings, mode)
    if effort is not None:
        _encode_effort(encoding, settings, effort, body)


def _effort_for(
    encoding: Encoding, settings: ReasoningSettings, mode: ReasoningAdaptive | ReasoningBudget | ReasoningOff
) -> Effort | None:
    """The effort that comes nearest to the mode, which has no other word here."""
    if not encoding.option("efforts"):
        encoding.log.lose("setting.unsupported", settings, "mode")
        return settings.effort
    match mode:
        case ReasoningOff():
            encoding.log.lose("reasoning.effort", settings, "mode")
            if settings.effort not in (None, "none"):
                encoding.log.lose("reasoning.effort", settings, "effort")
            return "none"
        case ReasoningAdaptive():
            encoding.log.lose("reasoning.effort", settings, "mode")
        case ReasoningBudget():
            encoding.log.lose("reasoning.budget", settings, "mode")
            if settings.effort is None:
                encoding.log.lose("reasoning.effort", settings, "effort")
        case _:
            assert_never(mode)
    return settings.effort or "high"


def _lose_details(encoding: Encoding, mode: ReasoningAdaptive) -> None:
    """Name what one word has no place for: how much to show, and another dialect's residue."""
    if mode.display is not None:
        encoding.log.lose("setting.unsupported", mode, "display")
    encoding.log.lose_wire(mode, mode.wire)


def _encode_effort(encoding: Encoding, settings: ReasoningSettings, effort: Effort, body: JsonObject) -> None:
    accepted: tuple[str, ...] = encoding.option("efforts")
    if effort in accepted or (encoding.native and encoding.given("efforts") is None):
        body["reasoning_effort"] = effort
        return
    # Whoever asked for some reasoning is not given none at all.
    near = [word for word in accepted if word == effort or (word != "none" and effort != "none")]
    if not near:
        encoding.log.lose("setting.unsupported", settings, "effort")
        return
    encoding.log.lose("reasoning.effort", settings, "effort")
    body["reasoning_effort"] = min(near, key=lambda word: abs(_RISING.index(word) - _RISING.index(effort)))
