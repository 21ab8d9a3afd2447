"""Questions to the workers' lines: what the users were given, and how often the tools ran."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from offramp.contracts.ledger import Said
from offramp.types import Message, ToolCall
from offramp_conformance.drill.evidence import Evidence, SeenConversation, SeenTurn
from offramp_conformance.drill.finding import Finding, unless
from offramp_conformance.drill.script import TOKEN

_OPENING: Final = "Turn "
"""An emulated vendor begins each spoken answer so, and says it nowhere else."""


def all_finished(evidence: Evidence) -> Finding:
    """Whatever was begun has come to its end."""
    faults = [
        f"{one.script.id}: {one.failure or 'it did not come to its end'}"
        for one in evidence.conversations
        if one.finished_s is None
    ]
    count = len(evidence.conversations)
    return unless([*evidence.worker_failures, *faults], f"{count - len(faults)} of {count}")


def half_streaming(evidence: Evidence) -> Finding:
    """The load was there: at the order at least half of all conversations had an open stream."""
    count, streaming = len(evidence.conversations), evidence.streaming_at_order
    if streaming is None:
        return Finding(held=False, measured="no order", why="no order was given")
    faults = [] if 2 * streaming >= count else [f"{streaming} of {count} is less than half"]
    return unless(faults, f"{streaming} of {count}")


def tools_once(evidence: Evidence) -> Finding:
    """By the tools' own lines against the calls in the ledger: of each call one start, and none without a call."""
    starts = Counter((one.conversation, one.turn, one.tool) for one in evidence.tool_starts)
    called: Counter[tuple[str, int, str]] = Counter()
    for one in evidence.conversations:
        called.update(_calls(one))
    faults = [
        f"{tool} of {conversation}, turn {turn}: {count} starts for {called[conversation, turn, tool]} calls"
        for (conversation, turn, tool), count in starts.items()
        if count > called[conversation, turn, tool]
    ]
    return unless(faults, f"{starts.total()} starts for {called.total()} calls")


def _calls(conversation: SeenConversation) -> Iterator[tuple[str, int, str]]:
    """Conversation, turn and tool of each call that was wholly received."""
    for turn, message in _said(conversation):
        if message.role == "assistant" and message.status != "interrupted":
            for part in message.parts:
                if isinstance(part, ToolCall):
                    yield conversation.script.id, turn, part.name


def _said(conversation: SeenConversation) -> Iterator[tuple[int, Message]]:
    """All that was said, with the number of the turn: a user's message begins the next."""
    number = 0
    for recorded in conversation.record.entries:
        match recorded.entry:
            case Said(message=message):
                number += message.role == "user"
                yield number, message
            case _:
                pass


def nothing_spliced(evidence: Evidence) -> Finding:
    """What the user was given is one answer: the ledger's own, of this turn, from its beginning to its end."""
    faults: list[str] = []
    count = 0
    directed = evidence.first_vendor is not None
    for conversation in evidence.conversations:
        kept = _answers(conversation)
        for seen in conversation.turns:
            if seen.text is not None:
                count += 1
                place = f"{conversation.script.id}, turn {seen.turn.number}"
                faults += [
                    f"{place}: {what}" for what in _mixtures(seen, kept.get(seen.turn.number), directed=directed)
                ]
    return unless(faults, f"{len(faults)} of {count} answers")


def _answers(conversation: SeenConversation) -> dict[int, str]:
    """The text of each turn's last answer in the ledger."""
    return {
        turn: message.text
        for turn, message in _said(conversation)
        if message.role == "assistant" and message.status != "interrupted"
    }


def _mixtures(seen: SeenTurn, kept: str | None, *, directed: bool) -> Iterator[str]:
    """What is wrong with an answer.

    Args:
        seen: the turn, answered.
        kept: what the ledger holds of the answer.
        directed: whether an emulated vendor has answered, which bears the token back as it was told.
    """
    text = seen.text or ""
    if text != kept:
        yield "the user was given something else than the ledger holds"
    foreign = set(TOKEN.findall(text)) - {seen.turn.token}
    if foreign:
        yield f"it bears the token of another turn ({min(foreign)})"
    if directed and seen.turn.kind in ("tools", "stream", "structured"):
        if seen.turn.token not in text:
            yield "it does not bear its own token"
        openings = text.count(_OPENING)
        if openings != (seen.turn.kind != "structured"):
            yield f"it begins {openings} times"
