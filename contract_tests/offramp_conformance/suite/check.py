"""A check: a plain async function that looks at one promise of an endpoint, and what is to be known of it beside."""

from collections.abc import Awaitable, Callable
from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from offramp.contracts.capability import Requirement
from offramp.types import value
from offramp_conformance.suite.lapses import TOLERATED
from offramp_conformance.suite.observations import Observation

if TYPE_CHECKING:
    from offramp_conformance.suite.subject import Subject

CheckLevel: TypeAlias = Literal["MUST", "SHOULD", "MAY"]
Axis: TypeAlias = Literal["wire", "behaviour"]
"""`wire`: requests are taken and answers can be read. `behaviour`: what is claimed really works. They are told apart
and never averaged; parity with another vendor is a third verdict, which no check gives."""

Trust: TypeAlias = Literal["every", "most"]
"""`every`: one try to the contrary refutes it, since no vendor may ever do so. `most`: a model may fail now and then;
it is held to the share of tries that its check asks for, and tries that break are told as its lapses. A try that no
model comes to by itself (`inexcusable`) refutes in either case."""

Run: TypeAlias = Callable[["Subject"], Awaitable[Observation]]

_AREAS: Final = frozenset(
    (
        *("text", "roles", "parameters", "streaming", "tools", "structured", "reasoning", "media", "context"),
        *("usage", "errors", "served", "caching", "isolation", "refusal", "policy", "handoff", "latency", "operations"),
    )
)


@value
class Check:
    """One promise, and how it is looked at."""

    id: str
    """Area and fact, such as `tools.results.order`. It never changes its meaning; a new meaning is a new id."""
    _: KW_ONLY
    level: CheckLevel
    axis: Axis
    proves: str
    """What holds where it is proven, in one sentence."""
    look_at: str
    """What to look at where it is refuted."""
    run: Run
    """One try. It says what it saw; asking again is the runner's."""
    verifies: Requirement | None = None
    """Which claim of a capability contract it proves or refutes. None: it is owed by every endpoint."""
    needs: tuple[Requirement, ...] = ()
    """What it has to use besides. Where the endpoint is known to lack one, it is not tried."""
    trust: Trust = "every"
    share: float = 1.0
    """Share of the clear tries that must hold, where `trust` is `most`."""
    tolerated: float = TOLERATED
    """Share of the clear tries that a sound endpoint may break, where `trust` is `most`. What breaks more often, and
    holds by its share all the same, is a finding, and cannot be certified."""
    calls: int = 1
    """How many calls one try makes, its controls aside. What a run may take is told by both, before it begins."""
    controls: int = 0
    """How many more a try makes at most, where it has to be told whether the endpoint or its model is at fault."""
    tries: int | None = None
    """How often to try. None: as often as the run says. 1 where a further try could see nothing new."""
    alone: bool = False
    """Whether nothing else may be asked meanwhile: it measures, or loads the endpoint."""

    @property
    def most_calls(self) -> int:
        """How many calls one try makes at most."""
        return self.calls + self.controls

    @property
    def area(self) -> str:
        """The first word of its id."""
        return self.id.partition(".")[0]

    def __post_init__(self) -> None:
        """Refuse a check that nobody could place."""
        if self.area not in _AREAS:
            raise ValueError(f"{self.id}: there is no area {self.area!r}")
        if not 0 < self.share <= 1 or (self.trust == "every" and self.share != 1):
            raise ValueError(f"{self.id}: a share below 1 goes with trust = 'most'")
        if self.trust == "most" and not 0 < self.tolerated < 1:
            raise ValueError(f"{self.id}: what is tolerated lies between 0 and 1")


def check(  # noqa: PLR0913  # each is a separate fact of the check, in words at the place where it is written
    id: str,  # noqa: A002  # the field's own name
    *,
    level: CheckLevel,
    axis: Axis,
    proves: str,
    look_at: str,
    verifies: Requirement | None = None,
    needs: tuple[Requirement, ...] = (),
    trust: Trust = "every",
    share: float = 1.0,
    tolerated: float = TOLERATED,
    calls: int = 1,
    controls: int = 0,
    tries: int | None = None,
    alone: bool = False,
) -> Callable[[Run], Check]:
    """Make a check of a function. Arguments as the fields of `Check`."""

    def made(run: Run) -> Check:
        return Check(
            id,
            level=level,
            axis=axis,
            proves=proves,
            look_at=look_at,
            run=run,
            verifies=verifies,
            needs=needs,
            trust=trust,
            share=share,
            tolerated=tolerated,
            calls=calls,
            controls=controls,
            tries=tries,
            alone=alone,
        )

    return made
