"""Policy contracts as Cedar policies, translated from their TOML. It imports nothing of Offramp, on purpose.

Cedar skips a policy whose condition fails, and a forbid that is skipped permits. So every test of a facet asks first
whether it is there, and whoever evaluates these looks at the errors too.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cedarpy


class Question(NamedTuple):
    """One use with its facets, and the evidence that is given. A facet may be missing: then it is unstated."""

    use: str
    facets: Mapping[str, str]
    evidence: frozenset[str] = frozenset()


class Rules(NamedTuple):
    """The clauses of one effect, in their order, and their ids."""

    ids: tuple[str, ...]
    policies: str


def rules_of(contract: Mapping[str, Any], effect: str) -> Rules:
    """Translate all clauses of one effect."""
    clauses = [clause for clause in contract["clauses"] if clause["effect"] == effect]
    return Rules(tuple(clause["id"] for clause in clauses), "\n".join(map(_policy, clauses)))


def contract_at(path: Path) -> dict[str, Any]:
    """A contract's file, read as plain TOML."""
    return tomllib.loads(path.read_text("utf-8"))


def matches(rules: Rules, questions: Sequence[Question]) -> list[frozenset[str]]:
    """For each question, the ids of the clauses that bear on it.

    Raises:
        AssertionError: a condition failed, and Cedar has skipped its clause.
    """
    if not rules.ids:
        return [frozenset()] * len(questions)
    results = cedarpy.is_authorized_batch([_request(each) for each in questions], rules.policies, [])
    found: list[frozenset[str]] = []
    for result in results:
        assert not result.diagnostics.errors, result.diagnostics.errors
        found.append(frozenset(rules.ids[int(name.removeprefix("policy"))] for name in result.diagnostics.reasons))
    return found


def _request(question: Question) -> dict[str, Any]:
    context = {**question.facets, "use": question.use, "evidence": sorted(question.evidence)}
    return {"principal": 'Mission::"m"', "action": 'Action::"use"', "resource": 'Endpoint::"e"', "context": context}


def _policy(clause: Mapping[str, Any]) -> str:
    forbids = clause["effect"] == "forbid"
    parts = [_uses(clause["uses"]), *_conditions(clause.get("when", {}), unstated=forbids)]
    if clause.get("needs"):
        parts.append(_evidence(clause["needs"]))
    parts += [f"!({_exception(each, unstated=not forbids)})" for each in clause.get("exceptions", ())]
    return f"{clause['effect']}(principal, action, resource) when {{ {' && '.join(parts)} }};"


def _exception(exempt: Mapping[str, Any], *, unstated: bool) -> str:
    parts = [_uses(exempt.get("uses", ["*"])), *_conditions(exempt.get("when", {}), unstated=unstated)]
    if exempt.get("needs"):
        parts.append(_evidence(exempt["needs"]))
    return " && ".join(parts)


def _uses(patterns: Iterable[str]) -> str:
    return "(" + " || ".join(f"context.use like {json.dumps(pattern)}" for pattern in patterns) + ")"


def _conditions(when: Mapping[str, Any], *, unstated: bool) -> Iterable[str]:
    for facet, condition in when.items():
        inverse = isinstance(condition, dict)
        words = json.dumps(condition["not_in"] if inverse else condition)
        listed = f"{words}.contains(context.{facet})"
        stated = f'(context has {facet} && context.{facet} != "unstated")'
        inside = f"!{listed}" if inverse else listed
        yield f"(!{stated} || {inside})" if unstated else f"({stated} && {inside})"


def _evidence(needs: Iterable[str]) -> str:
    return f"context.evidence.containsAll({json.dumps(list(needs))})"
