"""How much to think, and what was thought: `think` is on, off or a level; the text comes back beside the answer."""

from typing import Any, assert_never

from offramp.types import (
    Effort,
    GenerateRequest,
    JsonObject,
    Part,
    Reasoning,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningMode,
    ReasoningOff,
    ReasoningSettings,
)
from offramp_providers.dialects.effort import LEVELS, nearest_level
from offramp_providers.dialects.ollama_native.encoding import Encoding


def take_thinking(left: JsonObject, marks: list[str]) -> list[Part]:
    """The text that was thought before the answer."""
    text: Any = left.get("thinking")
    if type(text) is not str:
        return []
    del left["thinking"]
    marks += [] if text else ["thinking=empty"]
    return [Reasoning(text)] if text else []


def take_settings(left: JsonObject) -> ReasoningSettings | None:
    """Take `think`; a level that a model has of its own, and no other, stays where it is."""
    found: Any = left.get("think")
    if found is True or found is False:
        del left["think"]
        return ReasoningSettings(mode=ReasoningAdaptive() if found else ReasoningOff())
    if found in LEVELS:
        return ReasoningSettings(effort=left.pop("think"))
    return None


def encode_settings(
    encoding: Encoding, _request: GenerateRequest, settings: ReasoningSettings, body: JsonObject
) -> None:
    """Write mode and effort, which share one field: a level says that there is thinking at all."""
    mode, effort = settings.mode, settings.effort
    think: bool | str | None = None if mode is None else _think(encoding, mode)
    if mode is not None:
        encoding.log.lose_wire(mode, mode.wire)
    if effort is not None and think is False:
        encoding.log.lose("reasoning.effort", settings, "effort")
    elif effort is not None:
        think = _level(encoding, settings, effort, otherwise=think)
    if think is not None:
        body["think"] = think


def _think(encoding: Encoding, mode: ReasoningMode) -> bool:
    match mode:
        case ReasoningOff():
            return False
        case ReasoningAdaptive():
            _lose_display(encoding, mode)
            return True
        case ReasoningBudget():
            _lose_display(encoding, mode)
            encoding.log.lose("reasoning.budget", mode, "budget_tokens")
            return mode.budget_tokens > 0
        case _:
            assert_never(mode)


def _lose_display(encoding: Encoding, mode: ReasoningAdaptive | ReasoningBudget) -> None:
    # All that is thought is shown.
    if mode.display not in (None, "full"):
        encoding.log.lose("setting.unsupported", mode, "display")


def _level(
    encoding: Encoding, settings: ReasoningSettings, effort: Effort, *, otherwise: bool | str | None
) -> bool | str | None:
    if effort == "none" and not encoding.native:
        encoding.log.lose("reasoning.effort", settings, "effort")
        return False
    nearest = effort if encoding.native else nearest_level(effort, encoding.option("efforts"))
    if nearest is None:
        encoding.log.lose("reasoning.effort", settings, "effort")
        return True if otherwise is None else otherwise
    if nearest != effort:
        encoding.log.lose("reasoning.effort", settings, "effort")
    return nearest
