"""The closed vocabulary of policy: what a mission may be used for (`use/0`), and the facets that draw the lines."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, field
from typing import Final, Literal, TypeAlias, get_args

from offramp.types import value

UseCode: TypeAlias = Literal[
    "surv.track.person",
    "surv.profile.bulk",
    "surv.biometric.id",
    "surv.biometric.category",
    "surv.emotion",
    "surv.score.social",
    "surv.deanon",
    "justice.predict",
    "justice.decide",
    "justice.admin",
    "intel.foreign",
    "intel.counter",
    "intel.osint.read",
    "force.target.select",
    "force.engage",
    "force.weapon.develop",
    "force.weapon.cbrn",
    "force.battle.manage",
    "force.plan",
    "force.autonomy.research",
    "cyber.defend",
    "cyber.test.authorised",
    "cyber.attack",
    "infra.operate.safety",
    "infra.disrupt",
    "act.physical.hazard",
    "decide.credit",
    "decide.employment",
    "decide.housing",
    "decide.insurance",
    "decide.education",
    "decide.health",
    "decide.benefits",
    "decide.migration",
    "decide.other",
    "advise.legal",
    "advise.medical",
    "advise.finance",
    "influence.campaign",
    "influence.deceive",
    "speech.censor.state",
    "content.sexual",
    "content.minor.harm",
    "gen.draft",
    "gen.summarise",
    "gen.translate",
    "gen.code",
    "gen.search",
    "gen.logistics",
    "gen.training",
    "gen.analysis",
]
"""`force.autonomy.research` is not fielded and stays on a test range. The families read as words: `surv` surveillance,
`intel` intelligence, `force` armed force, `infra` infrastructure, `act` acting on the world, `gen` office work."""

USE_CODES: Final[tuple[UseCode, ...]] = get_args(UseCode)

Oversight: TypeAlias = Literal["approve", "supervise", "none", "advisory", "unstated"]
"""Of the effect, not of the chat. `approve`: a qualified person approves each effect; `supervise`: watches, and can
stop it in time; `advisory`: the output only informs a person who decides separately."""
WeaponAutonomy: TypeAlias = Literal["not-weapon", "decision-support", "semi", "supervised", "full", "unstated"]
Population: TypeAlias = Literal["none", "consenting", "own-staff", "foreign", "domestic", "mixed", "unstated"]
"""`domestic`: nationals or residents of the operator's own state."""
Scale: TypeAlias = Literal["individual", "enumerated", "mass", "none", "unstated"]
"""`enumerated`: listed in advance under an individual legal basis; `mass`: not so, or aggregated over a population."""
DataOrigin: TypeAlias = Literal["own-system", "public", "purchased", "intercepted", "biometric", "none", "unstated"]
LegalBasis: TypeAlias = Literal["consent", "judicial", "statute", "none-needed", "unstated"]
RealEffect: TypeAlias = Literal["none", "administrative", "legal", "physical", "kinetic", "lethal", "unstated"]
Customer: TypeAlias = Literal["civil-gov", "defence", "intelligence", "law-enforcement", "private", "unstated"]
Channel: TypeAlias = Literal["vendor-api", "cloud-market", "dedicated", "self-host", "edge", "unstated"]

Facet: TypeAlias = Literal[
    "oversight",
    "weapon_autonomy",
    "population",
    "scale",
    "data_source",
    "legal_basis",
    "effect",
    "customer",
    "channel",
]
"""The facets on which a clause may rest."""

FACETS: Final[Mapping[Facet, tuple[str, ...]]] = {
    "oversight": get_args(Oversight),
    "weapon_autonomy": get_args(WeaponAutonomy),
    "population": get_args(Population),
    "scale": get_args(Scale),
    "data_source": get_args(DataOrigin),
    "legal_basis": get_args(LegalBasis),
    "effect": get_args(RealEffect),
    "customer": get_args(Customer),
    "channel": get_args(Channel),
}

UNSTATED: Final = "unstated"
"""It meets every condition of a forbid, and none of a permit."""


@value
class Jurisdiction:
    """ISO 3166 country codes. Recorded for people and reports; no clause rests on them yet."""

    _: KW_ONLY
    operator: str | None = None
    processing: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()


@value
class Facets:
    """What a mission says of itself. Whatever it leaves out is `unstated`."""

    _: KW_ONLY
    oversight: Oversight = "unstated"
    weapon_autonomy: WeaponAutonomy = "unstated"
    population: Population = "unstated"
    scale: Scale = "unstated"
    data_source: DataOrigin = "unstated"
    legal_basis: LegalBasis = "unstated"
    effect: RealEffect = "unstated"
    customer: Customer = "unstated"
    channel: Channel = "unstated"
    """How the vendor is reached. What the configuration says of an endpoint comes first."""
    classification: str | None = None
    """A word of the organisation's own ordered list. None: not stated."""
    jurisdiction: Jurisdiction = field(default_factory=Jurisdiction)
