"""What single pieces of evidence amount to: harmed signs, errors in place of a refusal, samples that are alike."""

import html
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import OfframpError, ProviderError, ProviderErrorKind
from offramp.types import GenerateRequest, Message, Outcome, OutcomeKind, Response, Text, Usage
from offramp_conformance.checks.coming_back import came_back, signs_came_back
from offramp_conformance.checks.errors.provoking import told_as
from offramp_conformance.checks.parameters.logprobs_seen import logprobs_of
from offramp_conformance.checks.parameters.stop import goes_beyond, told_where_stopped
from offramp_conformance.checks.probing import Variety, cut_at_bound, numbers_in
from offramp_conformance.checks.streaming import is_rest_of_count
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.sending import HungUp

SENT = "Zürich, 東京, Kraków, שלום, नमस्ते, 🚁"
SIGNS = 'C:\\temp\\new "quoted" <b>&amp;</b> {"a": [1, 2]} 100% $5 ~ `x`'
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

    assert cut_at_bound(answer, bound=16, last=10).sight == sight


@pytest.mark.parametrize(
    ("text", "is_beyond"),
    [
        ("1 2 3 4 5 6 ", False),
        ("1 2 3 4 5 6 7", False),
        ("1 2 3 4 5 6 7 \n", False),
        ("1 2 3 4 5 6 8 9 10", False),
        ("1 2 3 4 5 and 1000 more", False),
        ("1 2 3 4 5 6 7 8", True),
        ("1 2 3 4 5 17 18", True),
    ],
)
def test_a_model_that_leaves_out_the_stop_sequence_has_not_gone_beyond_it(text: str, *, is_beyond: bool):
    assert goes_beyond(text, "7") is is_beyond


@given(st.text(), st.text(min_size=1, max_size=3))
def test_no_text_that_is_cut_before_a_stop_sequence_goes_beyond_it(text: str, stop: str):
    assert not goes_beyond(text.partition(stop)[0], stop)


@pytest.mark.parametrize(
    ("kind", "tokens", "sight"),
    [
        (OutcomeKind.STOP_SEQUENCE, 12, "held"),
        (OutcomeKind.COMPLETED, 12, "held"),
        (OutcomeKind.MAX_OUTPUT, 12, "broken"),
        (OutcomeKind.MAX_OUTPUT, 200, "unclear"),
        (OutcomeKind.MAX_OUTPUT, None, "unclear"),
        (OutcomeKind.TOOL_CALLS, 12, "unclear"),
        (OutcomeKind.CONTENT_FILTER, 12, "unclear"),
        (OutcomeKind.UNKNOWN, 12, "broken"),
    ],
)
def test_a_model_that_drifts_off_to_the_bound_is_not_taken_for_one_that_was_stopped(
    kind: OutcomeKind, tokens: int | None, sight: str
):
    answer = Response(Message("assistant", (Text("1 2 3 4 5 6 "),)), Outcome(kind), usage=Usage(output_tokens=tokens))

    assert told_where_stopped(answer, bound=200).sight == sight


@pytest.mark.parametrize(
    ("text", "sight"),
    [
        (SIGNS, "held"),
        (f"Sure:\n{SIGNS}", "held"),
        (html.escape(SIGNS), "broken"),
        (html.unescape(SIGNS), "broken"),
        (json.dumps(SIGNS), "broken"),
        ("the &lt;b&gt; of \\u003c and &quot; 7", "unclear"),
        ("", "unclear"),
    ],
)
def test_a_model_that_writes_escapes_of_its_own_is_not_taken_for_a_host_that_escapes(text: str, sight: str):
    assert signs_came_back(SIGNS, text).sight == sight


@pytest.mark.parametrize(
    ("text", "is_rest"),
    [
        (" ".join(map(str, range(4, 200))), True),
        ("1 " + " ".join(map(str, range(12, 40))), True),
        (" ".join(map(str, range(1, 40))), False),
        (" ".join(map(str, range(40, 1, -1))), False),
        ("3 4 5 6", False),
        ("", False),
    ],
)
def test_a_model_that_counts_from_one_is_not_taken_for_a_host_that_goes_on(text: str, *, is_rest: bool):
    assert is_rest_of_count(text) is is_rest


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
