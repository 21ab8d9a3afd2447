"""What a grader says of one answer."""

from offramp.types import value


@value
class Grade:
    """How good one answer is, from 0 to 1."""

    score: float
    why: str | None = None
    """What was missed, in words that hold nothing of the answer. None: nothing."""

    @property
    def passed(self) -> bool:
        """Whether nothing was missed."""
        return self.score == 1.0


PASSED = Grade(1.0)


def failed(why: str) -> Grade:
    """It missed this."""
    return Grade(0.0, why)


class Ungraded(Exception):
    """The grader itself failed, so that nothing is known of the answer."""
