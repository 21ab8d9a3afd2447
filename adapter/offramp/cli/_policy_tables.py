"""Policy as tables and sentences in a terminal: clauses, decisions, and mission by endpoint."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from offramp.cli._declared import declaration_facts, declaration_rows
from offramp.cli._policies import Cell
from offramp.cli._policy_words import clause_words, contract_marks, place_once, place_text
from offramp.contracts.declaration import Declaration
from offramp.contracts.policy import Decision, PolicyContract
from offramp.policy import Loaded, gravest


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
    title = f"{decision.mission} at {decision.endpoint}: {word}{_notes(decision)}"
    table = Table("layer", "effect", "clause", "document", "in our words", "who could change it", title=title)
    for reason in decision.reasons:
        place = place_text(reason)
        table.add_row(reason.layer, reason.effect, reason.clause or "", place, reason.text, reason.mend or "")
    return table


def decision_sentences(cell: Cell) -> Iterator[str]:
    """A decision in a few sentences: whether, until when, what stands against it, and who could change that."""
    decision = cell.decision
    where = f"{decision.mission} at {decision.endpoint}"
    if decision.allowed:
        yield f"{where}: it may be used {until_text(cell)}{_notes(decision)}."
        return
    yield f"{where}: it may NOT be used{_notes(decision)}."
    for reason in decision.reasons:
        source = f" ({', '.join(word for word in (reason.clause, place_once(reason)) if word)})"
        yield f"  Against it: {reason.text.rstrip('.')}{source if source != ' ()' else ''}."
        yield f"    Who could change it: {reason.mend or 'nobody'}."


def contract_table(read: Loaded[PolicyContract]) -> Table:
    """A contract clause by clause."""
    contract = read.content
    title = f"{contract.name} {contract.version} ({contract.layer}; {', '.join(contract_marks(read)) or 'reviewed'})"
    caption = (
        f"In force {contract.effective} to {contract.valid_until or 'further notice'}; read {contract.retrieved}; "
        f"review by {contract.review_by}; silence: {contract.silence}; can be changed by {contract.authority}"
    )
    table = Table("clause", "effect", "uses", "when", "except", "in our words", "source", title=title, caption=caption)
    for words in map(clause_words, contract.clauses):
        keys = ("id", "effect", "uses", "when", "exceptions", "text", "source")
        table.add_row(*(words[key] for key in keys))
    return table


def declaration_table(read: Loaded[Declaration]) -> Table:
    """What a mission is declared to do."""
    declared = read.content
    marks = ", ".join(contract_marks(read))
    facts = "; ".join(f"{name}: {words}" for name, words in declaration_facts(declared))
    title = f"Declaration of mission {declared.mission}{f' ({marks})' if marks else ''}"
    table = Table("code", "declared", "in plain words", title=title, caption=facts)
    for row in declaration_rows(declared):
        table.add_row(*row)
    return table


def _cell(cell: Cell) -> str:
    if not cell.decision.allowed:
        first = gravest(cell.decision.reasons)
        return f"DENIED by {' '.join(word for word in (first.layer, first.clause) if word)}: {first.text}"
    return f"allowed {until_text(cell)}{', unreviewed' if cell.decision.unreviewed else ''}{_unsigned(cell.decision)}"


def until_text(cell: Cell) -> str:
    """Until when it is allowed."""
    return f"until {cell.until.date()}" if cell.until else "with no known end"


def _notes(decision: Decision) -> str:
    return f"{', on an unreviewed contract' if decision.unreviewed else ''}{_unsigned(decision)}"


def _unsigned(decision: Decision) -> str:
    return ", unsigned" if decision.unsigned else ""
