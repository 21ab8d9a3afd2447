"""What stands on the policy pages, in plain words: the templates only lay it out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from offramp.cli._declared import declaration_facts, declaration_rows, declared_sentences
from offramp.cli._policies import Cell
from offramp.cli._policy_glossary import glossary
from offramp.cli._policy_tables import until_text
from offramp.cli._policy_words import (
    CONFIDENCE,
    SILENCE,
    STATUS,
    clause_words,
    contract_marks,
    place_once,
    place_text,
)
from offramp.contracts.declaration import Declaration
from offramp.contracts.policy import PolicyContract, Reason
from offramp.policy import Loaded, gravest
from offramp.types import JsonObject


def contract_page(read: Loaded[PolicyContract], at: datetime) -> JsonObject:
    """A contract, for a lawyer."""
    contract = read.content
    clauses = [clause_words(clause) for clause in contract.clauses]
    return {
        "title": f"{contract.name} {contract.version}",
        "marks": contract_marks(read),
        "at": at.date().isoformat(),
        "contract": contract,
        "status": STATUS[contract.status],
        "silence": SILENCE[contract.silence],
        "confidence": CONFIDENCE,
        "sha256": read.sha256,
        "signed_by": _signed_by(read),
        "clauses": clauses,
        "glossary": list(glossary(each[key] for each in clauses for key in ("uses", "when", "exceptions"))),
    }


def declaration_page(read: Loaded[Declaration], at: datetime) -> JsonObject:
    """What a mission is declared to do, for a lawyer."""
    declared = read.content
    return {
        "title": f"Declaration of mission {declared.mission}",
        "marks": contract_marks(read),
        "at": at.date().isoformat(),
        "facts": [*declaration_facts(declared), ("Signed by", _signed_by(read)), ("SHA-256 of the file", read.sha256)],
        "said": declared_sentences(declared),
        "rows": list(declaration_rows(declared)),
    }


def _signed_by(read: Loaded[Any]) -> str:
    return ", ".join(read.signed_by) or ("nobody; it ships inside an installed package" if read.shipped else "nobody")


def matrix_page(cells: Sequence[Cell], at: datetime, *, on: datetime) -> JsonObject:
    """What may go where, and below it each ground.

    Args:
        cells: as decided.
        at: now.
        on: the instant for which it was decided.
    """
    endpoints = list(dict.fromkeys(cell.decision.endpoint for cell in cells))
    missions = list(dict.fromkeys(cell.decision.mission for cell in cells))
    declarations = {cell.decision.mission: cell.declaration for cell in cells}
    found = {(cell.decision.mission, cell.decision.endpoint): cell for cell in cells}
    return {
        "title": "What may go where",
        "marks": list(_marks(cells)),
        "at": at.date().isoformat(),
        "on": on.date().isoformat(),
        "endpoints": endpoints,
        "rows": [
            {"mission": mission, "cells": [_cell(found.get((mission, endpoint))) for endpoint in endpoints]}
            for mission in missions
        ],
        "declared": [
            {"mission": mission, "said": declared_sentences(one)} for mission, one in declarations.items() if one
        ],
        "decisions": [_decision(cell) for cell in cells],
    }


def _marks(cells: Sequence[Cell]) -> Iterator[str]:
    if any(cell.decision.unreviewed for cell in cells):
        yield "rests on illustrative contracts that nobody has reviewed"
    if any(cell.decision.unsigned for cell in cells):
        yield "rests on unsigned files"


def _cell(cell: Cell | None) -> JsonObject:
    if cell is None:
        return {"kind": "none", "text": "not on its route", "marks": []}
    decision = cell.decision
    if decision.allowed:
        return {"kind": "allowed", "text": f"allowed {until_text(cell)}", "marks": _marks_of(cell)}
    first = gravest(decision.reasons)
    by = " ".join(word for word in (first.layer, first.clause, place_once(first)) if word)
    return {"kind": "denied", "text": f"DENIED by {by}: {first.text}", "marks": _marks_of(cell)}


def _marks_of(cell: Cell) -> list[str]:
    decision = cell.decision
    return [word for word, holds in (("unreviewed", decision.unreviewed), ("unsigned", decision.unsigned)) if holds]


def _decision(cell: Cell) -> JsonObject:
    decision = cell.decision
    return {
        "mission": decision.mission,
        "endpoint": decision.endpoint,
        "word": f"allowed {until_text(cell)}" if decision.allowed else "DENIED",
        "marks": _marks_of(cell),
        "reasons": [_reason(reason) for reason in decision.reasons],
    }


def _reason(reason: Reason) -> JsonObject:
    return {
        "layer": reason.layer,
        "effect": reason.effect,
        "clause": reason.clause or "",
        "place": place_text(reason),
        "text": reason.text,
        "mend": reason.mend or "",
    }
