"""A caller who goes on from an answer by its id gets the whole history from our ledger, at whichever vendor."""

from typing import Any

import pytest

from offramp.errors import SessionError
from offramp.types import GenerateRequest, Message, Origin, Outcome, OutcomeKind, Response, RoutingField, Text, user


def answered(text: str, response_id: str) -> Response[Any]:
    origin = Origin(
        developer="acme", host="acme", dialect="scripted", model="claude-sonnet-5-5", response_id=response_id
    )
    return Response(Message("assistant", (Text(text),), origin=origin), Outcome(OutcomeKind.COMPLETED), origin=origin)


def asked(response_id: str) -> GenerateRequest:
    held = RoutingField(dialect="scripted", name="earlier", raw=response_id, holds_history=True)
    return GenerateRequest((user("and now?"),), routing=(held,))


def texts(request: GenerateRequest) -> list[str]:
    return [message.text for message in request.messages]


async def test_generate_and_stream_and_run_tell_the_history(deployment: Any):
    deployment.a.script.extend([answered("1", "r1"), answered("2", "r2"), answered("3", "r3"), answered("4", "r4")])
    await deployment.mission.session("case").run("one")

    await deployment.mission.generate(asked("r1"))
    async with deployment.mission.stream(asked("r1")) as stream:
        await stream.collect()
    await deployment.mission.run(asked("r1"))

    told = [texts(request) for request in deployment.a.requests]
    assert told == [["one"], *[["one", "1", "and now?"]] * 3]


async def test_a_session_is_its_own_history(deployment: Any):
    deployment.a.script.extend([answered("1", "r1"), answered("2", "r2")])
    session = deployment.mission.session("case")
    await session.run("one")

    await session.run(asked("r1"))

    assert texts(deployment.a.requests[-1]) == ["one", "1", "and now?"]
    with pytest.raises(SessionError, match="another answer"):
        await session.run(asked("r1"))
