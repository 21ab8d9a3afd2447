"""Declarations on both sides of each of the floor's lines, and the clauses that must forbid them, written by hand.

It imports nothing, on purpose. What a row does not name is harmless.
"""

from typing import Final, TypeAlias

Line: TypeAlias = tuple[str, dict[str, str], set[str]]
"""A use, facets, and the ids of the clauses that forbid it; none: it is not forbidden."""

HARMLESS: Final = {
    "weapon_autonomy": "not-weapon",
    "oversight": "advisory",
    "population": "none",
    "scale": "none",
    "data_source": "own-system",
    "legal_basis": "none-needed",
    "effect": "none",
}

SURVEILLANCE: Final[list[Line]] = [
    ("surv.profile.bulk", {"population": "domestic", "scale": "mass"}, {"E1"}),
    ("surv.profile.bulk", {"population": "mixed", "scale": "mass"}, {"E1"}),
    ("surv.profile.bulk", {"population": "foreign", "scale": "mass"}, set()),
    ("intel.foreign", {"population": "foreign", "scale": "mass", "data_source": "intercepted"}, set()),
    ("intel.osint.read", {"population": "domestic", "scale": "mass", "data_source": "public"}, {"E1"}),
    ("gen.analysis", {"population": "domestic", "scale": "mass", "data_source": "public"}, set()),
    ("surv.track.person", {"population": "domestic", "scale": "enumerated", "legal_basis": "judicial"}, set()),
    ("surv.track.person", {"population": "domestic", "scale": "enumerated", "legal_basis": "statute"}, set()),
    ("surv.track.person", {"population": "domestic", "scale": "enumerated", "legal_basis": "consent"}, set()),
    (
        "surv.track.person",
        {"population": "domestic", "scale": "enumerated", "legal_basis": "none-needed"},
        {"E1+.no-basis"},
    ),
    ("surv.track.person", {"population": "foreign", "scale": "enumerated", "legal_basis": "none-needed"}, set()),
    ("surv.track.person", {"population": "domestic", "scale": "individual"}, set()),
    ("surv.track.person", {"population": "consenting", "scale": "mass", "data_source": "biometric"}, set()),
    ("surv.track.person", {"population": "domestic", "scale": "none"}, {"E1+.no-scale"}),
    ("surv.track.person", {"population": "own-staff", "scale": "none"}, set()),
    ("gen.search", {"population": "domestic", "scale": "mass", "data_source": "purchased"}, {"E1+.bulk-data"}),
    ("gen.search", {"population": "domestic", "scale": "mass", "data_source": "own-system"}, set()),
    ("gen.search", {"population": "foreign", "scale": "mass", "data_source": "purchased"}, set()),
    ("gen.search", {"population": "domestic", "scale": "individual", "data_source": "purchased"}, set()),
    ("gen.search", {"population": "domestic", "scale": "enumerated", "data_source": "purchased"}, set()),
    ("gen.search", {"population": "domestic", "scale": "none", "data_source": "intercepted"}, {"E1+.bulk-data"}),
    ("gen.search", {"population": "mixed", "scale": "mass", "data_source": "biometric"}, {"E1+.bulk-data"}),
]

