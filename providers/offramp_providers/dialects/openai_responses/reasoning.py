"""How much to reason, and what to show of it: `reasoning.effort` and `reasoning.summary`."""

from collections.abc import Mapping
from typing import Any, Final, assert_never, get_args

from offramp.types import (
    Effort,
    JsonObject,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningMode,
    ReasoningOff,
    ReasoningSettings,
)
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.openai_responses.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_responses.options import EFFORTS

_KNOWN: Final[Mapping[str, Effort]] = {effort: effort for effort in get_args(Effort)}
_SUMMARIES: Final = ("auto", "concise", "detailed")
_SUMMARY: Final = "summary="


def take_reasoning(left: JsonObject) -> ReasoningSettings | None:
    """Take effort and summary out of what is left of a request."""
    inner = take_object(left, "reasoning")
    if inner is None:
        return None
    asked: Any = inner.get("effort")
    effort = _KNOWN.get(asked) if type(asked) is str else None
    if effort is not None:
        del inner["effort"]
    mode: ReasoningMode | None = None
    if type(inner.get("summary")) is str and inner["summary"] in _SUMMARIES:
        word = inner.pop("summary")
        mode = ReasoningAdaptive(
            display="summarized", wire=residue_wire({}, () if word == "auto" else (_SUMMARY + word,))
        )
    if effort is None and mode is None:
        left["reasoning"] = inner
        return None
    keep_rest(left, "reasoning", inner)
    return ReasoningSettings(effort=effort, mode=mode)


def encode_reasoning(encoding: Encoding, settings: ReasoningSettings) -> JsonObject:
    """The members of `reasoning`."""
    written: JsonObject = {}
    effort = settings.effort
    if settings.mode is not None:
        effort = _encode_mode(encoding, settings, settings.mode, written) or effort
    if effort is not None:
        _encode_effort(encoding, settings, effort, written)
    return written


def _encode_mode(
    encoding: Encoding, settings: ReasoningSettings, mode: ReasoningMode, written: JsonObject
) -> Effort | None:
    """Write what of the mode can be said; returns the effort that says the rest of it."""
    match mode:
        case ReasoningAdaptive():
            _, form = encoding.own(mode, mode.wire, None)
            _encode_display(encoding, mode, form, written)
        case ReasoningBudget():
            encoding.log.lose("reasoning.budget", settings, "mode")
            encoding.log.lose_wire(mode, mode.wire)
        case ReasoningOff():
            encoding.log.lose_wire(mode, mode.wire)
            efforts: tuple[str, ...] = encoding.given("efforts") or ()
            if settings.effort is None and "none" in efforts:
                encoding.log.lose("reasoning.effort", settings, "mode")
                return "none"
            encoding.log.lose("setting.unsupported", settings, "mode")
        case _:
            assert_never(mode)
    return None


def _encode_display(encoding: Encoding, mode: ReasoningAdaptive, form: tuple[str, ...], written: JsonObject) -> None:
    match mode.display:
        case "summarized":
            written["summary"] = marked(form, _SUMMARY) or "auto"
        case "full":
            # The reasoning itself is never shown; its longest summary is the nearest.
            encoding.log.lose("setting.clamped", mode, "display")
            written["summary"] = "detailed"
        case "omitted" | None:
            # What the vendor does anyway, but no word says that it was asked for.
            encoding.log.lose("setting.unsupported", mode)
        case _:
            assert_never(mode.display)


def _encode_effort(encoding: Encoding, settings: ReasoningSettings, effort: Effort, written: JsonObject) -> None:
    accepted: tuple[str, ...] = encoding.option("efforts")
    spelled: str = effort
    if effort not in accepted and not (encoding.native and encoding.given("efforts") is None):
        if not accepted:
            encoding.log.lose("setting.unsupported", settings, "effort")
            return
        if settings.effort is not None:
            encoding.log.lose("reasoning.effort", settings, "effort")
        spelled = min(accepted, key=lambda word: abs(EFFORTS.index(word) - EFFORTS.index(effort)))
    written["effort"] = spelled
