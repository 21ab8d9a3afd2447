"""How much to reason, and top_k: models take these in `additionalModelRequestFields` only, each in words of its own."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, assert_never, cast

from offramp.types import (
    Effort,
    GenerateRequest,
    JsonObject,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningDisplay,
    ReasoningMode,
    ReasoningOff,
    ReasoningSettings,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.bedrock_converse.encoding import Encoding, residual
from offramp_providers.dialects.effort import LEVELS, nearest_level
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.shapes import is_object, take_count

FIELD: Final = "additionalModelRequestFields"
_CONFIG: Final = "outputConfig"

_EFFORT_FIELDS: Final = ("reasoning_effort", "reasoning_config")
_TOP_K_FIELDS: Final = ("top_k", "inferenceConfig.topK")
"""What models are known to call these (recorded traffic, read 2026-11-26). Anything else stays as residue."""

_TOP_K: Final = "top_k="
_EFFORT: Final = "effort="
"""Form marks: the field in which it stood."""


def decode_additional(extra: JsonObject, form: list[str]) -> dict[str, Any]:
    """Take what has a name out of the additional fields."""
    given: dict[str, Any] = {}
    for path in _TOP_K_FIELDS:
        top_k = _take_at(extra, path) if "top_k" not in given else None
        if top_k is not None:
            given["top_k"] = top_k
            form.append(f"{_TOP_K}{path}")
    for field in _EFFORT_FIELDS:
        if extra.get(field) in LEVELS and "effort" not in given:
            given["effort"] = extra.pop(field)
            form.append(f"{_EFFORT}{field}")
    mode = _decode_mode(extra)
    if mode is not None:
        given["mode"] = mode
    return given


def _take_at(extra: JsonObject, path: str) -> int | None:
    """Take the whole number at a path of one step or two."""
    outer, _, inner = path.partition(".")
    if not inner:
        return take_count(extra, outer)
    nested: Any = extra.get(outer)
    if not is_object(nested):
        return None
    rest = dict(nested)
    found = take_count(rest, inner)
    if found is not None:
        extra[outer] = rest
        if not rest:
            del extra[outer]
    return found


def _decode_mode(extra: JsonObject) -> ReasoningMode | None:
    found: Any = extra.get("thinking")
    if not is_object(found):
        return None
    inner = dict(found)
    kind: Any = inner.pop("type", None)
    budget = take_count(inner, "budget_tokens") if kind == "enabled" else None
    if kind not in ("adaptive", "disabled") and budget is None:
        return None
    del extra["thinking"]
    if kind == "disabled":
        return ReasoningOff(wire=residual(inner))
    display: ReasoningDisplay | None = None
    if inner.get("display") in ("summarized", "omitted"):
        display = inner.pop("display")
    if budget is None:
        return ReasoningAdaptive(display=display, wire=residual(inner))
    return ReasoningBudget(budget, display=display, wire=residual(inner))


def decode_effort(config: JsonObject, given: Mapping[str, Any]) -> Effort | None:
    """The effort: from the additional fields, else taken from `outputConfig`."""
    if "effort" in given:
        known: Effort = given["effort"]
        return known
    if config.get("effort") in LEVELS:
        found: Effort = config.pop("effort")
        return found
    return None


def encode_top_k(ctx: Encoding, request: GenerateRequest, form: Sequence[str], extra: JsonObject) -> None:
    """Write top_k where the model has it."""
    path = ctx.given("top_k_field")
    if path is None and ctx.native:
        path = marked(tuple(form), _TOP_K)
    if not path:
        ctx.log.lose("setting.unsupported", request, "top_k")
        return
    outer, _, inner = str(path).partition(".")
    extra[outer] = {**extra.get(outer, {}), inner: request.top_k} if inner else request.top_k


def encode_reasoning(
    ctx: Encoding, settings: ReasoningSettings, form: Sequence[str], extra: JsonObject, config: JsonObject
) -> None:
    """Write mode and effort."""
    mode = settings.mode
    if mode is not None:
        sent = _encode_mode(ctx, mode)
        if sent is None:
            ctx.log.lose("setting.unsupported", mode)
            ctx.log.lose_wire(mode, mode.wire)
        else:
            residue, _ = ctx.own(mode, mode.wire, None)
            extra["thinking"] = under(residue, sent)
    if settings.effort is not None:
        _encode_effort(ctx, settings, form, extra, config)


def _encode_mode(ctx: Encoding, mode: ReasoningMode) -> JsonObject | None:
    match mode:
        case ReasoningOff():
            return {"type": "disabled"} if _takes(ctx, "disabled") else None
        case ReasoningAdaptive():
            return _shown(ctx, mode, {"type": "adaptive"}) if _takes(ctx, "adaptive") else None
        case ReasoningBudget():
            if _takes(ctx, "enabled"):
                return _shown(ctx, mode, {"type": "enabled", "budget_tokens": mode.budget_tokens})
            if not _takes(ctx, "adaptive"):
                return None
            ctx.log.lose("reasoning.budget", mode, "budget_tokens")
            return _shown(ctx, mode, {"type": "adaptive"})
        case _:
            assert_never(mode)


def _takes(ctx: Encoding, kind: str) -> bool:
    given = ctx.given("thinking")
    return ctx.native if given is None else kind in _listed(given)


def _listed(option: object) -> Sequence[str]:
    return cast("Sequence[str]", option) if isinstance(option, (tuple, list)) else ()


def _shown(ctx: Encoding, mode: ReasoningAdaptive | ReasoningBudget, sent: JsonObject) -> JsonObject:
    if mode.display == "full":
        # Summaries are the most that the vendor shows.
        ctx.log.lose("setting.clamped", mode, "display")
        sent["display"] = "summarized"
    elif mode.display is not None:
        sent["display"] = mode.display
    return sent


def _encode_effort(
    ctx: Encoding, settings: ReasoningSettings, form: Sequence[str], extra: JsonObject, config: JsonObject
) -> None:
    effort = settings.effort
    native = ctx.native and ctx.given("efforts") is None
    level = effort if native or effort is None else nearest_level(effort, _listed(ctx.option("efforts")))
    if level is None:
        ctx.log.lose("setting.unsupported", settings, "effort")
        return
    if level != effort:
        ctx.log.lose("reasoning.effort", settings, "effort")
    field = ctx.given("effort_field") or (marked(tuple(form), _EFFORT) if ctx.native else None) or _CONFIG
    if field == _CONFIG:
        config["effort"] = level
    else:
        extra[field] = level
