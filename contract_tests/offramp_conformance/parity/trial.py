"""Puts cases to the vendors and grades what comes back."""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from itertools import chain
from typing import TypeAlias

from offramp.types import AnyResponse, filled, value
from offramp_conformance.parity.answers import Came, digest_of
from offramp_conformance.parity.asking import Asks, Book, Question, Role, asked
from offramp_conformance.parity.golden_set import Case
from offramp_conformance.parity.graders import grade_all
from offramp_conformance.parity.graders.grade import Ungraded
from offramp_conformance.parity.judge import Matched, judgements, preference
from offramp_conformance.parity.plan import ParityPlan
from offramp_conformance.parity.results import AnswerResult, CaseResult, Preference

_Match: TypeAlias = tuple[Case, Came, Came]


@value
class Trial:
    """The endpoints, and how they are asked."""

    _: KW_ONLY
    old: Asks
    new: Asks
    judge: Asks | None
    plan: ParityPlan
    salt: bytes
    book: Book

    async def results(self, cases: Sequence[Case]) -> list[CaseResult]:
        """The old vendor with all its repeats, one after the other over all cases; then the new one; then the judge."""
        old = await self._answers(cases, self.old, "old", self.plan.repeats_old)
        new = await self._answers(cases, self.new, "new", self.plan.repeats_new)
        preferences = await self._preferences([(case, old[case.id][0], new[case.id][0]) for case in cases], 1)
        repeated = [(case, old[case.id][0], old[case.id][1]) for case in cases if self.plan.repeats_old > 1]
        own_preferences = await self._preferences(repeated, 3)
        return [
            CaseResult(
                case.id,
                cluster=case.cluster,
                slices=case.slices,
                weight=case.weight,
                old=tuple(self._graded(case, came) for came in old[case.id]),
                new=tuple(self._graded(case, came) for came in new[case.id]),
                preference=preferences.get(case.id),
                own_preference=own_preferences.get(case.id),
            )
            for case in cases
        ]

    async def _answers(self, cases: Sequence[Case], asks: Asks, role: Role, repeats: int) -> dict[str, list[Came]]:
        found: dict[str, list[Came]] = {case.id: [] for case in cases}
        for number in range(1, repeats + 1):
            questions = [Question(case.id, role=role, number=number, request=case.request) for case in cases]
            for case, came in zip(cases, await self._asked(questions, asks), strict=True):
                found[case.id].append(came)
        return found

    async def _preferences(self, matches: Sequence[_Match], number: int) -> dict[str, Preference]:
        """Of the cases that have a judge. One that was not answered on both sides is not shown to it."""
        if self.judge is None:
            return {}
        judged = [match for match in matches if match[0].judge is not None]
        shown = [(case, pair) for case, *pair in judged if all(came.outcome == "answered" for came in pair)]
        questions = list(chain.from_iterable(_questions(case, pair, number) for case, pair in shown))
        came = await self._asked(questions, self.judge)
        found = {case.id: Preference("not_tried", reason="not answered on both sides") for case, *_ in judged}
        for (case, _), first, second in zip(shown, came[::2], came[1::2], strict=True):
            found[case.id] = preference(first, second)
        return found

    async def _asked(self, questions: Sequence[Question], asks: Asks) -> list[Came]:
        return await asked(questions, asks, parallel=self.plan.parallel, book=self.book)

    def _graded(self, case: Case, came: Came) -> AnswerResult:
        response = came.response
        if response is None:
            return AnswerResult(came.outcome, reason=came.reason)
        made = _described(came, response, self.salt)
        if came.outcome == "answered" and case.single:
            try:
                grade = grade_all(case.single, response)
            except Ungraded as error:
                return filled(made, outcome="not_tried", reason=f"ungraded: {error}")
            return filled(made, score=grade.score, why=grade.why)
        return made


def _questions(case: Case, pair: Sequence[Came], number: int) -> list[Question]:
    one, other = (came.response for came in pair)
    judge = case.judge
    if judge is None or one is None or other is None:
        return []
    matched = Matched(judge=judge, conversation=case.request.messages, one=one, other=other)
    requests = enumerate(judgements(matched), number)
    return [Question(case.id, role="judge", number=at, request=request) for at, request in requests]


def _described(came: Came, response: AnyResponse, salt: bytes) -> AnswerResult:
    return AnswerResult(
        came.outcome,
        reason=came.reason,
        digest=digest_of(response, salt),
        model=response.origin.model if response.origin else None,
        total_s=response.timings.total_s,
        first_output_s=response.timings.first_output_s,
        input_tokens=response.usage.input_tokens,
        output_tokens=response.usage.output_tokens,
    )
