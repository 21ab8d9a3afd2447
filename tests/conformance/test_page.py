"""The page of a report: it needs nothing else, quotes nobody unescaped, and a browser shows and prints it."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from offramp_conformance.conform.page import page
from offramp_conformance.conform.plots import Interval, curves, intervals
from offramp_conformance.conform.report import SCHEMA_ID
from offramp_conformance.suite.lapses import lapses_among

SHA = "ab" * 32
EVIL = '<script>alert("x")</script>'


def result(check: str, state: str, **changes: Any) -> dict[str, Any]:
    call = {
        "request_sha256": SHA,
        "response_sha256": SHA,
        "status": 200,
        "error": None,
        "served": "m-1",
        "total_s": 0.25,
        "first_output_s": None,
        "sent": f"sent {EVIL}",
        "received": f"received {EVIL}",
    }
    sight = "held" if state == "proven" else "broken"
    return {
        "check": check,
        "state": state,
        "why": f"why {EVIL}",
        "level": "MUST",
        "axis": "behaviour",
        "standing": "owed",
        "applies": True,
        "counts": True,
        "verifies": None,
        "claim": None,
        "surprise": None,
        "proves": "It holds.",
        "look_at": "The vendor.",
        "pass_at_k": 1.0,
        "pass_hat_k": 0.5,
        "lapses": None,
        "gap_until": None,
        "tries": [{"number": 0, "sight": sight, "why": "", "excusable": True, "calls": [call]}],
        **changes,
    }


def endpoint(name: str, *results: dict[str, Any]) -> dict[str, Any]:
    return {
        "endpoint": name,
        "identity": {
            "developer": "acme",
            "host": "acme",
            "reseller": None,
            "model": EVIL,
            "region": None,
            "agreement": None,
        },
        "dialect": "openai_chat",
        "verdict": {
            "wire": "passed",
            "behaviour": "failed",
            "certifiable": False,
            "why_not": ["behaviour failed"],
            "key": SHA,
            "expires": "2026-12-26",
        },
        "states": {"proven": 1, "refuted": 1},
        "surprises": {},
        "lapses": {"beyond": 1},
        "stale_gaps": [],
        "calls": 3,
        "calls_in_flight": 0,
        "cost_usd": "0.0123",
        "unpriced_calls": 0,
        "results": list(results),
    }


def report(**changes: Any) -> dict[str, Any]:
    results = (result("text.answers", "proven"), result("text.follows", "refuted", surprise="claimed_but_failing"))
    return {
        "schema": SCHEMA_ID,
        "at": datetime(2026, 11, 26, 12, tzinfo=UTC).isoformat(),
        "mission": "triage",
        "level": "contract",
        "tries": 3,
        "most_tries": 60,
        "left_out": [],
        "passed": False,
        "parity": None,
        "parity_calls_in_flight": 0,
        "suite": {"offramp": "0.1.0", "checks": 2, "catalogue_sha256": SHA},
        "endpoints": [endpoint("a", *results), endpoint("b", *results)],
        **changes,
    }


ESTIMATE = {"difference": -0.01, "lower": -0.04, "upper": 0.02, "margin": 0.05, "standing": "non_inferior"}
PARITY = {
    "verdict": {"kind": "inconclusive", "reasons": ["the interval is wide"], "further_cases": 120, "equivalent": None},
    "estimates": [{"measure": "quality", **ESTIMATE}],
    "slices": [{"label": EVIL, "estimate": ESTIMATE}],
}


def test_the_published_schema_describes_it():
    schema = json.loads((files("offramp_conformance.conform") / "conform-report.schema.json").read_text("utf-8"))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(report(parity=PARITY), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report(verdict="fine"), schema)


def test_the_verdict_comes_first_and_the_findings_before_the_rest():
    shown = page(report(parity=PARITY))

    order = ["a was not shown to carry triage", "behaviour", "From b to a", "As good as the old one?",
             "How long answers took", "Findings", "All checks"]  # fmt: skip
    assert [shown.index(each) for each in order] == sorted(shown.index(each) for each in order)
    assert "About 120 further cases would be needed." in shown


def test_what_the_move_loses_is_counted_and_named():
    new = (result("text.answers", "refuted"), result("text.follows", "proven"), result("text.emoji", "inconclusive"))
    old = (result("text.answers", "proven"), result("text.follows", "refuted"), result("text.emoji", "proven"))
    new[2]["counts"] = False

    shown = page(report(endpoints=[endpoint("b", *new), endpoint("a", *old)]))

    text = " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", shown, flags=re.DOTALL).split())
    assert "Checks, by state proven at b refuted at b inconclusive at b proven at a 1 1 refuted at a 1" in text
    assert "Proven at a, not at b, and the verdict rests on it: text. answers ." in text
    assert "From" not in page(report(endpoints=[endpoint("b", *new)]))


def test_what_an_interruption_cost_is_told_where_there_was_one():
    again = {**endpoint("a", result("text.answers", "proven")), "calls_in_flight": 2}

    told = page(report(endpoints=[again], parity=PARITY, parity_calls_in_flight=3))
    untold = page(report(parity=PARITY))

    assert "calls made again" in told
    assert "3 calls were under way when the run was interrupted" in told
    assert "made again" not in untold


def test_a_finding_has_both_digests_whole_and_its_excerpts():
    shown = page(report(endpoints=[endpoint("a", result("text.answers", "refuted"))]))

    section = shown.split('class="finding"')[1].split("</section>")[0]
    assert section.count(SHA) == 2
    assert "sent &lt;script&gt;" in section
    assert "received &lt;script&gt;" in section
    assert "It holds." in section


def test_what_the_verdict_rests_on_is_found_first():
    aside = result("text.emoji", "refuted", counts=False)

    shown = page(report(endpoints=[endpoint("a", aside, result("text.answers", "refuted"))]))

    findings = shown.split("<h2>Findings</h2>")[1]
    assert findings.index("text.<wbr>answers") < findings.index("text.<wbr>emoji")


def test_nothing_of_a_vendor_is_taken_for_markup_and_nothing_is_loaded():
    shown = page(report(parity=PARITY))

    assert EVIL not in shown
    assert "<script" not in shown
    assert "http" not in shown.replace("http-equiv", "")
    assert "default-src 'none'" in shown


def test_what_is_broken_now_and_then_is_a_finding_with_its_figures_and_digests():
    told = lapses_among([False, True] * 4, 0.02)
    assert told is not None
    lapses = {
        **{name: getattr(told, name) for name in ("broken", "of", "tolerated", "standing")},
        "interval_95": [told.low, told.high],
        "told": str(told),
    }
    broken = result("text.follows", "refuted")["tries"]

    shown = page(report(endpoints=[endpoint("a", result("text.follows", "proven", lapses=lapses, tries=broken))]))

    assert "Nothing was found wanting." not in shown
    assert "broken in 4 of 8 tries (15.7% to 84.3%), more often than the 2% that are tolerated" in shown
    assert SHA[:16] in shown


def test_what_is_proven_is_not_quoted():
    shown = page(report(endpoints=[endpoint("a", result("text.answers", "proven"))]))

    assert "Nothing was found wanting." in shown
    assert "received" not in shown


def test_a_plot_shows_point_interval_and_margin_on_one_scale():
    drawn = intervals([Interval("quality", 0.0, -0.1, 0.1, -0.1, "inferior")])

    assert drawn.count("<circle") == 1
    low = drawn.split('class="margin" x1="')[1].split('"')[0]
    assert f'class="interval" x1="{low}"' in drawn  # the interval begins where the margin stands
    assert intervals([]) == ""


def test_labels_of_an_axis_do_not_stand_on_each_other():
    narrow = intervals([Interval("quality", 0.0, -0.9, 0.02, -0.05, "inconclusive")])
    wide = intervals([Interval("quality", 0.0, -0.5, 0.5, -0.05, "inconclusive")])

    assert [text.count("%</text>") for text in (narrow, wide)] == [1, 2]


def test_curves_take_any_times_and_no_times():
    assert curves({}) == curves({"a": []}) == ""
    assert curves({"a": [0.0, 0.01, 30.0], "b": [1.0]}).count("<polyline") == 2


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium on this machine")
def test_a_browser_shows_it_and_prints_it(tmp_path: Path):
    (tmp_path / "page.html").write_text(page(report(parity=PARITY)), "utf-8")
    browser = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}")
    address = (tmp_path / "page.html").as_uri()

    shown = subprocess.run((*browser, "--dump-dom", address), capture_output=True, text=True, check=True, timeout=120)
    pdf = f"--print-to-pdf={tmp_path / 'page.pdf'}"
    subprocess.run((*browser, pdf, address), capture_output=True, check=True, timeout=120)

    assert "a was not shown to carry triage" in shown.stdout
    assert shown.stdout.count("<svg") == 2
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
