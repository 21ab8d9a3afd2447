"""Wire values with garbage in some places, for tests that nothing from a vendor crashes a codec."""

import copy
import json
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

GARBAGE: Final = st.sampled_from(
    [None, True, 7, 1.5, "", "x", [], [None], ["x"], {}, {"type": 3}, {"a": None}, [{"type": "text"}]]
).map(copy.deepcopy)

FAST: Final = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def mutated(draw: st.DrawFn, body: Any, *, removing: bool = True) -> Any:
    """A copy with garbage in up to three places.

    Args:
        draw: Hypothesis's own.
        body: what is copied.
        removing: whether some of it may be taken away altogether, required members included.
    """
    copied = copy.deepcopy(body)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(copied))
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        node: Any = copied
        for step in way:
            node = node[step]
        if removing and isinstance(node, dict) and draw(st.booleans()):
            del node[last]
        else:
            node[last] = draw(GARBAGE)
    return copied


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from _places(child, (*path, key))


def small(recorded: Iterator[Any]) -> list[Any]:
    """Those of some recorded interactions whose body is small enough to be mutated many times."""
    return [each for each in recorded if len(json.dumps(each[2])) < 6000]


def spelled(body: Any) -> str:
    """The body as text, in which true and 1 differ."""
    return json.dumps(body, sort_keys=True)
