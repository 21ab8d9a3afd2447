"""Ending where a limit says so: at the first stop sequence, or when the tokens are used up."""

from offramp.types import GenerateRequest
from offramp_providers.emulator.answers import Answer, Call, Denial, Part, Saying, Thought, words_of
from offramp_providers.emulator.words import tokens_in

_LETTERS_A_TOKEN = 4


def within(answer: Answer, request: GenerateRequest) -> Answer:
    """The answer as far as the request lets it go."""
    left = request.max_output_tokens
    parts: list[Part] = []
    for part in answer.parts:
        said, stop = _stopped(part, request.stop or ())
        cost = tokens_in(words_of(said))
        if left is not None and cost > left:
            return Answer((*parts, *_cut(said, left)), "max")
        parts.append(said)
        if stop is not None:
            return Answer(tuple(parts), "stop", stop)
        left = None if left is None else left - cost
    return Answer(tuple(parts), answer.ending, answer.stop)


def _stopped(part: Part, stops: tuple[str, ...]) -> tuple[Part, str | None]:
    """A text up to the first stop sequence in it, and which that was."""
    if not isinstance(part, Saying):
        return part, None
    met = min(((part.text.index(stop), stop) for stop in stops if stop and stop in part.text), default=None)
    return (part, None) if met is None else (Saying(part.text[: met[0]]), met[1])


def _cut(part: Part, tokens: int) -> tuple[Part, ...]:
    """As much of a part as so many tokens hold. A call is whole or not made."""
    letters = tokens * _LETTERS_A_TOKEN
    match part:
        case Call():
            return ()
        case Thought():
            return (Thought(part.text[:letters]),) if letters else ()
        case Denial():
            return (Denial(part.text[:letters]),) if letters else ()
        case Saying():
            return (Saying(part.text[:letters]),) if letters else ()
