"""Policy contracts: typed, dated data, and the pure function that decides on them before every send.

What it deliberately does not do: it runs no rule engine, reads no clock, and believes no claim about signatures yet.
"""

from offramp.policy.decide import CompiledPolicy, compile_policy, denial, label_of
from offramp.policy.documents import Loaded, PolicySources, Unreadable
from offramp.policy.expiry import PolicyWarning, policy_warnings
from offramp.policy.history import decide_history
from offramp.policy.load import (
    PolicyFile,
    contract_from,
    load_any,
    load_contract,
    load_declaration,
    load_organisation,
    load_policy,
    load_waivers,
    or_unreadable,
    shipped_floor,
)
from offramp.policy.plain import contract_template, plain_declaration, plain_organisation, plain_terms
from offramp.policy.schema import schema

__all__ = [
    "CompiledPolicy",
    "Loaded",
    "PolicyFile",
    "PolicySources",
    "PolicyWarning",
    "Unreadable",
    "compile_policy",
    "contract_from",
    "contract_template",
    "decide_history",
    "denial",
    "label_of",
    "load_any",
    "load_contract",
    "load_declaration",
    "load_organisation",
    "load_policy",
    "load_waivers",
    "or_unreadable",
    "plain_declaration",
    "plain_organisation",
    "plain_terms",
    "policy_warnings",
    "schema",
    "shipped_floor",
]
