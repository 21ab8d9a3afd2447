"""What single pieces of evidence amount to: harmed signs, errors in place of a refusal, samples that are alike."""

import unicodedata

import pytest

from offramp.errors import OfframpError, ProviderError, ProviderErrorKind
from offramp.types import GenerateRequest, Message, Outcome, OutcomeKind, Response, Text, Usage
from offramp_conformance.checks.errors.provoking import told_as
from offramp_conformance.checks.parameters.logprobs_seen import logprobs_of
from offramp_conformance.checks.probing import Variety, numbers_in, told_where_cut
from offramp_conformance.checks.text import came_back
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.sending import HungUp

SENT = "Zürich, 東京, Kraków, שלום, नमस्ते, 🚁"
K = ProviderErrorKind


@pytest.mark.parametrize(
    ("text", "sight"),
    [
        (SENT, "held"),
        (f"Sure! Here it is:\n\n{SENT}\n\nAnything else?", "held"),
        (unicodedata.normalize("NFD", SENT), "held"),
        (SENT.replace("東", "\ufffd"), "broken"),
        (SENT.encode().decode("latin-1"), "broken"),
        (SENT.encode("ascii", "backslashreplace").decode(), "broken"),
        (SENT.encode("ascii", "replace").decode(), "broken"),
        (SENT.encode("ascii", "ignore").decode(), "broken"),
        (SENT.replace("🚁", ""), "broken"),
        ("I would rather not.", "unclear"),
        ("\ufffd\ufffd ing the \ufffd of 7", "unclear"),
        ("Zürich, Tokyo, Kraków, shalom, namaste and a helicopter", "unclear"),
        ("", "unclear"),
    ],
)
def test_a_model_that_did_not_repeat_is_not_taken_for_a_host_that_does_harm(text: str, sight: str):
    assert came_back(SENT, text).sight == sight


def test_signs_cut_in_halves_are_seen_even_where_nearly_all_are_such():
    joined = "\U0001f469\u200d\U0001f680 \U0001f1fa\U0001f1e6 \u2764\ufe0f"
    halves = "".join(each if ord(each) < 0x10000 else "\ufffd\ufffd" for each in joined)

    assert came_back(joined, halves).sight == "broken"
    assert came_back(joined, "\ufffd\ufffd ing the \ufffd of 7").sight == "unclear"


@pytest.mark.parametrize(
    ("text", "tokens", "kind", "sight"),
    [
        ("1 2 3 4 5 6 7", 16, OutcomeKind.MAX_OUTPUT, "held"),
        ("1 2 3 4 5 6 7 8", 16, OutcomeKind.COMPLETED, "broken"),
        ("1, 2, 3, 4, 5, 6, 7, 8, 9, 1", 16, OutcomeKind.COMPLETED, "broken"),
        ("1 2 3 4 5 6 7 8", 15, OutcomeKind.COMPLETED, "unclear"),
        ("1 2 3 4 5 6 7 8", None, OutcomeKind.COMPLETED, "unclear"),
        ("1 2 3 4 5 6 7 8 …", 16, OutcomeKind.COMPLETED, "unclear"),
        ("ing the of 7 \ufffd lo", 16, OutcomeKind.COMPLETED, "unclear"),
        ("1 2 3 4 5 6 7 8 9 10", 16, OutcomeKind.COMPLETED, "unclear"),
        ("", 16, OutcomeKind.COMPLETED, "unclear"),
    ],
)
def test_a_model_that_ends_just_at_the_bound_is_not_taken_for_a_host_that_hides_the_cut(
    text: str, tokens: int | None, kind: OutcomeKind, sight: str
):
    answer = Response(Message("assistant", (Text(text),)), Outcome(kind), usage=Usage(output_tokens=tokens))

    assert told_where_cut(answer, bound=16, last=10).sight == sight


def failed(error: OfframpError | None) -> Exchanged:
    return Exchanged(GenerateRequest(()), error=error)


@pytest.mark.parametrize(
    ("error", "sight"),
    [
        (ProviderError("no", kind=K.INVALID_REQUEST, status=400), "held"),
        (ProviderError("no", kind=K.SERVER, status=500), "broken"),
        (ProviderError("no", kind=K.AUTHENTICATION, status=401), "broken"),
        (ProviderError("no", kind=K.MALFORMED, status=200), "broken"),
        (ProviderError("no", kind=K.MALFORMED, status=404, answered_by="page"), "held"),
        (ProviderError("no", kind=K.MALFORMED, status=200, answered_by="page"), "broken"),
        (ProviderError("no", kind=K.RATE_LIMITED, status=429), "unclear"),
        (ProviderError("no", kind=K.CONNECTION), "unclear"),
        (HungUp("no end"), "broken"),
        (None, "broken"),
    ],
)
def test_a_fault_of_the_caller_s_is_told_as_one(error: OfframpError | None, sight: str):
    assert told_as(failed(error), (K.INVALID_REQUEST,), "a fault").sight == sight


@pytest.mark.parametrize(
    ("texts", "is_one", "likeness"),
    [
        (("a b c", "a b c ", "a b c"), True, 1.0),
        (("a b c d", "a b x y"), False, 0.5),
        (("a b", "c d"), False, 0.0),
    ],
)
def test_samples_are_compared_word_by_word(texts: tuple[str, ...], likeness: float, *, is_one: bool):
    variety = Variety(texts)

    assert (variety.is_one, variety.likeness) == (is_one, likeness)


def test_numbers_are_found_however_they_are_set_apart():
    assert numbers_in("1, 2,3\n4 and five 6.") == [1, 2, 3, 4, 6]


@pytest.mark.parametrize(
    ("raw", "chosen", "alternatives"),
    [
        ({"choices": [{"logprobs": {"content": [{"logprob": -1, "top_logprobs": [{"logprob": -1}]}]}}]}, (-1.0,), (1,)),
        (
            {
                "logprobsResult": {
                    "chosenCandidates": [{"logProbability": -0.5}],
                    "topCandidates": [{"candidates": [{"logProbability": -0.5}, {"logProbability": -2}]}],
                }
            },
            (-0.5,),
            (2,),
        ),
        ({"logprobs": [{"token_ids": [1], "logprobs": [-0.1, -0.2]}]}, (-0.1, -0.2), ()),
        ({"choices": [{"logprobs": None}]}, (), ()),
    ],
)
def test_log_probabilities_are_found_wherever_a_dialect_keeps_them(
    raw: dict[str, object], chosen: tuple[float, ...], alternatives: tuple[int, ...]
):
    seen = logprobs_of(Response(Message("assistant", ()), Outcome(OutcomeKind.COMPLETED), raw=raw))

    assert (seen.chosen, seen.alternatives) == (chosen, alternatives)
