"""Plan what a history becomes on its way to a target: pure, and complete before anything is sent.

The ledger keeps the original; the plan only derives from it, and so the first vendor's own bytes come back to it. What
a dialect cannot say, and opaque state that must not leave its issuer, is the encoder's to drop; the plan asks it for
its losses beforehand. Whether the target may see the history at all is policy's to decide, first, for all `labels`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, replace
from typing import Final, Literal, TypeAlias

from offramp.contracts.dialect import EncodedRequest, Target
from offramp.contracts.ledger import ToolRecord
from offramp.sessions.call_ids import CallIds
from offramp.sessions.conversation import PendingCall, unanswered_calls
from offramp.sessions.turns import Turn, client_calls, turns_of
from offramp.types import (
    GenerateRequest,
    Loss,
    LossAction,
    Message,
    Part,
    Severity,
    Text,
    ToolCall,
    ToolResult,
    origin_of,
    same_host,
    value,
)

Encode: TypeAlias = Callable[[GenerateRequest, Target], EncodedRequest]
"""A dialect's `encode_request`, or something that wraps it."""

WhenUnknown: TypeAlias = Literal["wait", "interrupt"]
"""What to do with a started call whose result is not known: leave it to the caller, or tell the model so."""

FATE_UNKNOWN: Final = "This tool was started and its result is not known: it may have taken effect."
"""What the model reads in place of such a result."""

_LOSSES: Final[dict[str, tuple[LossAction, Severity, str]]] = {
    "message.interrupted": ("dropped", Severity.BEHAVIOURAL, "an answer that was cut off is not sent or continued"),
    "tool_result.interrupted": ("dropped", Severity.BEHAVIOURAL, "it answers a call of an answer that was cut off"),
    "tool_result.injected": ("injected", Severity.BEHAVIOURAL, "the call's fate is unknown, and the model is told so"),
    "tool_result.order": ("moved", Severity.COSMETIC, "the results of one turn are joined in call order"),
    "vendor_field": ("dropped", Severity.BEHAVIOURAL, "the message that held it was joined to another"),
    "call_id.rewritten": ("rewritten", Severity.COSMETIC, "the target refuses the id, or another call has it"),
}


@value
class HandoffPlan:
    """What would be sent, what that loses, and what must be settled before."""

    _: KW_ONLY
    messages: tuple[Message, ...]
    losses: tuple[Loss, ...]
    """Paths are those of the history, not of `messages`. The encoder's are among them where one was given."""
    warnings: tuple[str, ...]
    pending: tuple[PendingCall, ...]
    """Calls to settle first: run what was never started; decide about what is unknown."""
    labels: tuple[str, ...]
    """What policy must allow at the target, all of it, before anything is sent."""

    @property
    def ready(self) -> bool:
        """Whether nothing is left to settle."""
        return not self.pending


def plan_handoff(
    history: Sequence[Message],
    target: Target,
    *,
    tools: Sequence[ToolRecord] = (),
    labels: Iterable[str] = (),
    when_unknown: WhenUnknown = "wait",
    request: GenerateRequest | None = None,
    encode: Encode | None = None,
) -> HandoffPlan:
    """Plan to continue a history at a target, another one or the same.

    Args:
        history: all messages, as `Conversation.messages` has them. None is changed.
        target: where it is to go on.
        tools: what the ledger knows of the tool calls.
        labels: the conversation's.
        when_unknown: see `WhenUnknown`.
        request: settings and tools to encode with; its own messages do not count.
        encode: encodes without sending, so that the dialect's losses are known beforehand. Not asked of a plan that
            is not ready.

    Raises:
        ConfigurationError: the target's rules for ids cannot be met; and whatever `encode` raises.
    """
    draft = _Draft(history, target, tools=tools, when_unknown=when_unknown)
    draft.write()
    if encode is not None and not draft.pending:
        whole = replace(request or GenerateRequest(()), messages=tuple(draft.messages))
        draft.losses += [_in_history(loss, draft.sources) for loss in encode(whole, target).losses]
    return HandoffPlan(
        messages=tuple(draft.messages),
        losses=tuple(draft.losses),
        warnings=_warnings(draft.messages),
        pending=tuple(draft.pending),
        labels=tuple(sorted(set(labels))),
    )


