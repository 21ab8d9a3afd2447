"""A deployment whose mission declares oversight or a scale: over scripted vendors, with a key for an approver."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from offramp import (
    ApprovalNeeded,
    AsyncClient,
    AsyncMission,
    Batch,
    Outcome,
    OutcomeKind,
    PartEnd,
    PartStart,
    ResponseEnd,
    ResponseStart,
    Text,
    TextDelta,
    load_config,
)
from offramp.config import endpoint_of
from offramp.contracts.clock import Clock
from offramp.contracts.oversight import OversightNeed
from offramp.contracts.scripted import Scripted, ScriptedProvider, Step
from offramp.ed25519 import make_key_pair
from offramp.oversight import grant, load_approvers, sign_watch
from offramp.state import FileApprovalBook, FileWatchBook, OversightFile
from support.deployment import write_deployment

ROLE = "duty officer"
EVIDENCE = f"""
[evidence]
role = "{ROLE}"
authority_to_stop = "order 3"
reaction_time_s = {{reaction_time_s}}
"""


Opens: TypeAlias = Callable[..., Any]
"""What the fixture `opens` gives."""


async def asked(mission: AsyncMission, question: Any = "Flood at the depot", **options: Any) -> ApprovalNeeded:
    """The request that the call leaves in the queue."""
    with pytest.raises(ApprovalNeeded) as caught:
        await mission.generate(question, **options)
    return caught.value


def sunny(place: str) -> str:
    """Whether the sun shines."""
    return f"sunny in {place}"


def held_after(text: str) -> list[Step]:
    """A stream that says this, and then waits for good."""
    begun = Batch((ResponseStart(), PartStart(0, Text(""))))
    ended = Batch((PartEnd(0), ResponseEnd(Outcome(OutcomeKind.COMPLETED))))
    return [begun, Batch((TextDelta(0, text),)), asyncio.Event(), ended]


def write_overseen(
    folder: Path,
    *,
    oversight: str = "approve",
    scale: str = "none",
    bounds: str = "",
    reaction_time_s: float = 30.0,
    state: str = "sqlite:state.db",
    more: str = "",
    approvers: bool = True,
) -> Path:
    """Write it, and give the path of its `offramp.toml`. The key of ann, a duty officer, is `ann.key`."""
    named = 'approvers = "approvers.toml"\n' if approvers else ""
    path = write_deployment(folder, b_vendor="anthropic", b_model="claude-sonnet-5-5", ledger=named + more)
    path.write_text(path.read_text("utf-8").replace("sqlite:state.db", state), "utf-8")
    declaration = folder / "triage.toml"
    text = declaration.read_text("utf-8").replace('oversight = "advisory"', f'oversight = "{oversight}"')
    text = text.replace('scale = "none"', f'scale = "{scale}"') + EVIDENCE.format(reaction_time_s=reaction_time_s)
    declaration.write_text(text + bounds, "utf-8")
    if not (folder / "ann.key").exists():
        write_approvers(folder, ann=[ROLE])
    return path


def declare_oversight(declaration: Path, oversight: str) -> None:
    """Let a plain declaration claim it, with its evidence."""
    text = declaration.read_text("utf-8").replace('oversight = "advisory"', f'oversight = "{oversight}"')
    declaration.write_text(text + EVIDENCE.format(reaction_time_s=30.0), "utf-8")


def write_approvers(folder: Path, *, valid_until: date = date(2030, 1, 1), **roles: Sequence[str]) -> None:
    """Everybody named may approve in these roles; who has no key yet gets one."""
    lines: list[str] = []
    for name, held in roles.items():
        key, public = folder / f"{name}.key", folder / f"{name}.pub"
        if not key.exists():
            public.write_text(make_key_pair(key), "utf-8")
        words = ", ".join(f'"{role}"' for role in held)
        lines += [f"[approvers.{name}]", f'public_key = "{public.read_text("utf-8")}"']
        lines += [f"valid_until = {valid_until}", f"roles = [{words}]"]
    (folder / "approvers.toml").write_text("\n".join(lines) + "\n", "utf-8")


@dataclass
class Desk:
    """A deployment, those who answer for it, and its vendors."""

    path: Path
    client: AsyncClient
    a: ScriptedProvider
    b: ScriptedProvider
    clock: Clock | None = None

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def mission(self) -> AsyncMission:
        return self.client.mission("triage")

    @property
    def file(self) -> OversightFile:
        """The books as another process has them."""
        return OversightFile.beside(load_config(self.path).state, self.folder, clock=self.clock)

    @property
    def queue(self) -> FileApprovalBook:
        return FileApprovalBook(self.file)

    @property
    def watches(self) -> FileWatchBook:
        return FileWatchBook(self.file)

    def grant(self, request: str, *, by: str = "ann", lifetime: timedelta = timedelta(minutes=15)) -> str:
        """Grant a request, as another process does, and give the token."""
        at = self.clock.now() if self.clock else datetime.now(UTC)
        approvers = load_approvers(self.folder / "approvers.toml")
        grant(self.queue, request, key=self.folder / f"{by}.key", approvers=approvers, at=at, lifetime=lifetime)
        found = self.queue.request(request)
        assert found is not None
        assert found.token is not None
        return found.token

    def begin_watch(self, by: str = "ann", *, mission: str = "triage", role: str = ROLE) -> int:
        """Begin to supervise with a key, as another process does."""
        since = self.clock.now() if self.clock else datetime.now(UTC)
        need = OversightNeed(level="supervise", mission=mission, role=role, reaction_time_s=30.0)
        approvers, key = load_approvers(self.folder / "approvers.toml"), self.folder / f"{by}.key"
        name, signature = sign_watch(key, need=need, store=self.watches.store, approvers=approvers, since=since)
        return self.watches.begin(mission, by=name, since=since, signature=signature)

    @property
    def sent(self) -> int:
        """How often bytes have left for either vendor."""
        return len(self.a.calls) + len(self.b.calls)


def open_desk(path: Path, *, script: Sequence[Scripted] = (), clock: Clock | None = None) -> Desk:
    """A client of it. Both vendors have the same script."""
    config = load_config(path)
    made = {name: ScriptedProvider(replace(endpoint_of(config, name), key=lambda: None), script) for name in ("a", "b")}
    return Desk(path, AsyncClient(config, providers=made, clock=clock), made["a"], made["b"], clock)
