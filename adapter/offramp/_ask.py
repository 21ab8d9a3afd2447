"""What is asked, and what becomes of it on its way to one endpoint. Nothing of it has been sent."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import KW_ONLY, field
from typing import Final, TypeAlias, TypeVar

from offramp._mission import Lane, MissionPlan
from offramp._policy_book import Edition
from offramp.contracts.capability import Emulation
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.oversight import Condition
from offramp.contracts.permission import SendToken
from offramp.contracts.policy import Decision
from offramp.contracts.provider import PreparedCall
from offramp.resilience import Deadline
from offramp.types import GenerateRequest, JsonObject, Loss, value

_T = TypeVar("_T")

RequestFor: TypeAlias = Callable[[Endpoint], tuple[GenerateRequest, tuple[Loss, ...]]]
"""The request for one endpoint, and what it lost on the way there (a hand-off's losses)."""

Prepare: TypeAlias = Callable[["Ask", Lane], "Prepared"]
"""Makes the call for one endpoint."""

Attempt: TypeAlias = Callable[["Ready", SendToken], Awaitable[_T]]
"""One send of a prepared call, under a token."""


_draw: Final = random.getrandbits  # not guessed by nobody's harm; seeded anew in each process, and after a fork


def new_call_id() -> str:
    """An id for what is asked, under which the decision log tells of it."""
    return f"{_draw(64):016x}"


class Tally:
    """Counts the sends of one ask."""

    __slots__ = ("_counted", "sends")

    def __init__(self) -> None:
        self.sends = 0
        self._counted = False

    def is_first_count(self) -> bool:
        """Whether the ask is still to be counted as a call of its mission: true once."""
        counted, self._counted = self._counted, True
        return not counted


@value
class Ask:
    """What is asked, before it is known of whom."""

    _: KW_ONLY
    plan: MissionPlan
    request_for: RequestFor = lambda _: (GenerateRequest(()), ())
    deadline: Deadline
    call_id: str = field(default_factory=new_call_id)
    vendor_options: Mapping[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    conversation: str | None = None
    preferred: str | None = None
    """The endpoint that the conversation is with."""
    tally: Tally = field(default_factory=Tally)
    labels: tuple[str, ...] = ()
    """The declarations under which the history was made: sending it discloses all of it."""
    prepare: Prepare | None = None
    """How a question besides an answer is put. None: an answer is asked for."""
    operation: str = "generate"
    asked_of: Callable[[Endpoint], object] | None = None
    """That question, for whoever approves it."""
    counted_tokens: int | None = None
    """What the endpoint that is asked has counted of it."""
    approvals: tuple[str, ...] = ()
    subject: str | None = None
    """Whom it is about."""


@value
class Prepared:
    """A call for one endpoint, encoded."""

    call: PreparedCall
    losses: tuple[Loss, ...]
    """Before and by the encoder."""
    _: KW_ONLY
    emulated_by: Emulation | None = None
    """How the form of the answer is emulated."""
    nullable: JsonObject | None = None
    """The schema of the answer, where its optional properties were asked for as nullable."""


@value
class Ready:
    """A call for one endpoint, decided and encoded. Nothing has been sent."""

    ask: Ask
    lane: Lane
    prepared: Prepared
    decision: Decision
    edition: Edition
    """Of policy, by which it was decided."""
    started_s: float
    condition: Condition | None = None
    """What people must do for it, besides the decision."""

    @property
    def call(self) -> PreparedCall:
        """What is sent."""
        return self.prepared.call

    @property
    def label(self) -> str | None:
        """Of the declaration under which it was decided."""
        return self.edition.policies[self.ask.plan.name].label

    @property
    def losses(self) -> tuple[Loss, ...]:
        """Before and by the encoder."""
        return self.prepared.losses
