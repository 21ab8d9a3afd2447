"""The line on which a value of a TOML file stands."""

import pytest

from offramp.policy.lines import line_of

TEXT = """\
schema = 1
a.b = 2

[[clauses]]
id = "one"
[[clauses.exceptions]]
uses = ["first"]
[[clauses.exceptions]]
uses = ["second"]

[[clauses]]  # another
id = "two"
when = { scale = ["mass"] }
[[clauses.exceptions]]
uses = ["third"]
[clauses.when]
"quoted" = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("schema",), 1),
        (("a", "b"), 2),
        (("clauses", 0, "id"), 5),
        (("clauses", 0, "exceptions", 1, "uses", 0), 9),
        (("clauses", 1, "when", "scale", 0), 13),
        (("clauses", 1, "exceptions", 0, "uses"), 15),
        (("clauses", 1, "when", "quoted"), 17),
        (("clauses", 1, "missing"), 11),
        (("clauses", 2, "id"), None),
        ((), None),
    ],
)
def test_a_value_is_found_or_the_nearest_table_around_it(path: tuple[str | int, ...], line: int | None):
    assert line_of(TEXT, path) == line
