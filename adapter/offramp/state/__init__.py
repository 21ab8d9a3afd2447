"""Floor 2: who may be sent to. Orders with a rising epoch, the stores that keep them, the gate that obeys them."""

from offramp.state.approval_book import FileApprovalBook
from offramp.state.file_store import FileStore
from offramp.state.gate import StateGate
from offramp.state.memory_store import MemoryStore
from offramp.state.opening import open_store
from offramp.state.orders import (
    Obedience,
    ReplicaStanding,
    allow,
    obedience_of,
    prohibit,
    standings,
    wait_for_replicas,
)
from offramp.state.oversight_file import PROMPT_S, OversightFile
from offramp.state.sqlite_store import SqliteStore
from offramp.state.use_book import FileUseBook
from offramp.state.watch_book import FileWatchBook

__all__ = [
    "PROMPT_S",
    "FileApprovalBook",
    "FileStore",
    "FileUseBook",
    "FileWatchBook",
    "MemoryStore",
    "Obedience",
    "OversightFile",
    "ReplicaStanding",
    "SqliteStore",
    "StateGate",
    "allow",
    "obedience_of",
    "open_store",
    "prohibit",
    "standings",
    "wait_for_replicas",
]
