"""Questions about the hand-off: what of the history reached the second vendor, and is the rest named as a loss?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from typing import Final, Literal, TypeAlias

from offramp.contracts.ledger import LossesNoted, Said, TurnInterrupted, TurnStarted
from offramp.types import (
    JsonObject,
    Loss,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    value,
)
from offramp_conformance.drill.bodies import asked_token, canonical, messages_of, objects_of, strings_of, texts_of
from offramp_conformance.drill.evidence import Evidence, SeenConversation, SeenRequest
from offramp_conformance.drill.finding import NO_COUNTERS, Finding, unless, unseen
from offramp_conformance.drill.script import TOKEN

LeafKind: TypeAlias = Literal["text", "arguments"]
_SAYS_SOMETHING: Final = frozenset({"injected", "emulated", "rewritten"})
_INDEX: Final = re.compile(r"^messages\[(\d+)\]")


@value
class Leaf:
    """One piece of content of the history."""

    path: str
    content: str
    _: KW_ONLY
    kind: LeafKind = "text"


@value
class Disclosure:
    """One request to the second vendor: the history it stands for, the losses that were named, and its body."""

    conversation: str
    _: KW_ONLY
    history: tuple[Message, ...]
    losses: tuple[Loss, ...]
    body: JsonObject


def every_loss_named(evidence: Evidence) -> Finding:
    """Each leaf of the history is in the request, or stands under a loss that the ledger names for this exchange."""
    if evidence.second_vendor is None:
        return unseen(NO_COUNTERS)
    faults: list[str] = []
    count = 0
    for one in _disclosures(evidence):
        whole, objects = "\n".join(strings_of(one.body)), set(objects_of(one.body))
        for leaf in _leaves(one.history):
            count += 1
            there = leaf.content in objects if leaf.kind == "arguments" else leaf.content in whole
            if not there and not _is_named(leaf.path, one):
                faults.append(f"{one.conversation}: {leaf.path} neither arrived nor is it named as a loss")
    if not count:
        return Finding(held=False, measured="nothing shown", why="nothing was handed off")
    return unless(faults, f"{len(faults)} of {count} pieces of content")


def nothing_injected(evidence: Evidence) -> Finding:
    """Each text that the second vendor was given stands in the history, or a loss says that it was put in."""
    if evidence.second_vendor is None:
        return unseen(NO_COUNTERS)
    faults: list[str] = []
    count = 0
    for one in _disclosures(evidence):
        said = "\n".join(leaf.content for leaf in _leaves(one.history))
        whole = {message.text for message in one.history}
        explained = any(loss.action in _SAYS_SOMETHING and "text" in loss.path for loss in one.losses)
        for message in messages_of(one.body):
            for text in texts_of(message):
                count += 1
                if text not in said and text not in whole and not explained:
                    faults.append(f"{one.conversation}: a text of role {message.get('role')} was said by nobody")
    return unless(faults, f"{len(faults)} of {count} texts")


def _disclosures(evidence: Evidence) -> Iterator[Disclosure]:
    """Each exchange with the second vendor that the ledger and the vendor both know of."""
    requests = evidence.second_vendor.requests if evidence.second_vendor else ()
    for one in evidence.conversations:
        tokens = {turn.token for turn in one.script.turns}
        own = [request for request in requests if asked_token(request.body) in tokens]
        yield from _joined(one, evidence.second, own)


def _joined(conversation: SeenConversation, second: str, requests: Sequence[SeenRequest]) -> Iterator[Disclosure]:
    """Walk the ledger and the vendor's requests side by side, both in the order of time."""
    left = [request.body for request in requests if request.body is not None]
    for history, losses in _begun(conversation, second):
        token = _asked(history)
        place = next((at for at, body in enumerate(left) if asked_token(body) == token), None)
        if place is not None:
            yield Disclosure(conversation.script.id, history=history, losses=losses, body=left[place])
            left = left[place + 1 :]


def _begun(conversation: SeenConversation, second: str) -> Iterator[tuple[tuple[Message, ...], tuple[Loss, ...]]]:
    """Each turn that began at the second vendor: what had been said, and the losses noted with it."""
    entries = [recorded.entry for recorded in conversation.record.entries]
    said: list[Message] = []
    for place, entry in enumerate(entries):
        match entry:
            case Said(message=message):
                said.append(message)
            case TurnInterrupted(partial=Message() as partial):
                said.append(partial)
            case TurnStarted(endpoint=endpoint) if endpoint == second:
                noted = entries[place + 1] if place + 1 < len(entries) else None
                yield tuple(said), noted.losses if isinstance(noted, LossesNoted) else ()
            case _:
                pass


def _asked(history: Sequence[Message]) -> str | None:
    last = next((message for message in reversed(history) if message.role == "user"), None)
    found = TOKEN.findall(last.text) if last else []
    return str(found[-1]) if found else None


def _leaves(history: Sequence[Message]) -> Iterator[Leaf]:
    for index, message in enumerate(history):
        for place, part in enumerate(message.parts):
            yield from _of_part(part, f"messages[{index}].parts[{place}]")


def _of_part(part: Part, path: str) -> Iterator[Leaf]:
    match part:
        case Text(text=text) | Refusal(text=text) if text:
            yield Leaf(f"{path}.text", text)
        case Reasoning(text=str() as text) if text:
            yield Leaf(f"{path}.text", text)
        case ToolCall():
            yield Leaf(f"{path}.name", part.name)
            yield Leaf(f"{path}.arguments_json", _canonical(part.arguments_json or "{}"), kind="arguments")
        case ToolResult():
            for place, each in enumerate(part.parts):
                yield from _of_part(each, f"{path}.parts[{place}]")
        case _:
            pass
    for place, opaque in enumerate(part.opaque):
        yield Leaf(f"{path}.opaque[{place}].data", opaque.data)


def _canonical(arguments: str) -> str:
    return next(objects_of(arguments), None) or canonical(arguments)


def _is_named(path: str, one: Disclosure) -> bool:
    """Whether a loss names the leaf, or what it stands in; by its place in the history or in the request."""
    places = {path, _in_request(path, one.history)}
    return any(_covers(loss.path, place) for loss in one.losses for place in places)


def _covers(loss: str, path: str) -> bool:
    return path == loss or path.startswith((f"{loss}.", f"{loss}["))


def _in_request(path: str, history: Sequence[Message]) -> str:
    """The path as an encoder counts: answers that were cut off have been left out before."""

    def kept(found: re.Match[str]) -> str:
        before = history[: int(found[1])]
        return f"messages[{sum(message.status != 'interrupted' for message in before)}]"

    return _INDEX.sub(kept, path)
