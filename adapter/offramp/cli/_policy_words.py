"""Policy in the words in which people read it: uses by family, conditions as sentences, clauses part by part."""

import re
from collections.abc import Iterator, Mapping, Sequence

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
    return f"with {', '.join(needs)} shown" if needs else ""


def place_text(reason: Reason) -> str:
    """The document and its section."""
    return ", ".join(word for word in (reason.document, reason.section) if word)


def slug(name: str) -> str:
    """A file's name for a document."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "document"


def clause_words(clause: Clause) -> dict[str, str]:
    """A clause, part by part."""
    doubt = "" if clause.confidence == "clear" else f" ({clause.confidence})"
    when = " and ".join(part for part in (conditions_text(clause.when), needs_text(clause.needs)) if part)
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
    return " ".join(part for part in (", ".join(one.uses), conditions_text(one.when), needs_text(one.needs)) if part)


def contract_marks(read: Loaded[PolicyContract]) -> list[str]:
    """What keeps a reader from relying on it."""
    found: list[str] = [] if read.content.status == "reviewed" else [read.content.status]
    if read.instead_of is not None:
        found.append("the last good text: what lies in its place was refused")
    return found if read.signed_by or read.shipped else [*found, "unsigned"]
