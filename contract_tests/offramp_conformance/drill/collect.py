"""Gathers what a drill has left behind: the workers' lines, the ledger, and the decision log."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from offramp._policy_files import read_policy
from offramp.audit import verify
from offramp.audit.chain import records_of
from offramp.audit.records import Record as LogRecord
from offramp.config import Config, endpoint_of
from offramp.contracts.ledger import Record
from offramp.errors import OfframpError
from offramp.policy import Loaded
from offramp.sessions import open_ledger
from offramp.types import JsonObject, Selector
from offramp_conformance.drill.evidence import LoggedSend, SeenConversation, SeenLog, SeenTurn, ToolStart
from offramp_conformance.drill.journal import EVENTS, STARTS, Tail, journal_path
from offramp_conformance.drill.script import Conversation, Turn


async def conversations(
    config: Config, scripts: Sequence[Conversation], *, workers: int
) -> tuple[SeenConversation, ...]:
    """Each conversation as its worker lived it and the ledger holds it."""
    lived: dict[str, list[JsonObject]] = {script.id: [] for script in scripts}
    for worker in range(workers):
        for event in Tail(journal_path(config.folder, EVENTS, worker)).read():
            lived[event["conversation"]].append(event)
    ledger = open_ledger(config.ledger.url, base=config.folder)
    try:
        return tuple(
            [
                _conversation(script, script.number % workers, lived[script.id], await ledger.read(script.id))
                for script in scripts
            ]
        )
    finally:
        await ledger.aclose()


def tool_starts(folder: Path, *, workers: int) -> tuple[ToolStart, ...]:
    """Every start of a tool, by the tools' own lines."""
    return tuple(
        ToolStart(line["conversation"], line["turn"], line["tool"], line["t"])
        for worker in range(workers)
        for line in Tail(journal_path(folder, STARTS, worker)).read()
    )


def _conversation(script: Conversation, worker: int, events: Sequence[JsonObject], record: Record) -> SeenConversation:
    moments = {event["kind"]: event["t"] for event in events}
    failed = next((event for event in events if event["kind"] == "failed"), None)
    return SeenConversation(
        script,
        worker=worker,
        started_s=moments.get("started"),
        finished_s=moments.get("finished"),
        failure=f"{failed['error']}: {failed['why']}" if failed else None,
        failure_status=failed["status"] if failed else None,
        turns=tuple(_turns(script, events)),
        record=record,
    )


def _turns(script: Conversation, events: Sequence[JsonObject]) -> Iterator[SeenTurn]:
    for turn in script.turns:
        own = {event["kind"]: event for event in events if event.get("turn") == turn.number}
        if "turn_start" in own:
            yield _turn(turn, own)


def _turn(turn: Turn, events: dict[str, JsonObject]) -> SeenTurn:
    ended: JsonObject = events.get("turn_end", {})
    return SeenTurn(
        turn=turn,
        started_s=events["turn_start"]["t"],
        cut_s=events["cut"]["t"] if "cut" in events else None,
        first_output_s=events["first_output"]["t"] if "first_output" in events else None,
        ended_s=ended.get("t"),
        endpoint=ended.get("endpoint"),
        text=ended.get("text"),
        outcome=ended.get("outcome"),
        output_tokens=ended.get("output_tokens"),
        losses=tuple((code, action, severity) for code, action, severity in ended.get("losses", ())),
    )


def dialects(config: Config, first: str, second: str) -> tuple[str, str]:
    """How the two endpoints are talked to."""
    return endpoint_of(config, first).profile.dialect, endpoint_of(config, second).profile.dialect


def decision_log(folder: Path) -> SeenLog:
    """The decision log, verified and read."""
    try:
        verdict = verify(folder)
    except OfframpError as error:
        return SeenLog(records=0, problems=(str(error),), sends=())
    records = [list(records_of(file)) for file in sorted(folder.glob("*.jsonl"))]
    decisions = [record for file in records for record in file if record.kind == "decision"]
    return SeenLog(
        records=verdict.records,
        problems=tuple(str(problem) for problem in verdict.problems),
        sends=tuple(send for file in records for send in _sends(file)),
        decisions=dict(Counter(_result_of(record) for record in decisions)),
        unreviewed=sum(bool(_detail(record).get("unreviewed")) for record in decisions),
    )


def _sends(records: Sequence[LogRecord]) -> Iterator[LoggedSend]:
    """Uses of permission in one process's file, each with whether a decision stands before it."""
    offset = time.monotonic() - time.time()
    decided: set[tuple[Any, Any]] = set()
    for record in records:
        content = record.content
        key = (content.get("call_id"), content.get("endpoint"))
        if record.kind == "decision" and content.get("allowed") is True:
            decided.add(key)
        elif record.kind == "sent":
            moment = datetime.fromisoformat(record.at).timestamp() + offset
            yield LoggedSend(str(content.get("endpoint")), moment, content.get("call_id"), key in decided)


def _result_of(record: LogRecord) -> str:
    """Endpoint and result of a decision, such as `a allowed` or `a denied by order`."""
    endpoint = record.content.get("endpoint", "unknown")
    if record.content.get("allowed") is True:
        return f"{endpoint}: allowed"
    reasons = record.content.get("reasons") or ["unknown"]
    return f"{endpoint}: denied by {str(reasons[0]).partition(':')[0]}"


def _detail(record: LogRecord) -> JsonObject:
    detail: JsonObject = record.content.get("detail", {})
    return detail


def unreviewed_contracts(config: Config) -> tuple[str, ...]:
    """Names of the contracts that bind an endpoint and were reviewed by nobody."""
    identities = [endpoint_of(config, name).identity for name in config.endpoints]
    names: list[str] = []
    for loaded in read_policy(config).contracts:
        if isinstance(loaded, Loaded) and loaded.content.status == "illustrative-unreviewed":
            contract = loaded.content
            selectors = [Selector.parse(word) for word in contract.applies_to]
            if any(selector.matches(identity) for selector in selectors for identity in identities):
                names.append(f"{contract.name} ({contract.version})")
    return tuple(names)
