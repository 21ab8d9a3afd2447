"""`conform-report.junit.xml`: the run as test cases, for whatever shows JUnit files, in the form that pytest writes.

It holds what the exit code rests on and no more: the checks of the endpoint that is asked about, both verdicts, stale
entries of the baseline, and parity. So it has a failure where the command failed, and none where it passed. What
holds and was broken now and then says so in the output of its case, and in figures among the properties of the suite.
"""

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from offramp.types import JsonObject, value
from offramp_conformance.conform.parity import is_as_good, parity_word
from offramp_conformance.suite.outcomes import TestOutcome, outcome_of, told

_PACKAGE: Final = "offramp_conformance"
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold, in whatever spelling."""


@value
class _Case:
    group: str
    name: str
    outcome: TestOutcome
    _: KW_ONLY
    text: str
    total_s: float = 0.0
    output: str = ""
    """What is to be read beside the outcome."""


def junit(report: JsonObject) -> bytes:
    """The file for a report."""
    cases = list(_cases(report, report["endpoints"][0]))
    root = Element("testsuites", {"name": "offramp conform"})
    suite = SubElement(root, "testsuite", _attributes(report, cases))
    properties = SubElement(suite, "properties")
    for name, held in _facts(report, report["endpoints"][0]):
        SubElement(properties, "property", {"name": name, "value": _legal(held)})
    for case in cases:
        _add(suite, case)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _cases(report: JsonObject, asked: JsonObject) -> Iterator[_Case]:
    for result in asked["results"]:
        yield _case(result)
    for stale in asked["stale_gaps"]:
        yield _Case("baseline", stale["check"], "failed", text=f"a stale gap: {stale['why']}")
    for axis in ("wire", "behaviour"):
        standing = asked["verdict"][axis]
        yield _Case("verdict", axis, "passed" if standing == "passed" else "failed", text=f"{axis}: {standing}")
    if report["parity"] is not None:
        good, reasons = is_as_good(report["parity"]), report["parity"]["verdict"]["reasons"]
        text = f"{parity_word(report['parity'])}: {' '.join(reasons)}"
        yield _Case("verdict", "parity", "passed" if good else "failed", text=text)


def _case(result: JsonObject) -> _Case:
    tries: list[Any] = result["tries"]
    return _Case(
        result["check"].partition(".")[0],
        result["check"],
        outcome_of(result["state"], counts=result["counts"]),
        text=told(result["state"], proves=result["proves"], why=result["why"], look_at=result["look_at"]),
        total_s=sum(call["total_s"] for made in tries for call in made["calls"]),
        output="" if result["lapses"] is None else result["lapses"]["told"],
    )


def _attributes(report: JsonObject, cases: list[_Case]) -> dict[str, str]:
    return {
        "name": _legal(report["endpoints"][0]["endpoint"]),
        "errors": "0",
        "failures": str(sum(each.outcome == "failed" for each in cases)),
        "skipped": str(sum(each.outcome in ("skipped", "expected") for each in cases)),
        "tests": str(len(cases)),
        "time": f"{sum(each.total_s for each in cases):.3f}",
        "timestamp": report["at"],
    }


def _facts(report: JsonObject, asked: JsonObject) -> Iterator[tuple[str, str]]:
    yield "mission", report["mission"]
    yield "level", report["level"]
    yield "offramp", report["suite"]["offramp"]
    yield "key", asked["verdict"]["key"]
    yield "expires", asked["verdict"]["expires"]
    for result in asked["results"]:
        if result["lapses"] is not None:
            yield from _lapses(f"lapses.{result['check']}", result["lapses"])


def _lapses(name: str, lapses: JsonObject) -> Iterator[tuple[str, str]]:
    low, high = lapses["interval_95"]
    yield f"{name}.rate", f"{lapses['broken'] / lapses['of']:.4f}"
    yield f"{name}.interval_95", f"{low:.4f} {high:.4f}"
    yield f"{name}.tries", str(lapses["of"])
    yield f"{name}.tolerated", f"{lapses['tolerated']:.4f}"
    yield f"{name}.standing", lapses["standing"]


def _add(suite: Element, case: _Case) -> None:
    named = {"classname": f"{_PACKAGE}.{case.group}", "name": _legal(case.name), "time": f"{case.total_s:.3f}"}
    node = SubElement(suite, "testcase", named)
    text = _legal(case.text)
    match case.outcome:
        case "failed":
            SubElement(node, "failure", {"message": text}).text = text
        case "expected":
            SubElement(node, "skipped", {"type": "pytest.xfail", "message": text})
        case "skipped":
            SubElement(node, "skipped", {"type": "pytest.skip", "message": text}).text = text
        case "passed":
            pass
    if case.output:
        SubElement(node, "system-out").text = _legal(case.output)


def _legal(text: str) -> str:
    """As pytest does: what XML cannot hold is named by its number."""
    return _ILLEGAL.sub(lambda found: f"#x{ord(found[0]):02X}", text)
