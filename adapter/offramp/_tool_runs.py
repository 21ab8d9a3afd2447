"""Runs the tool calls of a conversation: each claimed in the ledger first, and so started at most once by anybody."""

import asyncio
from collections.abc import Sequence
from typing import Any

from offramp._input import Call
from offramp._notebook import Notebook
from offramp.audit import DecisionLog, tool_entry
from offramp.errors import ToolError
from offramp.sessions import PendingCall
from offramp.sessions.tools import run_tool, unanswered
from offramp.types import FunctionTool, ToolResult


def runnable(pending: Sequence[PendingCall], call: Call[Any]) -> bool:
    """Whether there are calls, and all of them are ours to run. A tool that was declared by hand is the caller's."""
    by_hand = {tool.name for tool in call.request.tools if isinstance(tool, FunctionTool)} - call.functions.keys()
    return bool(pending) and bool(call.functions) and all(one.call.name not in by_hand for one in pending)


async def run_pending(book: Notebook, call: Call[Any], log: DecisionLog) -> None:
    """Run what was never started, side by side, and answer all calls in one message.

    Raises:
        ToolError: a call's fate is not known, or there is no function for it.
    """
    if not book.pending:
        return
    _refuse_unknown(book.pending)
    waiting = [one for one in book.pending if one.fate == "never_started"]
    if waiting and not runnable(waiting, call):
        names = ", ".join(sorted({one.call.name for one in waiting} - call.functions.keys()))
        raise ToolError(
            f"tool calls wait, and no function is given for {names}",
            where=book.conversation_id,
            mend="give the functions as tools, or answer the calls with one `tool` message",
        )
    try:
        async with asyncio.TaskGroup() as group:
            for one in waiting:
                group.create_task(_run(book, one, call, log))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    _refuse_unknown(book.pending)  # a tool may have cancelled itself
    await book.say_results()


def _refuse_unknown(pending: Sequence[PendingCall]) -> None:
    unknown = [one.call.name for one in pending if one.fate == "unknown"]
    if unknown:
        raise ToolError(
            f"{len(unknown)} tool calls were started and their fate is not known ({', '.join(unknown)})",
            mend="find out whether they took effect, and answer the calls with one `tool` message",
        )


async def _run(book: Notebook, pending: PendingCall, call: Call[Any], log: DecisionLog) -> None:
    if not await book.start_tool(pending):
        raise ToolError(
            f"the call of {pending.call.name} was started by another process",
            where=book.conversation_id,
            mend="let that process go on, or read the conversation again",
        )
    place, conversation = f"{pending.key.message}.{pending.key.part}", log.pseudonym(book.conversation_id)
    log.append(tool_entry("tool_start", mission=book.mission, conversation=conversation, call=place))
    await book.finish_tool(pending, await _result(pending, call))
    log.append(tool_entry("tool_end", mission=book.mission, conversation=conversation, call=place))


async def _result(pending: PendingCall, call: Call[Any]) -> ToolResult:
    function = call.functions.get(pending.call.name)
    if function is None:
        return unanswered(pending.call, status="error", text="There is no tool of this name.")
    return await run_tool(function, pending.call)
