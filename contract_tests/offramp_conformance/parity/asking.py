"""Asks questions, a few at a time, and takes whatever comes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import KW_ONLY
from typing import Literal, Protocol, TypeAlias

from offramp.types import AnyResponse, GenerateRequest, value
from offramp_conformance.parity.answers import Came, came_back, was_raised

Role: TypeAlias = Literal["old", "new", "judge"]


@value
class Question:
    """One exchange that is asked for. Case, role and number name it, so that answers can be kept."""

    case_id: str
    _: KW_ONLY
    role: Role
    number: int
    """From 1. Of an endpoint: which repeat. Of the judge: 1 and 2 are new against old in both orders, 3 and 4 the old
    vendor against itself."""
    request: GenerateRequest


Asks: TypeAlias = Callable[[Question], Awaitable[AnyResponse]]
"""Asks one endpoint, through the same gate as a mission's own calls."""


class NotAsked(Exception):
    """Nothing was sent: it cannot be said to this endpoint, or may not be. The reason is its text."""


class Book(Protocol):
    """Keeps what came, so that a comparison that was interrupted asks for none of it again."""

    def known(self, question: Question) -> Came | None:
        """What came of this very question before. None: it was not asked to its end."""
        ...

    def keep(self, question: Question, came: Came) -> None:
        """It was asked, and this came."""
        ...


class NoBook:
    """Keeps nothing."""

    def known(self, question: Question) -> None:
        """Nothing is known."""

    def keep(self, question: Question, came: Came) -> None:
        """Forget it."""


async def asked(questions: Sequence[Question], asks: Asks, *, parallel: int, book: Book) -> list[Came]:
    """What came back, in the order of the questions. No error of an endpoint's ends it.

    Raises:
        ConfigurationError: a setup mistake, which all the other questions would meet too.
    """
    room = asyncio.Semaphore(parallel)

    async def one(question: Question) -> Came:
        async with room:
            return await _came(question, asks, book)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(question)) for question in questions]
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
    return [task.result() for task in tasks]


async def _came(question: Question, asks: Asks, book: Book) -> Came:
    known = book.known(question)
    if known is not None:
        return known
    try:
        came = came_back(await asks(question))
    except NotAsked as reason:
        return Came("not_tried", str(reason))
    except Exception as error:  # noqa: BLE001  # a vendor or a provider may raise anything; none of it ends the run
        came = was_raised(error)
    book.keep(question, came)
    return came
