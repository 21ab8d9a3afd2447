"""Floor 3: conversations, where they are kept, how they are handed off, and the tools they run."""

from offramp.sessions.memory import MemoryLedger
from offramp.sessions.opening import open_ledger
from offramp.sessions.sqlite import SQLiteLedger

__all__ = ["MemoryLedger", "SQLiteLedger", "open_ledger"]
