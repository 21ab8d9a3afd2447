"""What counts as an accusation: the same for a liar that is to be caught and for an honest vendor that is not."""

from collections.abc import Iterable

from offramp_conformance.suite.results import CheckResult


def refuted(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """The refuted checks of what the endpoint owes or claims."""
    counted = ("owed", "required", "claimed")
    return tuple(each for each in results if each.state == "refuted" and each.standing in counted)


def accusations(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """Those of them that every vendor must or should keep. That it lacks what it disclaims is no accusation."""
    return tuple(each for each in refuted(results) if each.level != "MAY")
