"""Policy in the words in which people read it: uses by family, conditions as sentences, clauses part by part."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from offramp.contracts.declaration import Declaration
from offramp.contracts.policy import Clause, ClauseException, Conditions, NotIn, PolicyContract, Reason
from offramp.contracts.uses import FACETS, USE_CODES
from offramp.policy import Loaded


def uses_text(uses: Sequence[str]) -> str:
    """Codes, whole families by their pattern."""
    return "any use" if set(uses) >= set(USE_CODES) else ", ".join(_by_family(uses))


def _by_family(uses: Sequence[str]) -> Iterator[str]:
    for family in dict.fromkeys(use.partition(".")[0] for use in uses):
        own = [use for use in uses if use.partition(".")[0] == family]
        every = [code for code in USE_CODES if code.startswith(f"{family}.")]
        yield from [f"{family}.*"] if len(own) == len(every) > 1 else own


def box_text(box: Mapping[str, Sequence[str]]) -> str:
    """The values of each facet as a sentence, by what is left out where that is shorter."""
    return " and ".join(_is(key, names) for key, names in box.items()) or "always"


def _is(key: str, names: Sequence[str]) -> str:
    others = [name for facet, every in FACETS.items() if facet == key for name in every if name not in names]
    return f"{key} is not {' or '.join(others)}" if 0 < len(others) < len(names) else f"{key} is {' or '.join(names)}"


def conditions_text(when: Conditions) -> str:
    """Conditions as a sentence."""
    return " and ".join(
        f"{facet} is not {' or '.join(one.not_in)}" if isinstance(one, NotIn) else f"{facet} is {' or '.join(one)}"
        for facet, one in when.items()
    )


def needs_text(needs: Sequence[str]) -> str:
    """Evidence as a sentence."""
    return f"on evidence of {' and '.join(needs)}" if needs else ""


def place_text(reason: Reason) -> str:
    """The document and its section."""
    return ", ".join(word for word in (reason.document, reason.section) if word)


def place_once(reason: Reason) -> str:
    """The same, unless the sentence itself names the document, as it does where a file cannot be read."""
    return "" if reason.document and reason.document in reason.text else place_text(reason)


def slug(name: str) -> str:
    """A file's name for a document."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "document"


def clause_words(clause: Clause) -> dict[str, str]:
    """A clause, part by part."""
    doubt = "" if clause.confidence == "clear" else f" ({clause.confidence})"
    when = ", ".join(part for part in (conditions_text(clause.when), needs_text(clause.needs)) if part)
    return {
        "id": clause.id,
        "effect": f"{clause.effect}{doubt}",
        "uses": ", ".join(clause.uses),
        "when": when or "always",
        "exceptions": "; ".join(_exception(one) for one in clause.exceptions),
        "text": clause.text,
        "source": ", ".join(word for word in (clause.document, clause.section) if word),
    }


def _exception(one: ClauseException) -> str:
    uses, when = ", ".join(one.uses), conditions_text(one.when)
    return ", ".join(part for part in (f"{uses} where {when}" if when else uses, needs_text(one.needs)) if part)


SILENCE: Final[Mapping[str, str]] = {
    "deny": "what it does not permit is denied (deny)",
    "org-decides": "the organisation may decide by itself, in writing; until then it is denied (org-decides)",
}
STATUS: Final[Mapping[str, str]] = {
    "reviewed": "reviewed by a person with authority",
    "illustrative-unreviewed": "read for illustration; nobody with authority has reviewed it (illustrative-unreviewed)",
}
CONFIDENCE: Final = "A reading that is uncertain counts against the use: an uncertain prohibition prohibits."


def contract_marks(read: Loaded[PolicyContract] | Loaded[Declaration]) -> list[str]:
    """What keeps a reader from relying on it."""
    status = read.content.status if isinstance(read.content, PolicyContract) else "reviewed"
    found: list[str] = [] if status == "reviewed" else [status]
    if read.instead_of is not None:
        found.append("the last good text: what lies in its place was refused")
    return found if read.signed_by or read.shipped else [*found, "unsigned"]
