"""What counts as an accusation: the same for a liar that is to be caught and for an honest vendor that is not."""

from collections.abc import Iterable

from offramp_conformance.suite.results import CheckResult


def named(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """The checks of what the endpoint owes or claims that are refuted, or that break more often than is tolerated."""
    counted = ("owed", "required", "claimed")
    return tuple(each for each in results if _is_told(each) and each.standing in counted)


def accusations(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """Those of them that every vendor must or should keep. That it lacks what it disclaims is no accusation."""
    return tuple(each for each in named(results) if each.level != "MAY")


def why(result: CheckResult) -> str:
    """What a check says of the endpoint, in a sentence."""
    return result.why if result.state == "refuted" or result.lapses is None else str(result.lapses)


def _is_told(result: CheckResult) -> bool:
    return result.state == "refuted" or result.lapse_standing == "beyond"
