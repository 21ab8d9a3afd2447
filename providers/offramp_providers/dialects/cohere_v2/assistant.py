"""The assistant's message, as it stands in a request's history and in an answer."""

from typing import Any, Final, assert_never

from offramp.types import (
    Compaction,
    JsonObject,
    Media,
    Message,
    Origin,
    Part,
    Reasoning,
    RedactedReasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.cohere_v2.calls import AT_CALLS, CallIds, decode_call, encode_call
from offramp_providers.dialects.cohere_v2.citations import take_citations
from offramp_providers.dialects.cohere_v2.encoding import NOBODY, Encoding, has_mark, residue_wire
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.parts import (
    decode_block,
    encode_block,
    encode_thinking,
    encode_unknown,
    text_block,
)
from offramp_providers.dialects.cohere_v2.plan import AT_PLAN, PLANNED
from offramp_providers.dialects.message_content import ABSENT, EMPTY, Void, put_content, take_content
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.shapes import is_list, take_text

_ROLE_KEPT: Final = "role=kept"


def decode_assistant(raw: JsonObject, author: Origin, *, answering: bool = False) -> Message:
    """An assistant message.

    Args:
        raw: the message on the wire.
        author: stamped on the message.
        answering: the message stands in an answer.
    """
    left = dict(raw)
    marks: list[str] = []
    if left.get("role") == "assistant":
        del left["role"]
    else:
        marks.append(_ROLE_KEPT)
    more = [*_take_plan(left), *_take_calls(left)]
    content, mark = take_content(left, decode_block, ABSENT if more or answering else EMPTY, listed=True)
    if mark:
        marks.append(mark)
    parts = take_citations(left, [*content, *more])
    return Message("assistant", tuple(parts), origin=author, wire=residue_wire(left, tuple(marks)))


def _take_plan(left: JsonObject) -> list[Part]:
    plan = take_text(left, "tool_plan")
    return [] if plan is None else [Text(plan, wire=PLANNED)]


def _take_calls(left: JsonObject) -> list[Part]:
    calls: Any = left.get("tool_calls")
    if not is_list(calls) or not calls:
        return []
    del left["tool_calls"]
    return [decode_call(each) for each in calls]


def encode_assistant(encoding: Encoding, ids: CallIds, message: Message) -> JsonObject | None:
    """An assistant message; None where nothing of it can be said, which is then named."""
    draft = _Draft(encoding, ids, message)
    for part in message.parts:
        draft.add(part)
    body = draft.whole()
    residue, form = encoding.own(message, message.wire, message.origin)
    if not (body or draft.content or residue or encoding.answering or encoding.native):
        encoding.log.lose("message.empty", message)
        return None
    usual: Void = ABSENT if body or encoding.answering else EMPTY
    put_content(body, draft.content, form, usual, listed=True)
    draft.put_citations(body)
    if _ROLE_KEPT not in form:
        body["role"] = "assistant"
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    return under(residue, body)


class _Draft:
    """An assistant message while it is written: content, plan and calls, in the order that the dialect fixes."""

    def __init__(self, encoding: Encoding, ids: CallIds, message: Message) -> None:
        self.encoding = encoding
        self.author = message.origin
        self.ids = ids
        self.content: list[Any] = []
        self._cited: list[tuple[int | None, Text]] = []
        """Texts whose citations may be written, each with its place in the content; None: the plan."""
        self._plan: str | None = None
        self._calls: list[Any] = []
        self._rank = 0
        self._calling = not encoding.answering and any(is_call(part) for part in message.parts)

    def whole(self) -> JsonObject:
        """What stands beside the content."""
        body: JsonObject = {} if self._plan is None else {"tool_plan": self._plan}
        return {**body, "tool_calls": self._calls} if self._calls else body

    def add(self, part: Part) -> None:
        """Write one part, or name its loss."""
        match part:
            case Text():
                self._add_text(part)
            case Reasoning():
                self._add_content(part, encode_thinking(self.encoding, part, self.author))
            case Refusal():
                self._add_content(part, encode_block(self.encoding, part, self.author))
            case ToolCall():
                self._add_call(part)
            case Unknown():
                self._add_unknown(part)
            case ToolResult():
                self.encoding.log.lose("vendor_tool" if part.executor == "vendor" else "part.misplaced", part)
            case Media():
                # Assistant messages hold texts and thinking (cohere-openapi.yaml of 2026-08-20, read 2026-11-26).
                self.encoding.log.lose("media.unsupported", part)
            case RedactedReasoning() | Compaction():
                encode_block(self.encoding, part, self.author)
            case _:
                assert_never(part)

    def _place(self, part: Part, rank: int) -> None:
        """Name a part that stands before one that the dialect puts first."""
        if rank < self._rank:
            self.encoding.log.lose("part_order", part)
        self._rank = max(rank, self._rank)

    def _add_content(self, part: Part, blocks: list[Any]) -> None:
        if blocks:
            self._place(part, 1)
            self.content += blocks

    def put_citations(self, body: JsonObject) -> None:
        """Write the citations beside the content, unless they would be read as those of another text."""
        plan = len(self.content)
        placed = sorted(((plan if place is None else place), order) for order, (place, _) in enumerate(self._cited))
        cited = [(place, self._cited[order][1]) for place, order in placed]
        if not cited:
            return
        raws = [each.raw for _, part in cited for each in part.citations]
        read = decode_assistant({**body, "citations": raws}, NOBODY, answering=True).parts
        texts = {place: part.citations for place, part in enumerate(read) if isinstance(part, Text) and part.citations}
        if {place: [each.raw for each in found] for place, found in texts.items()} == _by_place(cited):
            body["citations"] = raws
            return
        for _, part in cited:
            self.encoding.log.lose("citations", part, "citations")

    def _add_text(self, part: Text) -> None:
        encoding, origin = self.encoding, part.origin or self.author
        blocks = text_block(encoding, part, self.author)
        planned = bool(blocks) and self._is_plan(part, origin)
        if part.citations:
            if blocks and encoding.mine(origin) and all(each.dialect == NAME for each in part.citations):
                self._cited.append((None if planned else len(self.content), part))
            else:
                encoding.log.lose("citations", part, "citations")
        if planned:
            self._add_plan(part)
        else:
            self._add_content(part, blocks)

    def _is_plan(self, part: Text, origin: Origin | None) -> bool:
        """Whether the text goes ahead of the calls, where the vendor's own models say what they are about to do.

        Its recorded turns with calls hold such a plan and no content.
        """
        if has_mark(part.wire, AT_PLAN):
            return AT_PLAN in self.encoding.form_of(part.wire, origin)
        return self._calling and not self.encoding.mine(origin)

    def _add_plan(self, part: Text) -> None:
        self._place(part, 2)
        if self._plan is not None:
            self.encoding.log.lose("text.joined", part)
        self._plan = (self._plan or "") + part.text

    def _add_call(self, part: ToolCall) -> None:
        if not is_call(part):
            self.encoding.log.lose("vendor_tool", part)
            return
        self._place(part, 3)
        self._calls.append(encode_call(self.encoding, self.ids, part, self.author))

    def _add_unknown(self, part: Unknown) -> None:
        raws = encode_unknown(self.encoding, part, self.author)
        if has_mark(part.wire, AT_CALLS) and raws:
            self._place(part, 3)
            self._calls += raws
        else:
            self._add_content(part, raws)


def _by_place(cited: list[tuple[int, Text]]) -> dict[int, list[JsonObject]]:
    found: dict[int, list[JsonObject]] = {}
    for place, part in cited:
        found.setdefault(place, []).extend(each.raw for each in part.citations)
    return found
