"""Policy as tables: for a lawyer (clauses), a program manager (mission by endpoint) and an engineer (JSON)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.table import Table

from offramp.contracts.policy import Conditions, Decision, NotIn, PolicyContract
from offramp.policy import CompiledPolicy
from offramp.types import Identity, JsonObject, value


@value
class Cell:
    """One mission at one endpoint."""

    decision: Decision
    until: datetime | None
    """The first instant of denial; None where nothing that is known ends it."""


def cells_of(
    policies: Mapping[str, CompiledPolicy], routes: Mapping[str, Sequence[Identity]], at: datetime
) -> list[Cell]:
    """Every mission at every endpoint of its route."""
    return [
        Cell(policy.decide(identity, at), policy.allowed_until(identity, at))
        for mission, policy in policies.items()
        for identity in routes[mission]
    ]


def matrix_table(cells: Sequence[Cell]) -> Table:
    """Mission by endpoint: allowed until when, or what stands against it first."""
    endpoints = list(dict.fromkeys(cell.decision.endpoint for cell in cells))
    table = Table("mission", *endpoints, title="What may go where")
    for mission in dict.fromkeys(cell.decision.mission for cell in cells):
        row = {cell.decision.endpoint: _cell(cell) for cell in cells if cell.decision.mission == mission}
        table.add_row(mission, *(row.get(endpoint, "not on its route") for endpoint in endpoints))
    return table


def decision_table(decision: Decision) -> Table:
    """Each ground of a decision, and who could change it."""
    word = "allowed" if decision.allowed else "DENIED"
    note = f"{', on an unreviewed contract' if decision.unreviewed else ''}{_unsigned(decision)}"
    title = f"{decision.mission} at {decision.endpoint}: {word}{note}"
    table = Table("layer", "effect", "clause", "document", "in our words", "who could change it", title=title)
    for reason in decision.reasons:
        place = ", ".join(word for word in (reason.document, reason.section) if word)
        table.add_row(reason.layer, reason.effect, reason.clause or "", place, reason.text, reason.mend or "")
    return table


def contract_table(contract: PolicyContract) -> Table:
    """A contract clause by clause."""
    title = f"{contract.name} {contract.version} ({contract.layer}, {contract.status})"
    caption = (
        f"In force {contract.effective} to {contract.valid_until or 'further notice'}; read {contract.retrieved}; "
        f"review by {contract.review_by}; silence: {contract.silence}; can be changed by {contract.authority}"
    )
    table = Table("clause", "effect", "uses", "when", "except", "in our words", "source", title=title, caption=caption)
    for clause in contract.clauses:
        doubt = "" if clause.confidence == "clear" else f" ({clause.confidence})"
        exceptions = "; ".join(
            " ".join(part for part in (", ".join(one.uses), conditions_text(one.when), needs_text(one.needs)) if part)
            for one in clause.exceptions
        )
        when = " and ".join(part for part in (conditions_text(clause.when), needs_text(clause.needs)) if part)
        source = ", ".join(word for word in (clause.document, clause.section) if word)
        uses = ", ".join(clause.uses)
        table.add_row(clause.id, f"{clause.effect}{doubt}", uses, when or "always", exceptions, clause.text, source)
    return table


def conditions_text(when: Conditions) -> str:
    """Conditions as a sentence."""
    return " and ".join(
        f"{facet} is not {' or '.join(one.not_in)}" if isinstance(one, NotIn) else f"{facet} is {' or '.join(one)}"
        for facet, one in when.items()
    )


def needs_text(needs: Sequence[str]) -> str:
    """Evidence as a sentence."""
    return f"with {', '.join(needs)} shown" if needs else ""


def decision_json(cell: Cell) -> JsonObject:
    """A decision, as `--json` shows it."""
    decision = cell.decision
    return {
        "mission": decision.mission,
        "endpoint": decision.endpoint,
        "allowed": decision.allowed,
        "unreviewed": decision.unreviewed,
        "unsigned": decision.unsigned,
        "at": decision.at.isoformat(),
        "denied_from": cell.until.isoformat() if cell.until else None,
        "digests": list(decision.digests),
        "reasons": [
            {
                "layer": reason.layer,
                "effect": reason.effect,
                "clause": reason.clause,
                "document": reason.document,
                "section": reason.section,
                "text": reason.text,
                "mend": reason.mend,
            }
            for reason in decision.reasons
        ],
    }


def _cell(cell: Cell) -> str:
    if not cell.decision.allowed:
        first = cell.decision.reasons[0]
        return f"DENIED by {' '.join(word for word in (first.layer, first.clause) if word)}: {first.text}"
    until = f"until {(cell.until).date()}" if cell.until else "with no known end"
    return f"allowed {until}{', unreviewed' if cell.decision.unreviewed else ''}{_unsigned(cell.decision)}"


def _unsigned(decision: Decision) -> str:
    return ", unsigned" if decision.unsigned else ""
