"""From a draft to an order: what the commit adds to it."""

import uuid
from dataclasses import fields

from offramp.contracts.clock import Clock
from offramp.contracts.state import Order, OrderDraft
from offramp.errors import ConfigurationError


def committed(draft: OrderDraft, *, epoch: int, clock: Clock) -> Order:
    """The draft as the order that takes this epoch now. To be called within the writer's lock, right before the commit.

    Raises:
        ConfigurationError: the draft contradicts itself.
    """
    refuse_contradiction(draft)
    given = {field.name: getattr(draft, field.name) for field in fields(draft)}
    return Order(
        **given, id=uuid.uuid4().hex[:12], epoch=epoch, at=clock.now(), committed_monotonic_s=clock.monotonic()
    )


def refuse_contradiction(draft: OrderDraft) -> None:
    """Raise ConfigurationError where the parts of a draft do not fit each other."""
    if not draft.reason.strip():
        raise ConfigurationError("an order needs a reason", mend="give one, such as ORDER-17")
    if (draft.state == "notice") != (draft.notice_until is not None):
        raise ConfigurationError("a notice has a date, and nothing else has", mend="give the date, or leave it out")
    if draft.notice_until is not None and draft.notice_until.tzinfo is None:
        raise ConfigurationError("the date of a notice needs a time zone", mend="give it in UTC")
    if not draft.rights:
        raise ConfigurationError("an order withdraws at least one right", mend="name traffic, export or deletion")
