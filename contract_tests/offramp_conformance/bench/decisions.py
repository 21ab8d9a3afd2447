"""What a policy decision costs, with two layers of forty clauses beside the floor."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from offramp.contracts.declaration import Approval, Declaration, MissionEvidence, Organisation, Signature
from offramp.contracts.policy import Clause, PolicyContract, Source
from offramp.contracts.uses import USE_CODES, Facets
from offramp.policy import CompiledPolicy, Loaded, PolicySources, compile_policy
from offramp.types import Identity
from offramp_conformance.bench.measure import Row

BUDGET_US: Final = 15.0
"""What a decision may cost on the usual path."""
_CLAUSES: Final = 40
_FIRST, _LAST = date(2026, 1, 1), date(2027, 12, 31)
_NOON: Final = datetime(2026, 11, 26, 12, tzinfo=UTC)
_WHO: Final = Identity(endpoint="a", developer="acme", host="cloud", model="m")


def measure_decisions(*, rounds: int, count: int = 2000) -> list[Row]:
    """CPU of one decision: by what was decided for the day already, and judged clause by clause."""
    policy = _policy()
    days = (_NOON, _NOON + timedelta(days=1))

    def known(_: int) -> None:
        policy.decide(_WHO, _NOON)

    def anew(number: int) -> None:
        policy.decide(_WHO, days[number % 2])

    made: list[Row] = []
    for name, decide in (("the usual path", known), ("every clause judged", anew)):
        samples = tuple(_sample(decide, count) for _ in range(rounds))
        median = sorted(samples)[len(samples) // 2]
        made.append(Row("decision", None, name, samples_us=samples, ratio=median / BUDGET_US))
    return made


def _sample(decide: Callable[[int], None], count: int) -> float:
    began = time.process_time()
    for number in range(count):
        decide(number)
    return (time.process_time() - began) / count * 1e6


def _policy() -> CompiledPolicy:
    contracts = [_contract("vendor", "developer:acme"), _contract("channel", "host:cloud")]
    sources = PolicySources(
        declaration=Loaded(_declaration(), where="d", sha256="1" * 64),
        organisations=[Loaded(_organisation(), where="o", sha256="2" * 64)],
        contracts=[Loaded(each, where=each.layer, sha256="3" * 64) for each in contracts],
    )
    policy = compile_policy("bench", sources, route=[_WHO])
    if not policy.decide(_WHO, _NOON).allowed:
        raise ValueError("the measured decision must be an allow: nothing else looks at every clause")
    return policy


def _declaration() -> Declaration:
    return Declaration(
        schema=1,
        mission="bench",
        owner="o",
        approver="o",
        uses=("gen.draft", "gen.code"),
        facets=Facets(
            oversight="advisory",
            weapon_autonomy="not-weapon",
            population="none",
            scale="individual",
            data_source="own-system",
            legal_basis="none-needed",
            effect="none",
            customer="private",
            channel="vendor-api",
        ),
        evidence=MissionEvidence(role="r", authority_to_stop="o", reaction_time_s=1.0, legal_citation="c"),
        valid_from=_FIRST,
        valid_until=_LAST,
        approved=Signature(by="o", on=_FIRST),
    )


def _organisation() -> Organisation:
    approval = Approval(mission="bench", uses=("*",), endpoints=("endpoint:a",), by="o", on=_FIRST, valid_until=_LAST)
    return Organisation(
        schema=1,
        layer="organisation",
        name="org",
        version="1",
        authority="o",
        effective=_FIRST,
        review_by=_LAST,
        valid_until=_LAST,
        approvals=(approval,),
    )


def _contract(layer: str, selector: str) -> PolicyContract:
    """Half of its clauses forbid other uses on conditions, half permit."""
    others = [code for code in USE_CODES if not code.startswith("gen.")]
    clauses = [
        Clause(
            id=f"c{number}",
            effect="forbid" if number % 2 else "permit",
            uses=(others[number],) if number % 2 else ("gen.*",),
            when={"customer": ("defence",), "scale": ("mass", "none")} if number % 2 else {},
            document="d",
            text="t",
        )
        for number in range(_CLAUSES)
    ]
    return PolicyContract(
        schema=1,
        layer="vendor" if layer == "vendor" else "channel",
        kind="usage-policy",
        name=layer,
        version="1",
        authority="o",
        applies_to=(selector,),
        effective=_FIRST,
        retrieved=_FIRST,
        review_by=_LAST,
        valid_until=_LAST,
        status="reviewed",
        sources=(Source(document="d", effective=_FIRST, retrieved=_FIRST, sha256="0" * 64),),
        clauses=tuple(clauses),
    )
