"""A history that a vendor keeps under the id of an answer, told in full from our own ledger.

A request may say `the answer of this id, and then`. That means nothing to anybody but the vendor that gave the answer;
from the ledger it becomes a request that any vendor can read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from offramp.contracts.ledger import Ledger
from offramp.errors import SessionError
from offramp.sessions.conversation import Conversation, conversation_of
from offramp.types import GenerateRequest, Message, RoutingField


async def with_own_history(request: GenerateRequest, ledger: Ledger, *, labels: Iterable[str]) -> GenerateRequest:
    """The request with the messages that it leaves out, where the ledger has the answer that it goes on from.

    Where it has not, the request stays as it is: its own vendor may know the id, and every other refuses it.
    A leading system message of the kept history stays away, as it does where the vendor keeps it.

    Args:
        request: what was asked.
        ledger: ours.
        labels: the declarations under which it is asked.

    Raises:
        SessionError: the history was said under declarations that do not hold for this request.
    """
    for field in request.routing:
        found = await _find(field, ledger) if field.holds_history else None
        if found is not None:
            conversation, place = found
            _check_labels(conversation, field, frozenset(labels))
            history = _sayable(conversation.messages[: place + 1])
            own = request.messages
            leading = 1 if own and own[0].role == "system" else 0
            messages = (*own[:leading], *history, *own[leading:])
            return replace(request, messages=messages, routing=_without(request, field))
    return request


def within(request: GenerateRequest, messages: Sequence[Message]) -> GenerateRequest:
    """The request as a turn of this conversation, whose history is told anyway.

    Raises:
        SessionError: it goes on from something else than the conversation's last answer.
    """
    for field in request.routing:
        if field.holds_history:
            last = next((each for each in reversed(messages) if each.role == "assistant"), None)
            if last is None or not _is_answer(last, field):
                raise SessionError(
                    f"{field.name!r} names another answer than the last one of this conversation",
                    mend="leave it out: a session tells its own history",
                )
            request = replace(request, routing=_without(request, field))
    return request


async def _find(field: RoutingField, ledger: Ledger) -> tuple[Conversation, int] | None:
    """The conversation that has the answer, and its place; the latest touched first."""
    for summary in reversed(await ledger.summaries()):
        if summary.status == "erased":
            continue
        conversation = conversation_of(await ledger.read(summary.conversation))
        for place, message in enumerate(conversation.messages):
            if message.status != "interrupted" and _is_answer(message, field):
                return conversation, place
    return None


def _is_answer(message: Message, field: RoutingField) -> bool:
    origin = message.origin
    return origin is not None and origin.dialect == field.dialect and origin.response_id == field.raw


def _check_labels(conversation: Conversation, field: RoutingField, labels: frozenset[str]) -> None:
    further = sorted(set(conversation.labels) - labels)
    if further:
        raise SessionError(
            f"{field.name!r} goes on from what was said under {', '.join(further)}",
            where=conversation.id,
            mend="go on in a session of that conversation, whose declarations are decided first",
        )


def _sayable(messages: Sequence[Message]) -> list[Message]:
    told = [message for message in messages if message.status != "interrupted"]
    return told[1:] if told and told[0].role == "system" else told


def _without(request: GenerateRequest, field: RoutingField) -> tuple[RoutingField, ...]:
    return tuple(each for each in request.routing if each is not field)
