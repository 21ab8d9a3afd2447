"""What type checkers refuse. Each line has an ignore; one that is not needed is an error of its own."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from offramp import AsyncMission, Message, Mission, Severity, Text


async def refused(mission: AsyncMission, blocking: Mission) -> None:
    await mission.generate()  # type: ignore[call-arg]
    await mission.generate("x", temperature=0.2)  # type: ignore[call-arg]
    await mission.generate("x", settings={"temprature": 0.2})  # type: ignore[typeddict-unknown-key]
    await mission.generate("x", timeout_s="soon")  # type: ignore[arg-type]
    blocking.generate(3)  # type: ignore[call-overload,arg-type,unused-ignore]


def frozen(message: Message) -> None:
    message.role = "user"  # type: ignore[misc]
    Message("robot", (Text("x"),))  # type: ignore[arg-type]
    Severity.HARMLESS  # type: ignore[attr-defined]  # noqa: B018
