"""Every clause that ships, against Cedar: over all values of the facets on which it rests, and every use."""

import random
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from importlib.resources import files
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any, get_args

import pytest

from offramp.contracts.declaration import MissionEvidence
from offramp.contracts.policy import EvidenceNeed
from offramp.contracts.uses import FACETS, UNSTATED, USE_CODES, Facets
from offramp.policy import contract_from
from offramp.policy.table import Row, evidence_bits, facet_bits, reached, row_of, use_bits
from support.cedar_oracle import Question, Rules, contract_at, matches, rules_of

VENDORS = Path(__file__).resolve().parents[2] / "providers" / "offramp_providers" / "vendors"
CONTRACTS = [
    Path(str(files("offramp.policy") / "floor.toml")),
    Path(str(files("offramp.policy") / "template.toml")),
    *sorted(path for path in VENDORS.glob("*/policy.toml") if path.parent.name != "template"),
]
NEEDS: tuple[str, ...] = get_args(EvidenceNeed)


def named(path: Path) -> str:
    return path.parent.name if path.name == "policy.toml" else path.stem


EACH = pytest.mark.parametrize("path", CONTRACTS, ids=named)


def rests_on(clause: Mapping[str, Any]) -> tuple[str, ...]:
    """The facets that a clause or one of its exceptions names."""
    conditions = (clause.get("when", {}), *(each.get("when", {}) for each in clause.get("exceptions", ())))
    return tuple(dict.fromkeys(chain.from_iterable(conditions)))


def asks_for(clause: Mapping[str, Any]) -> tuple[str, ...]:
    """The evidence that a clause or one of its exceptions names."""
    lists = (clause.get("needs", ()), *(each.get("needs", ()) for each in clause.get("exceptions", ())))
    return tuple(dict.fromkeys(chain.from_iterable(lists)))


def alike(clause: Mapping[str, Any]) -> tuple[str, ...]:
    """One use of each kind that the clause's patterns can tell apart."""
    patterns = {*clause["uses"], *chain.from_iterable(each.get("uses", ["*"]) for each in clause.get("exceptions", ()))}
    kinds = {frozenset(filter(partial(fnmatchcase, use), sorted(patterns))): use for use in USE_CODES}
    return tuple(kinds.values())


def grid(clause: Mapping[str, Any], uses: Sequence[str]) -> Iterator[Question]:
    """These uses with every value of the facets in question, and every choice of the evidence in question."""
    names, needs = rests_on(clause), asks_for(clause)
    choices = [frozenset(some) for size in range(len(needs) + 1) for some in combinations(needs, size)]
    for words in product(*(FACETS[name] for name in names)):  # type: ignore[index]  # each is a facet's name
        stated = {name: word for name, word in zip(names, words, strict=True) if word != UNSTATED}
        for use, given in product(uses, choices):
            yield Question(use, stated, given)


def sample(seed: int, count: int) -> Iterator[Question]:
    """Questions from anywhere: all facets, some of them missing."""
    chance = random.Random(seed)  # noqa: S311  # a reproducible sample, not a secret
    for _ in range(count):
        words = {facet: chance.choice(FACETS[facet]) for facet in FACETS if chance.random() < 0.9}
        yield Question(chance.choice(USE_CODES), words, frozenset(chance.sample(NEEDS, chance.randrange(4))))


def ours(rows: list[Row], question: Question, contract: str) -> frozenset[str]:
    """The ids of the clauses that bear on it, by Offramp's tables."""
    given: Any = {need: 1.0 if need == "reaction_time_s" else "x" for need in question.evidence}
    approval = given.pop("vendor_approval", None)
    evidence = MissionEvidence(**given, vendor_approvals={contract: "letter 4"} if approval else {})
    shown = evidence_bits(evidence, contract)
    facets = facet_bits(Facets(**question.facets))  # type: ignore[arg-type]  # words of the vocabulary
    use = use_bits([question.use])
    return frozenset(
        row.clause.id for row in rows if reached(row, use, facets, shown) and row.needs & shown == row.needs
    )


def rows_of(path: Path, effect: str) -> tuple[list[Row], str]:
    read = contract_from(str(path), path.read_bytes()).content
    return [row_of(clause) for clause in read.clauses if clause.effect == effect], read.name


@EACH
@pytest.mark.parametrize("effect", ["forbid", "permit"])
def test_every_clause_agrees_with_cedar_on_the_whole_of_its_grid(path: Path, effect: str):
    rows, name = rows_of(path, effect)

    differs = [
        (clause["id"], question)
        for clause in contract_at(path)["clauses"]
        if clause["effect"] == effect
        for question in differing(clause, rows, name, list(grid(clause, alike(clause))))
    ]

    assert differs[:3] == []


@EACH
@pytest.mark.parametrize("effect", ["forbid", "permit"])
def test_every_clause_agrees_with_cedar_on_every_use(path: Path, effect: str):
    rows, name = rows_of(path, effect)
    chance = random.Random(3)  # noqa: S311  # a reproducible sample, not a secret

    differs = [
        (clause["id"], question)
        for clause in contract_at(path)["clauses"]
        if clause["effect"] == effect
        for question in differing(
            clause, rows, name, [each._replace(use=use) for each in some(clause, chance) for use in USE_CODES]
        )
    ]

    assert differs[:3] == []


def some(clause: Mapping[str, Any], chance: random.Random) -> list[Question]:
    """A few of a clause's questions."""
    everything = list(grid(clause, ["*"]))
    return chance.sample(everything, min(8, len(everything)))


def differing(clause: Mapping[str, Any], rows: list[Row], contract: str, questions: list[Question]) -> list[Question]:
    """The questions on which Cedar and Offramp differ about one clause."""
    theirs = matches(rules_of({"clauses": [clause]}, clause["effect"]), questions)
    own = [row for row in rows if row.clause.id == clause["id"]]
    pairs = zip(questions, theirs, strict=True)
    return [question for question, found in pairs if ours(own, question, contract) != found]


@EACH
@pytest.mark.parametrize("effect", ["forbid", "permit"])
def test_whole_contracts_agree_with_cedar_on_questions_from_anywhere(path: Path, effect: str):
    rules = rules_of(contract_at(path), effect)
    rows, name = rows_of(path, effect)
    questions = list(sample(11, 2000))

    theirs = matches(rules, questions)

    differs = [
        (question, found)
        for question, found in zip(questions, theirs, strict=True)
        if ours(rows, question, name) != found
    ]
    assert differs[:3] == []


def test_a_condition_that_fails_is_not_passed_over():
    rules = Rules(("x",), 'forbid(principal, action, resource) when { context.missing == "y" };')

    with pytest.raises(AssertionError, match="missing"):
        matches(rules, [Question("gen.draft", {})])
