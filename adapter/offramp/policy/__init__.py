"""Policy contracts: typed, dated data, and the pure function that decides on them before every send.

What it deliberately does not do: it runs no rule engine, reads no clock, and believes no name without its signature.
"""

from offramp.policy.compile import compile_policy
from offramp.policy.decide import CompiledPolicy, label_of
from offramp.policy.documents import Loaded, PolicySources, Unreadable
from offramp.policy.expiry import PolicyWarning, policy_warnings
from offramp.policy.facts import facts_of
from offramp.policy.history import decide_history
from offramp.policy.load import (
    PolicyFile,
    any_from,
    contract_from,
    declaration_from,
    load_any,
    load_contract,
    load_declaration,
    load_organisation,
    load_policy,
    load_waivers,
    policy_from,
    shipped_floor,
    waivers_from,
)
from offramp.policy.plain import contract_template, plain_declaration, plain_organisation, plain_terms
from offramp.policy.reader import PolicyReader, Trust, document_name, signature_text
from offramp.policy.reasons import denial, gravest, kept_instead
from offramp.policy.schema import FileKind, schema
from offramp.policy.signatures import (
    SignatureFile,
    Signer,
    load_signers,
    role_of,
    signature_file,
    signature_path,
    written,
)
from offramp.policy.signing import signed

__all__ = [
    "CompiledPolicy",
    "FileKind",
    "Loaded",
    "PolicyFile",
    "PolicyReader",
    "PolicySources",
    "PolicyWarning",
    "SignatureFile",
    "Signer",
    "Trust",
    "Unreadable",
    "any_from",
    "compile_policy",
    "contract_from",
    "contract_template",
    "decide_history",
    "declaration_from",
    "denial",
    "document_name",
    "facts_of",
    "gravest",
    "kept_instead",
    "label_of",
    "load_any",
    "load_contract",
    "load_declaration",
    "load_organisation",
    "load_policy",
    "load_signers",
    "load_waivers",
    "plain_declaration",
    "plain_organisation",
    "plain_terms",
    "policy_from",
    "policy_warnings",
    "role_of",
    "schema",
    "shipped_floor",
    "signature_file",
    "signature_path",
    "signature_text",
    "signed",
    "waivers_from",
    "written",
]
