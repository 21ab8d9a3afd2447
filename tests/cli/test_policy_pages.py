"""The pages of `render` and `matrix`: one file that loads nothing, each word escaped, every doubt marked."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from offramp.cli import _pages
from offramp.policy import load_contract
from offramp.policy.plain import contract_template
from support.deployment import write_deployment

Call = Callable[..., Any]
ATTACK = "<script>alert(1)</script><img src=x onerror='x'>{{ 7 * 7 }} & \\\"quoted\\\""


class Page(HTMLParser):
    """Its elements, the attributes by which something could be loaded, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.cells: list[str] = []
        self._in_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag in ("td", "th"):
            self.cells.append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_cell:
            self.cells[-1] += data


def page_of(file: Path) -> Page:
    return Page(file.read_text("utf-8"))


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """Two endpoints, of which b denies the mission."""
    keys = 'key.env = "A_KEY"'
    file = write_deployment(tmp_path, a=keys, b=keys, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    terms = tmp_path / "bolt.toml"
    terms.write_text(terms.read_text().replace('uses = ["gen.*"]', 'uses = ["gen.code"]'))
    return file


def test_a_contract_becomes_one_page_that_loads_nothing(offramp: Call, tmp_path: Path):
    (tmp_path / "acme.toml").write_text(contract_template())

    ran = offramp("policy", "render", "acme.toml", "--html", "acme.html")

    page = page_of(tmp_path / "acme.html")
    assert (ran.code, ran.out) == (0, "")
    assert not page.elements & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert not page.attributes & {"src", "href", "action", "srcset", "data", "style"}
    assert "url(" not in (tmp_path / "acme.html").read_text()
    assert "default-src 'none'" in (tmp_path / "acme.html").read_text()
    assert "@media print" in page.text


def test_every_clause_stands_there_with_its_document_and_section(offramp: Call, tmp_path: Path):
    (tmp_path / "acme.toml").write_text(contract_template())

    offramp("policy", "render", "acme.toml", "--html", "acme.html")

    cells = page_of(tmp_path / "acme.html").cells
    for clause in load_contract(tmp_path / "acme.toml").content.clauses:
        place = cells.index(clause.id)
        assert clause.text in cells[place : place + 7]
        assert f"{clause.document}, {clause.section}" in cells[place : place + 7]


def test_what_a_contract_says_is_shown_and_never_obeyed(offramp: Call, tmp_path: Path):
    text = contract_template().replace("No decision about a person", ATTACK).replace('"Acme terms"', f'"{ATTACK}"')
    (tmp_path / "acme.toml").write_text(text)

    offramp("policy", "render", "acme.toml", "--html", "acme.html")

    page = page_of(tmp_path / "acme.html")
    assert not page.elements & {"script", "img"}
    assert page.text.count("<script>alert(1)</script>") >= 2
    assert "{{ 7 * 7 }}" in page.text
    assert "49" not in page.text


def test_doubt_is_marked(offramp: Call, tmp_path: Path):
    text = contract_template().replace('effect = "forbid"', 'effect = "forbid"\nconfidence = "uncertain"')
    (tmp_path / "acme.toml").write_text(text)

    offramp("policy", "render", "acme.toml", "--html", "acme.html")

    text = page_of(tmp_path / "acme.html").text
    assert all(word in text for word in ("illustrative-unreviewed", "unsigned", "forbid (uncertain)", "unrecorded"))


@pytest.mark.parametrize(("document", "name"), [("floor", "Offramp floor 1"), ("anthropic", "Anthropic Usage Policy")])
def test_what_ships_is_rendered_by_its_name(offramp: Call, tmp_path: Path, document: str, name: str):
    assert name in offramp("policy", "render", document).out
    assert offramp("policy", "render", document, "--html", "x.html").code == 0
    assert name in page_of(tmp_path / "x.html").text


def test_a_vendor_whose_terms_nobody_has_read_has_nothing_to_render(offramp: Call):
    ran = offramp("policy", "render", "cohere")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "nobody has read the terms of 'cohere'" in ran.err
    assert "offramp policy new cohere" in ran.err


def test_the_matrix_becomes_a_page_with_every_ground(offramp: Call, deployment: Path, tmp_path: Path):
    ran = offramp("policy", "matrix", "--html", "matrix.html")

    page = page_of(tmp_path / "matrix.html")
    assert (ran.code, ran.out) == (0, "")
    assert page.cells[:4] == ["Mission", "a", "b", "triage"]
    assert page.cells[4].startswith("allowed until ")
    assert "unreviewed, unsigned" in page.cells[4]
    assert page.cells[5].startswith("DENIED by vendor bolt terms")
    assert "triage at b: DENIED (unreviewed, unsigned)" in page.text
    assert "rests on unsigned files" in page.text
    assert "agree it with the vendor" in page.cells


def test_the_codes_of_a_page_are_explained_on_it(offramp: Call, tmp_path: Path):
    offramp("policy", "render", "floor", "--html", "x.html")

    cells = page_of(tmp_path / "x.html").cells

    assert cells[cells.index("surv.track.person") + 1] == "follow or identify a person over time"
    assert cells[cells.index("unstated") + 1].startswith("Not declared.")
    assert "gen.draft" not in cells


def test_a_declaration_becomes_a_page_with_its_dates_people_and_scale(offramp: Call, deployment: Path, tmp_path: Path):
    ran = offramp("policy", "render", "triage.toml", "--html", "x.html")

    page = page_of(tmp_path / "x.html")
    assert (ran.code, ran.out) == (0, "")
    assert "a call that names a subject is denied" in page.text
    assert "Last day (UTC)" in page.text
    assert page.cells[page.cells.index("gen.draft") + 2] == "draft texts"


def test_the_matrix_of_another_day_says_for_which_day_it_was_decided(offramp: Call, deployment: Path, tmp_path: Path):
    offramp("policy", "matrix", "--on", "2030-01-02", "--html", "matrix.html")

    text = page_of(tmp_path / "matrix.html").text
    assert "Decided as on 2030-01-02 (UTC)" in text
    assert f"Written by Offramp on {datetime.now(UTC).date()}" in text
    assert "What triage declares" in text


def test_a_file_that_cannot_be_read_is_named_once_in_a_sentence(offramp: Call, deployment: Path, tmp_path: Path):
    terms = tmp_path / "bolt.toml"
    terms.write_text(terms.read_text().replace("layer = ", "layer is "))

    told = offramp("policy", "explain", "triage", "b", "--for", "manager").out.splitlines()[1]

    assert told.count("bolt.toml") == 1


def test_the_matrix_may_be_page_and_json_at_once(offramp: Call, deployment: Path, tmp_path: Path):
    ran = offramp("policy", "matrix", "--html", "matrix.html", "--json")

    assert len(ran.json["decisions"]) == 2
    assert (tmp_path / "matrix.html").exists()


def test_without_the_extra_a_page_names_what_to_install(
    offramp: Call, deployment: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    _pages.page_environment.cache_clear()  # as in a process that has not written a page yet

    ran = offramp("policy", "matrix", "--html", "matrix.html")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "an HTML page needs the extra 'cli'" in ran.err
    assert "pip install 'offramp[cli]'" in ran.err
    assert offramp("policy", "matrix").code == 0


def test_a_page_that_cannot_be_written_is_one_line(offramp: Call, deployment: Path):
    ran = offramp("policy", "matrix", "--html", "no/such/folder.html")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
