"""The codes of policy in plain words, for whoever reads a page and not the source. The code is what is meant."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from offramp.contracts.uses import FACETS, USE_CODES, Facet, UseCode

USES: Final[Mapping[UseCode, str]] = {
    "surv.track.person": "follow or identify a person over time",
    "surv.profile.bulk": "make profiles of many people",
    "surv.biometric.id": "tell who somebody is by face, voice or gait",
    "surv.biometric.category": "sort people by what their bodies show",
    "surv.emotion": "read emotions of people",
    "surv.score.social": "score people by their conduct",
    "surv.deanon": "find out who stands behind data without names",
    "justice.predict": "predict crime or offenders",
    "justice.decide": "decide, or suggest a decision, in policing or a court",
    "justice.admin": "paperwork of police and courts",
    "intel.foreign": "intelligence about foreign states and people",
    "intel.counter": "counter-intelligence",
    "intel.osint.read": "read open sources for intelligence",
    "force.target.select": "select targets",
    "force.engage": "engage targets",
    "force.weapon.develop": "develop or test weapons, their software included",
    "force.weapon.cbrn": "chemical, biological, radiological or nuclear weapons",
    "force.battle.manage": "run operations in battle",
    "force.plan": "plan military operations",
    "force.autonomy.research": "research into autonomous weapons, on a test range alone",
    "cyber.defend": "defend computers",
    "cyber.test.authorised": "attack computers as a test that their owner has ordered",
    "cyber.attack": "attack computers of others",
    "infra.operate.safety": "run safety functions of infrastructure",
    "infra.disrupt": "disrupt infrastructure",
    "act.physical.hazard": "move equipment that can hurt people",
    "decide.credit": "decide on people's credit",
    "decide.employment": "decide on people's work",
    "decide.housing": "decide on people's housing",
    "decide.insurance": "decide on people's insurance",
    "decide.education": "decide on people's education",
    "decide.health": "decide on people's health",
    "decide.benefits": "decide on people's benefits",
    "decide.migration": "decide on people's migration",
    "decide.other": "decide on people otherwise",
    "advise.legal": "advise on law",
    "advise.medical": "advise on medicine",
    "advise.finance": "advise on money",
    "influence.campaign": "campaign in politics",
    "influence.deceive": "deceive the public",
    "speech.censor.state": "censor for a state",
    "content.sexual": "sexual content",
    "content.minor.harm": "content that harms minors",
    "gen.draft": "draft texts",
    "gen.summarise": "summarise texts",
    "gen.translate": "translate texts",
    "gen.code": "write code",
    "gen.search": "search",
    "gen.logistics": "logistics",
    "gen.training": "train people",
    "gen.analysis": "analyse data",
}

FACET_WORDS: Final[Mapping[Facet, str]] = {
    "oversight": "What people do about each effect. approve: a qualified person approves it; supervise: watches and can"
    " stop it in time; advisory: is informed, and decides apart from it; none: nothing.",
    "weapon_autonomy": "How far a weapon acts by itself: not-weapon, decision-support, semi, supervised, full.",
    "population": "Whom the data is about. domestic: nationals or residents of the operator's own state; foreign:"
    " others; mixed: both; own-staff: the operator's own; consenting: who has agreed; none: nobody.",
    "scale": "How many. individual: one by one; enumerated: listed in advance under an individual legal basis; mass:"
    " not so, or aggregated over a population; none: nobody.",
    "data_source": "Where the data comes from: own-system, public, purchased, intercepted, biometric, none.",
    "legal_basis": "On what it rests: consent, judicial (a court's order), statute, none-needed.",
    "effect": "What follows in the world: none, administrative, legal, physical, kinetic (by force), lethal.",
    "customer": "For whom: civil-gov, defence, intelligence, law-enforcement, private.",
    "channel": "How the vendor is reached: vendor-api, cloud-market, dedicated, self-host, edge.",
}

UNSTATED_WORDS: Final = "Not declared. It meets every condition of a prohibition, and none of a permission."


def glossary(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each code that stands in these texts, and what it means."""
    text = " ".join(texts)
    words = set(text.replace(",", " ").replace(";", " ").split())
    for code in USE_CODES:
        if code in words or f"{code.partition('.')[0]}.*" in words:
            yield code, USES[code]
    if "*" in words:
        yield "*", "any use"
    yield from ((facet, FACET_WORDS[facet]) for facet in FACETS if facet in words)
    if "unstated" in words:
        yield "unstated", UNSTATED_WORDS
