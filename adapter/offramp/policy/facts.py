"""What is kept in the log of a policy file: since when, until when and for whom it is in force."""

import hashlib
from datetime import date

from offramp.contracts.declaration import Declaration, Organisation, WaiverFile
from offramp.contracts.document_facts import DocumentFacts
from offramp.contracts.policy import PolicyContract
from offramp.policy.load import AnyPolicyFile


def facts_of(read: AnyPolicyFile) -> DocumentFacts:
    """The facts of a file that was read."""
    match read.content:
        case PolicyContract() as contract:
            return DocumentFacts(
                read.sha256,
                layer=contract.layer,
                series=_series(contract.layer, contract.name),
                first=contract.effective,
                last=contract.valid_until,
                governs=contract.kind != "public-statement",
                applies_to=contract.applies_to,
            )
        case Organisation(name=name, effective=first, valid_until=last):
            return DocumentFacts(
                read.sha256, layer="organisation", series=_series(name), first=first, last=last, governs=True
            )
        case Declaration(mission=mission, valid_from=first, valid_until=last):
            return DocumentFacts(
                read.sha256, layer="declaration", series=_series(mission), first=first, last=last, governs=False
            )
        case WaiverFile(waivers=waivers):
            begins = min((one.on for one in waivers), default=date.min)
            return DocumentFacts(
                read.sha256, layer="waivers", series=_series("waivers"), first=begins, last=None, governs=False
            )


def _series(*names: str) -> str:
    """A digest, since the log holds no words of a file."""
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]
