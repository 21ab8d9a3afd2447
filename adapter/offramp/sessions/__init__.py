"""Floor 3: conversations, where they are kept, how they are handed off, and the tools they run."""

from offramp.sessions.conversation import (
    CallFate,
    Conversation,
    PendingCall,
    conversation_of,
    extended,
    pending_calls,
    tool_message,
    with_tools,
)
from offramp.sessions.handoff import Encode, HandoffPlan, WhenUnknown, plan_handoff
from offramp.sessions.held import with_own_history, within
from offramp.sessions.memory import MemoryLedger
from offramp.sessions.opening import examine_ledger, open_ledger
from offramp.sessions.sqlite import SQLiteLedger

__all__ = [
    "CallFate",
    "Conversation",
    "Encode",
    "HandoffPlan",
    "MemoryLedger",
    "PendingCall",
    "SQLiteLedger",
    "WhenUnknown",
    "conversation_of",
    "examine_ledger",
    "extended",
    "open_ledger",
    "pending_calls",
    "plan_handoff",
    "tool_message",
    "with_own_history",
    "with_tools",
    "within",
]
