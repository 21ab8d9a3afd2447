"""Floor 2: the decision log. Linked lines, written before the send, without content; and how to verify them."""

from offramp.audit.checkpointer import Checkpointing, signed_by
from offramp.audit.entries import (
    alarm_entry,
    approval_entry,
    fallback_entry,
    handoff_entry,
    operation_entry,
    policy_entry,
    supervision_entry,
    tool_entry,
    watch_entry,
)
from offramp.audit.log import DecisionLog
from offramp.audit.problems import Problem, ProblemKind, Unknown
from offramp.audit.proofs import ProvenLine, check, prove
from offramp.audit.uses import Use, UseReport, uses
from offramp.audit.verification import Verdict, VerifyResult, verify
from offramp.audit.witness import Witnessed, keep

__all__ = [
    "Checkpointing",
    "DecisionLog",
    "Problem",
    "ProblemKind",
    "ProvenLine",
    "Unknown",
    "Use",
    "UseReport",
    "Verdict",
    "VerifyResult",
    "Witnessed",
    "alarm_entry",
    "approval_entry",
    "check",
    "fallback_entry",
    "handoff_entry",
    "keep",
    "operation_entry",
    "policy_entry",
    "prove",
    "signed_by",
    "supervision_entry",
    "tool_entry",
    "uses",
    "verify",
    "watch_entry",
]
