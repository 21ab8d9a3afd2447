"""Entries for what happens in a call: its decision, its outcome, its failure. Codes, ids and counts; never content."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, Literal

from offramp.contracts.audit import Detail, Entry, reason_code
from offramp.contracts.policy import Decision
from offramp.errors import Interrupted, Prohibited, ProviderError
from offramp.types import AnyResponse, Embeddings, Identity, Loss, ModelList, OutcomeKind, Severity, TokenCount

_CODE: Final = re.compile(r"[A-Za-z0-9_.:/@+-]{1,128}")


def decision_entry(
    decision: Decision, *, identity: Identity, call_id: str | None, epoch: int | None, losses: Sequence[Loss] = ()
) -> Entry:
    """A policy decision, and what the call would lose."""
    return Entry(
        "decision",
        mission=decision.mission,
        endpoint=identity.endpoint,
        identity=identity,
        allowed=decision.allowed,
        reasons=tuple(reason_code(reason) for reason in decision.reasons),
        digests=decision.digests,
        epoch=epoch,
        call_id=call_id,
        detail=_counted(losses) | {"unreviewed": True} if decision.unreviewed else _counted(losses),
    )


def outcome_entry(response: AnyResponse, *, identity: Identity, call_id: str | None) -> Entry:
    """How an exchange ended."""
    origin, usage = response.origin, response.usage
    detail: dict[str, Detail] = {
        "outcome": response.outcome.kind.value,
        "served_model": _code(origin.model) if origin else None,
        "response_id": _code(origin.response_id) if origin else None,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        **_counted(response.losses),
    }
    return Entry("outcome", endpoint=identity.endpoint, identity=identity, call_id=call_id, detail=detail)


def operation_entry(
    operation: str, told: TokenCount | Embeddings | ModelList, *, identity: Identity, call_id: str
) -> Entry:
    """How a question besides an answer ended."""
    origin = told.origin
    detail: dict[str, Detail] = {
        "outcome": OutcomeKind.COMPLETED.value,
        "operation": operation,
        "served_model": _code(origin.model) if origin else None,
        **_counted(told.losses),
    }
    match told:
        case Embeddings():
            detail |= {"input_tokens": told.usage.input_tokens, "embeddings": len(told.embeddings)}
        case TokenCount():
            detail |= {"counted_tokens": told.input_tokens}
        case ModelList():
            detail |= {"models": len(told.models)}
    return Entry("outcome", endpoint=identity.endpoint, identity=identity, call_id=call_id, detail=detail)


def failure_entry(error: BaseException, *, identity: Identity, call_id: str | None) -> Entry:
    """That an exchange failed. Of the vendor's words only what looks like a code is kept."""
    detail: dict[str, Detail] = {"error": type(error).__name__}
    match error:
        case ProviderError():
            detail |= {
                "error_kind": error.kind.value,
                "status": error.status,
                "vendor_code": _code(error.vendor_code),
                "request_id": _code(error.request_id),
                "phase": error.phase,
            }
        case Prohibited():
            detail |= {"selector": _code(error.selector), "order_epoch": error.epoch}
        case Interrupted():
            detail |= {"partial": error.partial is not None}
        case _:
            pass
    return Entry("failure", endpoint=identity.endpoint, identity=identity, call_id=call_id, detail=detail)


def fallback_entry(error: BaseException, *, mission: str, identity: Identity, call_id: str) -> Entry:
    """That the next endpoint is tried, and after what."""
    entry = failure_entry(error, identity=identity, call_id=call_id)
    return replace(entry, kind="fallback", mission=mission)


def handoff_entry(
    conversation: str, came_from: str, *, mission: str, identity: Identity, losses: Sequence[Loss]
) -> Entry:
    """That a conversation goes on at another endpoint, and what that loses."""
    detail: dict[str, Detail] = {"conversation": conversation, "from": came_from, **_counted(losses)}
    return Entry("handoff", mission=mission, endpoint=identity.endpoint, identity=identity, detail=detail)


def tool_entry(kind: Literal["tool_start", "tool_end"], *, mission: str, conversation: str, call: str) -> Entry:
    """That a tool is about to run, or has ended."""
    return Entry(kind, mission=mission, detail={"conversation": conversation, "call": call})


def _counted(losses: Iterable[Loss]) -> dict[str, Detail]:
    """Losses by code and severity."""
    counts: dict[str, int] = {}
    for loss in losses:
        key = _key_of(loss.code, loss.severity)
        counts[key] = counts.get(key, 0) + 1
    return dict[str, Detail](counts)


@lru_cache(maxsize=1024)
def _key_of(code: str, severity: Severity) -> str:
    return f"loss:{code}:{severity.word}"


def _code(word: str | None) -> str | None:
    return word if word is not None and _CODE.fullmatch(word) else None
