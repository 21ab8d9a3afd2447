"""The word in which this vendor would say how an answer ended."""

import pytest

from offramp.types import Outcome, OutcomeKind
from offramp_providers.dialects.ollama_native.outcomes import word_of

WORDS = {
    "completed": "stop",
    "tool_calls": "stop",
    "empty": "stop",
    "stop_sequence": "stop",
    "max_output": "length",
    "context_exceeded": "length",
}


@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_only_where_a_word_would_be_true_is_one_written(kind: OutcomeKind):
    assert word_of(Outcome(kind, raw="theirs"), own=False) == WORDS.get(kind.value)


@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_its_own_word_comes_back_whatever_it_means(kind: OutcomeKind):
    assert word_of(Outcome(kind, raw="theirs"), own=True) == "theirs"
