"""Turns on the wire while they are put together, where a vendor demands that user and assistant alternate.

What a vendor demands of their order, and how a turn is spelled, stands in the dialect's own `turns.py`.
"""

from collections.abc import Iterable
from typing import Any, Final, Self

from offramp.types import JsonMapping, Message, Part
from offramp_providers.dialects.accounting import LossLog
from offramp_providers.dialects.part_kinds import is_result

NO_MESSAGE: Final = "(no message)"
NO_RESULT: Final = "No result of this call was recorded."
BEGIN: Final = "(The conversation begins.)"
CONTINUE: Final = "Continue."
"""What is injected where a vendor demands content. Each is a loss by name."""


class Owner:
    """A canonical message at one place of the conversation, where the same value may stand twice."""

    __slots__ = ("message",)

    def __init__(self, message: Message) -> None:
        self.message = message


class BlockTurn:
    """One message on the wire while it is put together, of blocks that each come from a part."""

    __slots__ = ("blocks", "form", "joined", "nodes", "owners", "residue", "role")

    def __init__(self, role: str, *, form: tuple[str, ...] = ()) -> None:
        self.role = role
        self.form = form
        self.joined = False
        """Whether it holds blocks of several messages."""
        self.blocks: list[Any] = []
        self.nodes: list[Part] = []
        """The canonical part of each block."""
        self.owners: list[Owner | None] = []
        """Whence each block comes; None where it was put in."""
        self.residue: JsonMapping = {}

    @classmethod
    def raw(cls, message: Message) -> Self:
        """What a sender wrote in place of a message."""
        turn = cls("raw")
        owner = Owner(message)
        for part in message.parts:
            turn.add(getattr(part, "raw", None), part, owner)
        return turn

    def add(self, block: Any, node: Part, owner: Owner | None) -> None:
        """Add a block, and where it comes from."""
        self.blocks.append(block)
        self.nodes.append(node)
        self.owners.append(owner)

    def join(self, other: "BlockTurn") -> None:
        """Take in the next message of the same role."""
        self.blocks += other.blocks
        self.nodes += other.nodes
        self.owners += other.owners
        self.residue = {**self.residue, **other.residue}
        self.joined = True
        self.form = ()

    def replace_content(self, other: "BlockTurn") -> None:
        """Hold the other's content in place of its own."""
        self.blocks, self.nodes, self.owners = other.blocks, other.nodes, other.owners

    def holds_result(self, position: int) -> bool:
        """Whether a tool's result stands there."""
        return is_result(self.nodes[position])

    def lose_merged(self, log: LossLog) -> None:
        """Name each message that cannot be told from the one before it. Results stand in messages of their own."""
        before: Owner | None = None
        was_result = False
        for position, owner in enumerate(self.owners):
            result = self.holds_result(position)
            if owner is not None and before is not None and owner is not before and result == was_result:
                log.lose("message.merged", owner.message)
            before, was_result = owner, result

    def lose_emptied(self, log: LossLog, taken: Iterable[Owner | None]) -> None:
        """Name each message of which nothing is left, among those from which something was taken."""
        left = set(self.owners)
        for owner in dict.fromkeys(taken):
            if owner is not None and owner not in left:
                log.lose("message.empty", owner.message)


def lose_unsaid(log: LossLog, message: Message) -> None:
    """Name what a message says besides its parts, where the dialect has no place for it."""
    if message.name is not None:
        log.lose("name", message, "name")
    if message.status != "complete":
        log.lose("status", message, "status")
    if message.role == "developer":
        log.lose("role.rewritten", message, "role")