WEAPONS: Final[list[Line]] = [
    ("force.engage", {"weapon_autonomy": "full", "oversight": "approve"}, {"E2.autonomy"}),
    ("force.engage", {"weapon_autonomy": "supervised", "oversight": "approve"}, set()),
    ("force.engage", {"weapon_autonomy": "supervised", "oversight": "supervise"}, set()),
    ("force.engage", {"weapon_autonomy": "semi", "oversight": "supervise"}, set()),
    ("force.engage", {"weapon_autonomy": "semi", "oversight": "none"}, {"E2.oversight"}),
    ("force.engage", {"weapon_autonomy": "semi", "oversight": "advisory"}, {"E2+.only-advice"}),
    ("force.target.select", {"weapon_autonomy": "not-weapon", "oversight": "approve"}, {"E2+.not-a-weapon"}),
    ("force.target.select", {"weapon_autonomy": "decision-support", "oversight": "approve"}, set()),
    ("force.plan", {"weapon_autonomy": "not-weapon", "oversight": "advisory"}, set()),
    ("force.battle.manage", {"weapon_autonomy": "full", "oversight": "supervise"}, set()),
    ("force.battle.manage", {"weapon_autonomy": "supervised", "oversight": "none"}, set()),
    ("force.battle.manage", {"weapon_autonomy": "full", "oversight": "none"}, {"E2+.autonomous-force"}),
    ("force.autonomy.research", {"weapon_autonomy": "full", "oversight": "none", "effect": "none"}, set()),
    (
        "force.autonomy.research",
        {"weapon_autonomy": "full", "oversight": "none", "effect": "physical"},
        {"E2+.autonomous-force"},
    ),
    ("gen.code", {"effect": "lethal", "oversight": "advisory"}, {"E2+.unwatched-effect"}),
    ("gen.code", {"effect": "kinetic", "oversight": "none"}, {"E2+.unwatched-effect"}),
    ("gen.code", {"effect": "lethal", "oversight": "supervise"}, set()),
    ("gen.code", {"effect": "physical", "oversight": "none"}, set()),
]

LEAKS: Final[list[Line]] = [
    (
        "force.autonomy.research",
        {"weapon_autonomy": "full", "oversight": "none", "effect": "lethal"},
        {"E2+.autonomous-force", "E2+.unwatched-effect"},
    ),
    ("force.battle.manage", {"weapon_autonomy": "full", "oversight": "none"}, {"E2+.autonomous-force"}),
    (
        "force.engage",
        {"weapon_autonomy": "not-weapon", "oversight": "advisory"},
        {"E2+.not-a-weapon", "E2+.only-advice"},
    ),
    ("gen.analysis", {"population": "domestic", "scale": "mass", "data_source": "purchased"}, {"E1+.bulk-data"}),
    ("surv.profile.bulk", {"population": "domestic", "scale": "none"}, {"E1+.no-scale"}),
]

WATCHING: Final = (
    *("surv.track.person", "surv.profile.bulk", "surv.biometric.id", "surv.biometric.category", "surv.emotion"),
    *("surv.score.social", "surv.deanon", "intel.foreign", "intel.counter", "intel.osint.read"),
)
TOUCHY: Final = ("purchased", "intercepted", "biometric")
ENGAGING: Final = ("force.target.select", "force.engage")
HARM: Final = ("kinetic", "lethal")

OVERLAPS: Final[list[Line]] = [
    *(
        (use, {"population": "domestic", "scale": scale, "data_source": data}, {clause, "E1+.bulk-data"})
        for use in WATCHING
        for data in TOUCHY
        for scale, clause in (("mass", "E1"), ("none", "E1+.no-scale"))
    ),
    *(
        (use, {"weapon_autonomy": "full", "oversight": oversight}, {"E2.autonomy", clause, "E2+.autonomous-force"})
        for use in ENGAGING
        for oversight, clause in (("none", "E2.oversight"), ("advisory", "E2+.only-advice"))
    ),
    *(
        (use, {"weapon_autonomy": "not-weapon", "oversight": "none"}, {"E2.oversight", "E2+.not-a-weapon"})
        for use in ENGAGING
    ),
    *(
        (
            use,
            {"weapon_autonomy": "semi", "oversight": oversight, "effect": effect},
            {clause, "E2+.unwatched-effect"},
        )
        for use in ENGAGING
        for effect in HARM
        for oversight, clause in (("none", "E2.oversight"), ("advisory", "E2+.only-advice"))
    ),
    *(
        (
            use,
            {"weapon_autonomy": "full", "oversight": "none", "effect": effect},
            {"E2+.autonomous-force", "E2+.unwatched-effect"},
        )
        for use in ("force.battle.manage", "force.autonomy.research")
        for effect in HARM
    ),
]
"""Where several clauses forbid the same: each by itself, so that none of them is there for nothing."""
