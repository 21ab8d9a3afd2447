"""Entries for what happens in a call: its decision, its outcome, its failure. Codes, ids and counts; never content."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from operator import index
from typing import Final, Literal

from offramp.audit.records import detail_of, in_call, standing_of
from offramp.contracts.audit import Detail, Entry, loss_counts
from offramp.contracts.document_facts import DocumentFacts
from offramp.contracts.oversight import Alarm
from offramp.contracts.remembered import Remembered
from offramp.errors import Interrupted, Prohibited, ProviderError
from offramp.types import AnyResponse, Embeddings, Identity, Loss, ModelList, OutcomeKind, TokenCount

_CODE: Final = re.compile(r"[A-Za-z0-9_.:/@+-]{1,128}")


def approval_entry(
    approval: str, digest: str, *, by: str, mission: str, identity: Identity, call_id: str | None
) -> Entry:
    """That an approval was used for a send that is about to be made. `by` is a pseudonym."""
    detail: dict[str, Detail] = {"approval": approval, "digest": digest, "by": by}
    return Entry(
        "approval", mission=mission, endpoint=identity.endpoint, identity=identity, call_id=call_id, detail=detail
    )


def supervision_entry(watch: int, *, by: str, mission: str, identity: Identity, call_id: str | None) -> Entry:
    """That somebody supervises a send that is about to be made. `by` is a pseudonym."""
    detail: dict[str, Detail] = {"watch": watch, "by": by}
    return Entry(
        "supervision", mission=mission, endpoint=identity.endpoint, identity=identity, call_id=call_id, detail=detail
    )


def watch_entry(action: Literal["begin", "leave", "stop"], *, by: str, mission: str) -> Entry:
    """That somebody begins or ends to supervise a mission, or stops it. `by` is a pseudonym."""
    return Entry("supervision", mission=mission, detail={"action": action, "by": by})


def alarm_entry(alarm: Alarm, *, call_id: str | None) -> Entry:
    """That a mission comes near to what it declares, or would go beyond it."""
    detail: dict[str, Detail] = {
        "counted": alarm.counted,
        "level": alarm.level,
        "observed": alarm.observed,
        "limit": alarm.limit,
        "until": alarm.until.isoformat(),
    }
    return Entry("alarm", mission=alarm.mission, call_id=call_id, detail=detail)


def outcome_content(response: AnyResponse, *, identity: Identity, call_id: str | None) -> Callable[[], str]:
    """How an exchange ended, to be written out when the line is. Raises ConfigurationError for an id that may be prose.

    The answer may come from a provider of somebody else's. What it holds that is no code and no count is not recorded,
    and the line says so.
    """
    return partial(_outcome, response, identity, in_call("outcome", epoch=None, call_id=call_id))


def _outcome(response: AnyResponse, identity: Identity, of_call: str) -> str:
    try:
        detail = _outcome_detail(response)
    except Exception as error:  # noqa: BLE001  # as `outcome_content` says; the exchange is over, and its line must stand
        detail = f'"outcome":"unknown","unrecordable":"{type(error).__name__}"'
    return f'{_ended.of(identity)}{of_call},"detail":{{{detail}}}'


def _outcome_detail(response: AnyResponse) -> str:
    origin, usage = response.origin, response.usage
    served, response_id = (_model(origin.model), _word(origin.response_id)) if origin else (_NULL, _NULL)
    return (
        f'"outcome":"{OutcomeKind(response.outcome.kind)}","served_model":{served},"response_id":{response_id},'
        f'"input_tokens":{_number(usage.input_tokens)},"output_tokens":{_number(usage.output_tokens)}'
        f"{_counts(response.losses)}"
    )


def _outcome_standing(identity: Identity) -> str:
    return standing_of("outcome", None, identity.endpoint, identity, None, (), ())


_ended: Final = Remembered(_outcome_standing)
"""What all outcomes at one endpoint share."""

_NULL: Final = "null"


def _word(word: str | None) -> str:
    """What looks like a code as JSON: it holds nothing to escape."""
    code = _code(word)
    return _NULL if code is None else f'"{code}"'


_model: Final = lru_cache(maxsize=256)(_word)
"""The same for what is the same in most answers."""


def _number(count: int | None) -> int | str:
    return _NULL if count is None else index(count)


def operation_entry(
    operation: str, told: TokenCount | Embeddings | ModelList, *, identity: Identity, call_id: str
) -> Entry:
    """How a question besides an answer ended."""
    origin = told.origin
    detail: dict[str, Detail] = {
        "outcome": OutcomeKind.COMPLETED.value,
        "operation": operation,
        "served_model": _code(origin.model) if origin else None,
        **loss_counts(told.losses),
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
                "answered_by": error.answered_by,
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


def policy_entry(documents: Iterable[DocumentFacts]) -> Entry:
    """Of each policy file on which decisions rest from now on: since when and until when it is in force."""
    return Entry("policy", detail=dict[str, Detail]({each.sha256: each.word for each in documents}))


def handoff_entry(
    conversation: str, came_from: str, *, mission: str, identity: Identity, losses: Sequence[Loss]
) -> Entry:
    """That a conversation goes on at another endpoint, and what that loses."""
    detail: dict[str, Detail] = {"conversation": conversation, "from": came_from, **loss_counts(losses)}
    return Entry("handoff", mission=mission, endpoint=identity.endpoint, identity=identity, detail=detail)


def tool_entry(kind: Literal["tool_start", "tool_end"], *, mission: str, conversation: str, call: str) -> Entry:
    """That a tool is about to run, or has ended."""
    return Entry(kind, mission=mission, detail={"conversation": conversation, "call": call})


def _counts(losses: Sequence[Loss]) -> str:
    """Losses by code and severity as members of a JSON object, each behind a comma."""
    return f",{detail_of('outcome', loss_counts(losses))[1:-1]}" if losses else ""


def _code(word: str | None) -> str | None:
    return word if word is not None and _CODE.fullmatch(word) else None