class _Draft:
    """A plan in the making."""

    def __init__(
        self, history: Sequence[Message], target: Target, *, tools: Sequence[ToolRecord], when_unknown: WhenUnknown
    ) -> None:
        self.messages: list[Message] = []
        self.sources: list[int] = []
        """Where in the history each message comes from."""
        self.losses: list[Loss] = []
        self.pending: list[PendingCall] = []
        self._history = history
        self._target = target
        self._turns = {turn.index: turn for turn in turns_of(history)}
        self._moved: dict[int, set[int]] = {}
        for at, part in (place for turn in self._turns.values() for place in turn.elsewhere):
            self._moved.setdefault(at, set()).add(part)
        self._open = {(one.key.message, one.key.part): one for one in unanswered_calls(self._turns.values(), tools)}
        self._when_unknown = when_unknown
        self._ids = CallIds(target, self._own_ids())

    def write(self) -> None:
        """Walk through the history once."""
        done: set[int] = set()
        for index, message in enumerate(self._history):
            if index in done:
                continue
            if message.status == "interrupted":
                done.update(self._leave_out(index))
            elif index in self._turns:
                self._write_turn(self._turns[index])
                done.update(self._turns[index].tool_messages)
            else:
                self._keep_rest(index)

    def _keep(self, message: Message, index: int) -> None:
        self.messages.append(message)
        self.sources.append(index)

    def _keep_rest(self, index: int) -> None:
        """Keep a message without the results that were joined to their turn."""
        message = self._history[index]
        moved = self._moved.get(index)
        if moved:
            self._lose("tool_result.order", f"messages[{index}]")
            message = replace(message, parts=tuple(one for at, one in enumerate(message.parts) if at not in moved))
        if message.parts or not moved:
            self._keep(message, index)

    def _lose(self, code: str, path: str) -> None:
        action, severity, why = _LOSSES[code]
        self.losses.append(Loss(code=code, path=path, action=action, severity=severity, why=why))

    def _leave_out(self, index: int) -> list[int]:
        """Drop an answer that was cut off, and what answers its calls."""
        self._lose("message.interrupted", f"messages[{index}]")
        if not client_calls(self._history[index]):
            return []
        answers: list[int] = []
        for position in range(index + 1, len(self._history)):
            if self._history[position].role != "tool":
                break
            self._lose("tool_result.interrupted", f"messages[{position}]")
            answers.append(position)
        return answers

    def _write_turn(self, turn: Turn) -> None:
        message = self._history[turn.index]
        sent, results = list(message.parts), list[Part]()
        for position, call, said in turn.calls:
            new_id = self._id_for(message, call, turn.index, position)
            if new_id != call.call_id:
                sent[position] = replace(call, call_id=new_id)
            result = said or self._result_of(turn.index, position)
            if result is not None:
                results.append(result if result.call_id == new_id else replace(result, call_id=new_id))
        self._keep(message if _same(sent, message.parts) else replace(message, parts=tuple(sent)), turn.index)
        self._write_results(turn, [*results, *turn.others])

    def _result_of(self, message: int, part: int) -> ToolResult | None:
        """The result of a call that no message answers; None where it is to be settled first."""
        pending = self._open[message, part]
        if pending.fate == "finished":
            return pending.result
        if pending.fate == "unknown" and self._when_unknown == "interrupt":
            self._lose("tool_result.injected", f"messages[{message}].parts[{part}]")
            return ToolResult(pending.call.call_id, (Text(FATE_UNKNOWN),), status="interrupted")
        self.pending.append(pending)
        return None

    def _write_results(self, turn: Turn, parts: list[Part]) -> None:
        """One `tool` message for the turn: the very one of the history where it says just this already."""
        if not parts:
            return
        if not turn.tool_messages:
            self._keep(Message("tool", tuple(parts)), turn.index)
            return
        first, *rest = turn.tool_messages
        self._name_the_joining(turn)
        message = self._history[first]
        unchanged = _same(parts, message.parts) and not rest
        self._keep(message if unchanged else replace(message, parts=tuple(parts)), first)

    def _name_the_joining(self, turn: Turn) -> None:
        first, *rest = turn.tool_messages
        stood = [part for at in turn.tool_messages for part in self._history[at].parts]
        in_order = [said for _, _, said in turn.calls if said is not None and any(said is part for part in stood)]
        if rest or not _same([*in_order, *turn.others], stood):
            self._lose("tool_result.order", f"messages[{first}]")
        for at in rest:
            wire = self._history[at].wire
            for key in wire.fields if wire else ():
                self._lose("vendor_field", f"messages[{at}].wire.fields.{key}")

    def _own_ids(self) -> set[str]:
        return {
            call.call_id
            for turn in self._turns.values()
            for _, call, _ in turn.calls
            if self._is_own(self._history[turn.index], call)
        }

    def _is_own(self, message: Message, call: ToolCall) -> bool:
        origin = origin_of(message, call)
        return origin is not None and same_host(origin, self._target.origin)

    def _id_for(self, message: Message, call: ToolCall, index: int, position: int) -> str:
        if self._is_own(message, call):
            return call.call_id
        new_id = self._ids.for_foreign(call.call_id, message=index, part=position)
        if new_id != call.call_id:
            self._lose("call_id.rewritten", f"messages[{index}].parts[{position}].call_id")
        return new_id


def _same(parts: Sequence[Part], others: Sequence[Part]) -> bool:
    """Whether they are the very same parts, in the same order."""
    return len(parts) == len(others) and all(one is other for one, other in zip(parts, others, strict=True))


_PATH: Final = re.compile(r"^messages\[(\d+)\]")


def _in_history(loss: Loss, sources: Sequence[int]) -> Loss:
    """The encoder's loss, at its place in the history."""
    return replace(loss, path=_PATH.sub(lambda found: f"messages[{sources[int(found[1])]}]", loss.path))


def _warnings(messages: Sequence[Message]) -> tuple[str, ...]:
    if messages and messages[-1].role == "assistant":
        return ("the history ends with an answer: the target would have nothing to answer, or continue it",)
    return ()
