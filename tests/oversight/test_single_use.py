"""An approval is used by one call: whatever the number of threads, processes, restarts and retries."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from offramp.contracts.clock import ManualClock
from offramp.contracts.oversight import OversightNeed
from offramp.ed25519 import make_key_pair, read_private_key
from offramp.oversight import Approver, granted, read_token, why_not_approved
from offramp.state import FileApprovalBook, OversightFile
from support.overseen import Desk, asked, open_desk, write_overseen

TESTS = Path(__file__).parents[1]
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NEED = OversightNeed(level="approve", mission="triage", role="duty officer", reaction_time_s=30.0)


def book(folder: Path, clock: ManualClock | None = None) -> FileApprovalBook:
    return FileApprovalBook(OversightFile(folder / "state.db.oversight", clock=clock))


def test_of_many_threads_one_call_gets_the_approval(tmp_path: Path):
    shared, start = book(tmp_path), threading.Barrier(16)

    def take(number: int) -> bool:
        start.wait()
        own = book(tmp_path) if number % 2 else shared
        return own.spend("a1", call_id=f"call-{number}")

    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(take, range(16)))

    assert taken.count(True) == 1


async def granted_for(desk: Desk) -> str:
    """A token for the call that the replicas make."""
    async with desk.client:
        needed = await asked(desk.mission)
    return desk.grant(needed.request)


def test_of_many_processes_one_call_is_sent(tmp_path: Path, state: str):
    desk = open_desk(write_overseen(tmp_path, state=state))
    token = asyncio.run(granted_for(desk))
    command = [sys.executable, str(TESTS / "support" / "spender.py"), str(desk.path)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    replicas = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(4)
    ]
    for each in replicas:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"

    for each in replicas:
        assert each.stdin is not None
        each.stdin.write(f"{token}\n")
        each.stdin.flush()
    told = sorted(each.communicate()[0].strip() for each in replicas)

    assert told == ["refused", "refused", "refused", "sent"]


def test_a_forked_child_sees_what_its_parent_has_used(tmp_path: Path):
    shared = book(tmp_path)
    assert shared.spend("a1", call_id="parent")

    child = os.fork()
    if child == 0:  # no assertion in here: the child must end as a bare process
        os._exit(0 if not shared.spend("a1", call_id="child") and shared.spend("a2", call_id="child") else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert not shared.spend("a2", call_id="parent")


class SingleUse(RuleBasedStateMachine):
    """Any number of handles, calls and approvals, with restarts in between: each approval keeps its first call."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.handles = [book(Path(self.folder.name)), book(Path(self.folder.name))]
        self.holders: dict[str, str] = {}

    @rule(approval=st.sampled_from(["a1", "a2", "a3"]), call=st.sampled_from("xyz"), handle=st.integers(0, 1))
    def spend(self, approval: str, call: str, handle: int) -> None:
        holder = self.holders.setdefault(approval, call)
        assert self.handles[handle].spend(approval, call_id=call) is (holder == call)

    @rule(handle=st.integers(0, 1))
    def restart(self, handle: int) -> None:
        self.handles[handle] = book(Path(self.folder.name))

    @invariant()
    def everybody_knows_the_holders(self) -> None:
        for handle in self.handles:
            assert {each: handle.spent(each) for each in self.holders} == self.holders

    def teardown(self) -> None:
        self.folder.cleanup()


TestSingleUse = SingleUse.TestCase
TestSingleUse.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


class Rulings(RuleBasedStateMachine):
    """A queue as a model: one open request for each call, answered once; a denial stays."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.clock = ManualClock(NOW)
        self.book = book(Path(self.folder.name), self.clock)
        self.open: dict[str, str] = {}
        self.denied: dict[str, str] = {}

    @rule(digest=st.sampled_from("pqr"))
    def file(self, digest: str) -> None:
        made = self.book.file(mission="m", role="r", digest=digest, wait_s=60, content="words")
        known = self.denied.get(digest) or self.open.get(digest)
        assert known in (None, made.id)
        assert (made.state == "denied") is (digest in self.denied)
        if digest not in self.denied:
            self.open[digest] = made.id

    @rule(digest=st.sampled_from("pqr"), grants=st.booleans())
    def answer(self, digest: str, grants: bool) -> None:
        request = self.open.pop(digest, None)
        state = "granted" if grants else "denied"
        assert self.book.rule(request or "none", state=state, by="ann", token="t") is (request is not None)  # type: ignore[arg-type]  # one of the two
        if request is not None and not grants:
            self.denied[digest] = request

    @rule()
    def wait(self) -> None:
        self.clock.advance(60)
        self.open.clear()

    @invariant()
    def content_is_kept_of_open_requests_alone(self) -> None:
        with_content = {each.id for each in self.book.requests() if each.content and each.expires_at > self.clock.now()}
        assert with_content == set(self.open.values())

    def teardown(self) -> None:
        self.folder.cleanup()


TestRulings = Rulings.TestCase
TestRulings.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


@pytest.fixture(scope="module")
def signed_token(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Approver], str]:
    folder = tmp_path_factory.mktemp("keys")
    public = make_key_pair(folder / "ann.key")
    approvers = {"ann": Approver(public_key=public, valid_until=NOW.date(), roles=(NEED.role,))}
    queue = book(folder, ManualClock(NOW))
    request = queue.file(mission="triage", role=NEED.role, digest="d", wait_s=60, content=None)
    key = read_private_key(folder / "ann.key", needed_for="a test")
    life = timedelta(minutes=5)
    return granted(request, store="s", key=key, approvers=approvers, at=NOW, lifetime=life)[1], approvers, public


@given(place=st.integers(0, 10_000), character=st.characters(min_codepoint=33, max_codepoint=126))
def test_no_changed_character_leaves_an_approval_valid(
    signed_token: tuple[str, dict[str, Approver], str], place: int, character: str
):
    token, approvers, _ = signed_token
    at = place % len(token)
    changed = token[:at] + character + token[at + 1 :]

    why = why_not_approved(
        read_token(changed),
        need=NEED,
        mission="triage",
        digest="d",
        store="s",
        approvers=approvers,
        now=NOW,
    )

    assert (why is None) is (changed == token)


@given(
    mission=st.sampled_from(["triage", "scout"]),
    digest=st.sampled_from(["d", "e"]),
    store=st.sampled_from(["s", "t"]),
    role=st.sampled_from([NEED.role, "clerk"]),
    minutes=st.integers(-1, 6),
)
def test_an_approval_holds_for_its_own_call_in_its_own_time_alone(
    signed_token: tuple[str, dict[str, Approver], str], mission: str, digest: str, store: str, role: str, minutes: int
):
    token, approvers, _ = signed_token
    need = OversightNeed(level="approve", mission="triage", role=role, reaction_time_s=30.0)

    why = why_not_approved(
        read_token(token),
        need=need,
        mission=mission,
        digest=digest,
        store=store,
        approvers=approvers,
        now=NOW + timedelta(minutes=minutes),
    )

    assert (why is None) is ((mission, digest, store, role) == ("triage", "d", "s", NEED.role) and minutes < 5)


def test_an_approval_has_one_spelling(signed_token: tuple[str, dict[str, Approver], str]):
    message, signature = signed_token[0].split(".")
    words = json.loads(base64.urlsafe_b64decode(message + "=="))
    spaced = base64.urlsafe_b64encode(json.dumps(words).encode()).decode().rstrip("=")

    assert read_token(f"{spaced}.{signature}") is None
    assert read_token(f"{message}.{signature}=") is None
