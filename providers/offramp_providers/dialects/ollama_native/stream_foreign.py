"""A stream of another dialect as this one: texts as they come, calls when they are whole, the outcome at the end."""

from dataclasses import replace
from typing import assert_never

from offramp.types import (
    ArgumentsDelta,
    Batch,
    CitationDelta,
    Event,
    JsonObject,
    KeepAlive,
    Loss,
    OpaqueDelta,
    Outcome,
    Part,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    Refusal,
    RefusalDelta,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    Text,
    TextDelta,
    ToolCall,
    Usage,
    UsageUpdate,
    WireEvent,
    merge_usage,
)
from offramp_providers.dialects.ollama_native.draft import Draft
from offramp_providers.dialects.ollama_native.errors import encode_error_body
from offramp_providers.dialects.ollama_native.outcomes import untold, word_of
from offramp_providers.dialects.ollama_native.response import ANY_TIME, answering
from offramp_providers.dialects.ollama_native.usage import UNSAID, encode_usage
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.stream_losses import StreamLosses, part_path


class ForeignStream:
    """Writes lines."""

    def __init__(self) -> None:
        self._losses = StreamLosses()
        self._envelope: JsonObject = {"model": "", "created_at": ANY_TIME}
        self._held: dict[int, ToolCall | Refusal] = {}
        """Parts that are written when they are whole, by index."""
        self._blank: dict[int, Part] = {}
        """Parts that have begun, and whose text has not come."""
        self._said: JsonObject = {}
        """The fields of what stands on the wire."""
        self._called = 0
        self._last: tuple[int, str] | None = None
        """Index and field of what was said last. Texts of one field go on where they stopped."""
        self._outcome: Outcome | None = None
        self._usage = Usage()
        self._stopped = False

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return self._losses.all()

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch: any number."""
        out: list[WireEvent] = []
        for event in self._losses.first_answer(batch):
            if not self._stopped:
                self._encode(event, out)
        return tuple(out)

    def finish(self) -> tuple[WireEvent, ...]:
        """The calls that are left, the outcome and the counts. Without an outcome: nothing, for none was said."""
        if self._stopped or self._outcome is None:
            return ()
        self._stopped = True
        out: list[WireEvent] = []
        for index in list(self._held):
            self._write_held(index, out)
        for index in self._blank:
            self._losses.lose("text.empty", part_path(index))
        for name in UNSAID:
            if getattr(self._usage, name) is not None:
                self._losses.lose("usage", f"usage.{name}")
        word = word_of(self._outcome, own=False)
        for field in untold(self._outcome, word, self._said):
            self._losses.lose("outcome.rewritten", f"outcome.{field}")
        end: JsonObject = {} if word is None else {"done_reason": word}
        counts = encode_usage(self._usage, own=False)
        message = {"role": "assistant", "content": ""}
        return (*out, WireEvent(data={**self._envelope, "message": message, "done": True, **end, **counts}))

    def _encode(self, event: Event, out: list[WireEvent]) -> None:  # noqa: C901, PLR0912  # an arm an event
        match event:
            case ResponseStart():
                self._start(event)
            case PartStart():
                self._open(event, out)
            case TextDelta() | ReasoningDelta():
                self._add_text(event, out)
            case ArgumentsDelta() | RefusalDelta():
                self._hold(event)
            case PartEnd(index=index):
                self._write_held(index, out)
            case CitationDelta():
                self._losses.lose("citations", f"{part_path(event.index)}.citations")
            case OpaqueDelta():
                self._losses.lose("opaque.foreign", f"{part_path(event.index)}.opaque")
            case UsageUpdate():
                self._usage = merge_usage(self._usage, event.usage)
            case ResponseEnd():
                self._outcome = event.outcome
            case ResponseFailed():
                out += self.finish()
                if event.error.vendor_code is not None:
                    self._losses.lose("outcome.rewritten", "outcome.kind")
                self._stopped = True
                out.append(WireEvent(data=encode_error_body(event.error)))
            case KeepAlive():
                pass
            case _:
                assert_never(event)

    def _start(self, event: ResponseStart) -> None:
        self._losses.lose_wire("wire", event.wire)
        self._losses.lose("envelope.injected", "wire.fields.created_at")
        self._usage = merge_usage(self._usage, event.usage or Usage())
        origin = event.origin
        if origin is not None and origin.model is not None:
            self._envelope["model"] = origin.model
        else:
            self._losses.lose("envelope.injected", "origin.model")
        if origin is not None and origin.response_id is not None:
            self._losses.lose("response_id", "origin.response_id")

    def _open(self, event: PartStart, out: list[WireEvent]) -> None:
        part = event.part
        if isinstance(part, Refusal) or is_call(part):
            self._held[event.index] = part
        elif isinstance(part, (Text, Reasoning)) and not part.text:
            # The text comes in deltas; what the part carries besides is named here.
            self._blank[event.index] = part
            self._losses.lose_marks(part, part_path(event.index))
            if isinstance(part, Reasoning) and part.summary is not None:
                self._losses.lose("reasoning.foreign", f"{part_path(event.index)}.summary")
        else:
            self._write(event.index, part, out)

    def _hold(self, event: ArgumentsDelta | RefusalDelta) -> None:
        held = self._held.get(event.index)
        if isinstance(event, RefusalDelta):
            before = held if isinstance(held, Refusal) else Refusal("")
            self._held[event.index] = replace(before, text=before.text + event.text)
        elif isinstance(held, ToolCall):
            self._held[event.index] = replace(held, arguments_json=(held.arguments_json or "") + event.text)

    def _add_text(self, event: TextDelta | ReasoningDelta, out: list[WireEvent]) -> None:
        if isinstance(event, ReasoningDelta) and event.summary is not None:
            self._losses.lose("reasoning.foreign", f"{part_path(event.index)}.summary")
            return
        if not event.text:
            return
        self._blank.pop(event.index, None)
        part = Reasoning(event.text) if isinstance(event, ReasoningDelta) else Text(event.text)
        self._write(event.index, part, out)

    def _write_held(self, index: int, out: list[WireEvent]) -> None:
        part = self._held.pop(index, None)
        if part is not None:
            self._write(index, part, out)

    def _write(self, index: int, part: Part, out: list[WireEvent]) -> None:
        encoding = answering(None)
        draft = Draft(encoding, "assistant", None)
        draft.add(part)
        self._losses.lose_within(part_path(index), encoding.log.resolve(part))
        if draft.is_empty:
            return
        message = draft.body(())
        self._note(index, message)
        self._said |= message
        out.append(WireEvent(data={**self._envelope, "message": {"role": "assistant", **message}, "done": False}))

    def _note(self, index: int, message: JsonObject) -> None:
        """Count the calls, and name a text that a reader joins with the one before."""
        for call in message.get("tool_calls", ()):
            call["function"]["index"] = self._called
            self._called += 1
        field = next(key for key in ("tool_calls", "images", "videos", "thinking", "content") if message.get(key))
        before, self._last = self._last, (index, field)
        if before is not None and before[1] == field in ("thinking", "content") and before[0] != index:
            self._losses.lose("text.joined", part_path(index))
