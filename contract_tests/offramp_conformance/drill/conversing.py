"""One conversation of the workload, held through the front door as a mission application would hold it."""

from typing import Final

from pydantic import BaseModel

from offramp import AsyncMission, AsyncSession, Config, Interrupted, OfframpError, ProviderError, Settings
from offramp.config import endpoint_of
from offramp.types import AnyResponse, Origin, ReasoningAdaptive, ReasoningSettings, value
from offramp_conformance.drill.journal import EventKind, Journal
from offramp_conformance.drill.script import Conversation, Turn
from offramp_conformance.drill.tools import tools_of

_SETTINGS: Final[Settings] = {
    "reasoning": ReasoningSettings(mode=ReasoningAdaptive()),
    "max_output_tokens": 4096,
}
_SYSTEM: Final = "You are the watch officer's assistant. Be brief, and name the reference you are given."


class SituationForm(BaseModel):
    """A short form on the situation."""

    summary: str
    urgent: bool
    crews: int


class Desk:
    """What all conversations of a worker share."""

    def __init__(self, mission: AsyncMission, *, config: Config, events: Journal, starts: Journal) -> None:
        self.mission = mission
        self.starts = starts
        self._events = events
        self._origins = {name: endpoint_of(config, name).origin for name in config.endpoints}

    def tell(self, kind: EventKind, conversation: Conversation, turn: Turn | None = None, **more: object) -> None:
        """Write an event."""
        place = {"turn": turn.number} if turn else {}
        self._events.write({"kind": kind, "conversation": conversation.id, **place, **more})

    def endpoint_of(self, response: AnyResponse) -> str | None:
        """Which endpoint has answered; None where the answer does not tell."""
        origin = response.origin
        if origin is None:
            return None
        who = _where(origin)
        return next((name for name, known in self._origins.items() if _where(known) == who), None)


def _where(origin: Origin) -> tuple[str | None, ...]:
    return (origin.developer, origin.host, origin.dialect, origin.region)


@value
class Answer:
    """What the user was given, and the response it came with."""

    text: str
    response: AnyResponse


async def converse(desk: Desk, script: Conversation) -> None:
    """Hold the conversation to its end, or to an error that it could not get over; the events say which."""
    session = desk.mission.session(script.id)
    desk.tell("started", script)
    try:
        for turn in script.turns:
            desk.tell("turn_start", script, turn)
            answer = await _take_turn(desk, session, script, turn)
            _tell_end(desk, script, turn, answer)
    except OfframpError as error:
        status = error.status if isinstance(error, ProviderError) else None
        desk.tell("failed", script, error=type(error).__name__, why=str(error), status=status)
    else:
        desk.tell("finished", script)


async def _take_turn(desk: Desk, session: AsyncSession, script: Conversation, turn: Turn) -> Answer:
    system = _SYSTEM if turn.number == 1 else None
    match turn.kind:
        case "tools":
            tools = tools_of(script, turn, desk.starts)
            response = await session.run(turn.prompt, system=system, tools=tools, settings=_SETTINGS)
            return Answer(response.text, response)
        case "structured":
            form = await session.run(turn.prompt, output=SituationForm, settings=_SETTINGS)
            return Answer(form.text, form)
        case "stream" | "refuse" | "filter":
            return await _stream(desk, session, script, turn)


async def _stream(desk: Desk, session: AsyncSession, script: Conversation, turn: Turn) -> Answer:
    """Read an answer as it arrives. Cut off, what had arrived is put away and the session resumed."""
    try:
        async with session.stream(turn.prompt, settings=_SETTINGS) as stream:
            pieces: list[str] = []
            async for text in stream.text:
                if not pieces:
                    desk.tell("first_text", script, turn)
                pieces.append(text)
        return Answer("".join(pieces), stream.response)
    except Interrupted:
        desk.tell("cut", script, turn)
        return await _resume(desk, session, script, turn)


async def _resume(desk: Desk, session: AsyncSession, script: Conversation, turn: Turn) -> Answer:
    """Ask again what was cut off: half of the users read the new answer as it arrives, half take it whole."""
    if script.number % 2:
        response = await session.resume(settings=_SETTINGS)
        return Answer(response.text, response)
    async with session.stream(settings=_SETTINGS) as stream:
        desk.tell("first_output", script, turn)
        pieces = [text async for text in stream.text]
    return Answer("".join(pieces), stream.response)


def _tell_end(desk: Desk, script: Conversation, turn: Turn, answer: Answer) -> None:
    response = answer.response
    desk.tell(
        "turn_end",
        script,
        turn,
        endpoint=desk.endpoint_of(response),
        text=answer.text,
        outcome=response.outcome.kind,
        output_tokens=response.usage.output_tokens,
        losses=[[loss.code, loss.action, loss.severity.word] for loss in response.losses],
    )
