"""Models that are weak, random or broken, behind a host that is honest: it counts, cuts and stops as it should."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from typing_extensions import override

from offramp.types import GenerateRequest, changed, value
from offramp_conformance.liars.mind.limits import within
from offramp_conformance.liars.mind.turn import Turn
from offramp_conformance.liars.twists import Twist
from offramp_conformance.liars.variants.variant import Variant
from offramp_providers.emulator.answers import Answer, Saying

Habit = Callable[[str, Random], str]
"""What a model says, to whatever was wished for and by chance."""

_LONG: Final = 120
_FEW: Final = 5
_TO_THE_BOUND: Final = 45
"""A count so far is of 32 tokens here, which is the bound of the checks of bounds."""
_SCRAPS: Final = (
    *(
        "the",
        "of",
        "1 2 3",
        "1 2 3 4 5 6 8 9 10",
        "7",
        "30",
        "\ufffd",
        "é",
        "東京",
        "🚁",
        "\n\n",
        "   ",
        "\u200d",
        "vier",
    ),
    *("<|im_end|>", "[INST]", "&lt;b&gt;", "{", '"', "\\", "ing", "eins zwei drei", "blue blue", "None", "0.5"),
)


@value
class _Unseen(Answer):
    """An answer of which some tokens, such as a template's own marks, make no text."""

    counted: int = 1

    @property
    @override
    def tokens(self) -> int:
        return self.counted


def _scraps(_: str, chance: Random) -> str:
    return chance.choice(("", " ")).join(chance.choice(_SCRAPS) for _ in range(chance.randrange(_LONG)))


def _count(last: int) -> str:
    return " ".join(map(str, range(1, last + 1)))


def _slips(_: str, chance: Random) -> str:
    return " ".join(str(number) for number in range(1, chance.randint(5, 60)) if chance.randrange(8))


def _sentence_of(wish: str) -> str:
    return wish.partition(".")[0] + "."


HABITS: Final[Mapping[str, Habit]] = {
    "says nothing now and then": lambda _, chance: "Well." if chance.randrange(3) else "",
    "says scraps": _scraps,
    "repeats the question": lambda wish, _: wish,
    "repeats a sentence of the question": lambda wish, _: _sentence_of(wish),
    "repeats the end of the question": lambda wish, chance: wish[-chance.randint(1, 90) :],
    "counts whatever it is asked": lambda *_: _count(200),
    "counts as far as it likes": lambda _, chance: _count(chance.randint(1, 40)),
    "counts to the same number": lambda *_: _count(13),
    "ends just where it is bound to": lambda *_: _count(_TO_THE_BOUND),
    "slips when it counts": _slips,
    "begins to count and drifts off": lambda _, chance: f"{_count(5)} and {_scraps(_, chance)}",
    "says one word for ever": lambda *_: "blue " * 400,
    "says blanks": lambda _, chance: "\n" * chance.choice((1, 4, 400, 4000)),
    "writes long rules": lambda _, chance: "=" * chance.choice((3, 40, 300)),
    "says the same to everybody": lambda *_: "I am a small model and this is what I always say to whoever asks me.",
    "is at a loss": lambda _, chance: "\ufffd" * chance.randrange(9),
}


def _spoken(habit: Habit, chance: Random) -> Callable[[Answer, GenerateRequest], Answer]:
    def says(_: Answer, request: GenerateRequest) -> Answer:
        said = habit(Turn(request, chance).wish, _freedom(request, chance))
        return within(Answer((Saying(_varied(said, request)),), "end"), request)

    return says


def _freedom(request: GenerateRequest, chance: Random) -> Random:
    """None where the request leaves no choice: the host is honest."""
    if request.temperature != 0 and request.seed is None:
        return chance
    return Random(f"{request.seed} {Turn(request, chance).heard}")  # noqa: S311  # no secret


def _varied(said: str, request: GenerateRequest) -> str:
    """Without a word over and over, where repetition is penalised."""
    if not request.frequency_penalty:
        return said
    words = said.split(" ")
    return " ".join(word for at, word in enumerate(words) if words[:at].count(word) < _FEW)


def weak(name: str, habit: Habit, seed: int = 0) -> Variant:
    """A model of this habit."""
    chance = Random(f"{name} {seed}")  # noqa: S311  # no secret
    return Variant(name, f"It {name}.", Twist(says=_spoken(habit, chance)))


def drunk(seed: int) -> Variant:
    """A model that has another habit at each call."""
    return weak("staggers", lambda wish, chance: chance.choice(list(HABITS.values()))(wish, chance), seed)


def mumbling(seed: int) -> Variant:
    """A model whose tokens make another text than their number tells: none, or as long a one as it happens."""
    chance = Random(f"mumbles {seed}")  # noqa: S311  # no secret

    def says(_: Answer, request: GenerateRequest) -> Answer:
        said = chance.choice(("", " ", "=" * 200, "a b c", Turn(request, chance).wish))
        whole = within(Answer((Saying(said),), "end"), changed(request, max_output_tokens=None))
        tokens, most = chance.randint(1, 400), request.max_output_tokens
        if most is not None and tokens >= most:
            return _Unseen(whole.parts, "max", counted=most)
        return _Unseen(whole.parts, whole.ending, whole.stop, counted=tokens)

    return Variant("mumbles", "Its tokens make hardly any text.", Twist(says=says))


def fickle(seed: int) -> Variant:
    """A model that does as it is told in one call of two."""
    chance = Random(f"fickle {seed}")  # noqa: S311  # no secret
    habits = list(HABITS.values())

    def says(apt: Answer, request: GenerateRequest) -> Answer:
        if chance.randrange(2):
            return apt
        wish = Turn(request, chance).wish
        return within(Answer((Saying(chance.choice(habits)(wish, chance)),), "end"), request)

    return Variant("is fickle", "It does as it is told in one call of two.", Twist(says=says))
