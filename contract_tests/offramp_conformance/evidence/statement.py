"""The in-toto statement about a run: what was tested, by which report, and what came of it.

Statement v1 and the predicate test-result v0.1 (https://github.com/in-toto/attestation, read 2026-11-26).
"""

import json
from typing import Any, Final

from offramp.types import JsonObject
from offramp_conformance.conform.parity import parity_word

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://in-toto.io/attestation/test-result/v0.1"


def statement(report: JsonObject, report_sha256: str) -> bytes:
    """The statement about the endpoint that a report asks about, as JSON.

    Its first subject is the report itself, by its bytes; its second is the endpoint, by the key of the verdict, which
    stands for contract, endpoint, model and version of the suite together.
    """
    asked = report["endpoints"][0]
    content = {
        "_type": STATEMENT,
        "subject": [
            {"name": "conform-report.json", "digest": {"sha256": report_sha256}},
            {"name": f"endpoint:{asked['endpoint']}", "digest": {"sha256": asked["verdict"]["key"]}},
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "result": result_of(report),
            "configuration": [_configuration(report, asked)],
            **{field: _named(asked, *states) for field, states in _LISTS.items()},
        },
    }
    return json.dumps(content, sort_keys=True).encode()


_LISTS: Final = {
    "passedTests": ("proven",),
    "warnedTests": ("known_gap", "inconclusive", "not_tried", "lapsing"),
    "failedTests": ("refuted",),
}
"""By state; what holds by its share, and is broken more often than is tolerated or may be, is `lapsing`."""


def result_of(report: JsonObject) -> str:
    """PASSED where it can be certified, WARNED where it passed otherwise, else FAILED."""
    if not report["passed"]:
        return "FAILED"
    return "PASSED" if report["endpoints"][0]["verdict"]["certifiable"] else "WARNED"


def _configuration(report: JsonObject, asked: JsonObject) -> JsonObject:
    return {
        "name": "offramp conform",
        "digest": {"sha256": report["suite"]["catalogue_sha256"]},
        "annotations": {
            "offramp": report["suite"]["offramp"],
            "level": report["level"],
            "mission": report["mission"],
            "at": report["at"],
            "expires": asked["verdict"]["expires"],
            "certifiable": asked["verdict"]["certifiable"],
            "parity": parity_word(report["parity"]),
        },
    }


def _named(asked: JsonObject, *states: str) -> list[str]:
    results: list[Any] = asked["results"]
    return [each["check"] for each in results if _state(each) in states]


def _state(result: JsonObject) -> str:
    lapses = result["lapses"]
    is_lapsing = result["state"] == "proven" and lapses is not None and lapses["standing"] != "within"
    return "lapsing" if is_lapsing else str(result["state"])
