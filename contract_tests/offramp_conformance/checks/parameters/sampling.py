"""How answers vary: temperature, top-p, top-k and the seed. Each is held against answers that are free to differ."""

from collections import Counter
from typing import Final

from offramp_conformance.checks.probing import Variety, improvised, is_refused, unless_it_follows
from offramp_conformance.checks.prompts import IMPROVISE
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, held, ignored, rejected, unclear
from offramp_conformance.suite.settings import Settings
from offramp_conformance.suite.subject import Subject

_SAMPLES: Final = 3
_CLEARLY_MORE_ALIKE: Final = 0.2
"""Difference in likeness from which on a setting is seen to work."""
_HARDLY_MORE_ALIKE: Final = 0.1
"""And below which it is not."""
_TOLERATED: Final = 0.1
"""Share of tries in which a few samples of a sound model may be as unlike as if they were free, by chance."""


def _compared(steady: Variety, free: Variety, name: str) -> Observation:
    """Answers under a setting that takes the choice away, against answers that are free to differ."""
    if free.is_one:
        return unclear("answers do not differ even where they may, so that nothing can be told")
    gained = steady.likeness - free.likeness
    if steady.is_one:
        return held()
    if _strays(steady, free):
        return ignored(f"of answers that are the same with {name}, one differs as much as without it")
    if gained >= _CLEARLY_MORE_ALIKE:
        return held()
    if gained < _HARDLY_MORE_ALIKE:
        return ignored(f"answers differ as much with {name} as without it")
    return unclear(f"answers are a little more alike with {name}, too little to tell")


def _strays(steady: Variety, free: Variety) -> bool:
    """Whether one answer, of others that are the same, is as unlike them as answers that are free to differ."""
    counts = Counter(text.strip() for text in steady.texts)
    (common, times), *others = counts.most_common()
    if times < len(steady.texts) - 1:
        return False
    return Variety((common, others[0][0])).likeness - free.likeness < _HARDLY_MORE_ALIKE


def warmth(subject: Subject) -> float | None:
    """A temperature at which answers differ. None: none may be given."""
    claim = subject.claim("temperature")
    return 1.0 if claim is None or claim.support in ("native", "emulated", "ignored") else None


@check(
    "parameters.temperature.enforced",
    level="MUST",
    axis="behaviour",
    proves="Answers are more alike at temperature 0 than at 1.",
    look_at="Whether the temperature reaches the model; whether answers come from a store of earlier ones.",
    verifies="temperature",
    trust="most",
    share=0.5,
    tolerated=_TOLERATED,
    calls=2 * _SAMPLES,
    controls=2,
)
async def temperature(subject: Subject) -> Observation:
    free = await improvised(subject, [Settings(temperature=1.0)] * _SAMPLES)
    if free.is_one:
        return await unless_it_follows(subject, ignored("answers at temperature 1 are the same, word for word"))
    return _compared(await improvised(subject, [Settings(temperature=0.0)] * _SAMPLES), free, "temperature 0")


@check(
    "parameters.top_p.enforced",
    level="MAY",
    axis="behaviour",
    proves="Answers are more alike with a top-p near 0.",
    look_at="Whether top-p reaches the model, and whether it is taken beside a temperature.",
    trust="most",
    share=0.5,
    tolerated=_TOLERATED,
    calls=2 * _SAMPLES + 1,
)
async def top_p(subject: Subject) -> Observation:
    if is_refused(await subject.ask(IMPROVISE, top_p=0.01)):
        return rejected("top-p is refused")
    free = await improvised(subject, [Settings()] * _SAMPLES)
    return _compared(await improvised(subject, [Settings(top_p=0.01)] * _SAMPLES), free, "a top-p near 0")


@check(
    "parameters.top_k.enforced",
    level="MUST",
    axis="behaviour",
    proves="Answers are more alike where only the likeliest token may be taken.",
    look_at="Whether top-k reaches the model.",
    verifies="top_k",
    trust="most",
    share=0.5,
    tolerated=_TOLERATED,
    calls=2 * _SAMPLES,
)
async def top_k(subject: Subject) -> Observation:
    free = await improvised(subject, [Settings(temperature=warmth(subject))] * _SAMPLES)
    steady = await improvised(subject, [Settings(temperature=warmth(subject), top_k=1)] * _SAMPLES)
    return _compared(steady, free, "a top-k of 1")


@check(
    "parameters.seed.enforced",
    level="MUST",
    axis="behaviour",
    proves="The same seed gives the same answer, more than another seed does.",
    look_at="Whether the seed reaches the model; whether the host mixes deployments.",
    verifies="seed",
    trust="most",
    share=0.5,
    tolerated=_TOLERATED,
    calls=2 * _SAMPLES,
)
async def seed(subject: Subject) -> Observation:
    others = [Settings(temperature=warmth(subject), seed=place) for place in range(11, 11 + _SAMPLES)]
    free = await improvised(subject, others)
    return _compared(
        await improvised(subject, [Settings(temperature=warmth(subject), seed=7)] * _SAMPLES),
        free,
        "one and the same seed",
    )


@check(
    "parameters.determinism",
    level="MUST",
    axis="behaviour",
    proves="The same request gets the same answer, word for word.",
    look_at="Batching, mixed hardware and silent updates at the host: few can promise this.",
    verifies="determinism",
    calls=_SAMPLES,
)
async def determinism(subject: Subject) -> Observation:
    coldest = Settings() if warmth(subject) is None else Settings(temperature=0.0)
    answers = await improvised(subject, [coldest] * _SAMPLES)
    if answers.is_one:
        return held()
    return ignored(f"{_SAMPLES} answers to one request at the lowest temperature are not the same")


@check(
    "parameters.seed.varies",
    level="SHOULD",
    axis="behaviour",
    proves="Another seed gives another answer.",
    look_at="Whether answers come from a store in which the seed is not part of the key.",
    verifies="seed",
    trust="most",
    share=0.5,
    calls=_SAMPLES,
    controls=2,
)
async def seed_varies(subject: Subject) -> Observation:
    settings = [Settings(temperature=warmth(subject), seed=place) for place in range(11, 11 + _SAMPLES)]
    answers = await improvised(subject, settings)
    if not answers.is_one:
        return held()
    if warmth(subject) is None:
        return unclear("no temperature can be given at which answers would differ")
    return await unless_it_follows(subject, ignored(f"answers under {_SAMPLES} seeds are the same, word for word"))
