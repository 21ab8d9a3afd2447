"""Policy files are read strictly: every fault ends in one error that names the file, the line and the mend."""

import hashlib
import json
import tomllib
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from offramp.errors import ConfigurationError
from offramp.policy import (
    contract_from,
    load_contract,
    load_declaration,
    load_organisation,
    load_policy,
    load_waivers,
    schema,
    shipped_floor,
)
from offramp.policy.plain import contract_template, plain_declaration, plain_organisation, plain_terms

TODAY = date(2026, 11, 23)
DECLARATION = plain_declaration("triage", on=TODAY)
ORGANISATION = plain_organisation(["triage"], endpoints=["endpoint:a"], on=TODAY, allow_unreviewed=False)
CONTRACT = contract_template()
CARRY_OVER = (
    Path(shipped_floor().where).read_text("utf-8").replace('"floor"', '"carry-over"\ncarried_from = ["endpoint:a"]')
)
WAIVERS = """\
schema = 1
[[waivers]]
mission = "triage"
document = "Acme terms"
clauses = ["decisions"]
authority = "board"
reason = "weighed"
on = 2026-11-23
valid_until = 2026-12-23
"""

FAULTS = [
    # kind, what is replaced, by what, the line it must name, words that must be in the message
    ("declaration", 'oversight = "advisory"', 'oversigth = "advisory"', 'oversigth = "advisory"', "write 'oversight'"),
    ("declaration", '"advisory" ', '"advisroy" ', '"advisroy"', "write 'advisory'"),
    ("declaration", "gen.draft", "gen.drafd", "gen.drafd", "write 'gen.draft'"),
    ("declaration", "gen.draft", "g\u0435n.draft", "g\u0435n.draft", "CYRILLIC"),
    ("declaration", "oversight =", "\u043eversight =", None, "this is not TOML"),
    ("declaration", 'mission = "triage"', "mission = 7", "mission = 7", "should be a valid string"),
    ("declaration", "2027-11-23", "2027-11-23T00:00:00Z", "2027-11-23T", "valid date"),
    ("declaration", "2027-11-23", "2025-11-23", "2025-11-23", "before it begins"),
    ("declaration", "owner =", "onwer =", "onwer =", "write 'owner'"),
    ("declaration", "[facets]", "[facts]", "[facts]", "write 'facets'"),
    ("declaration", "schema = 1", "schema = 2", "schema = 2", "use one of 1"),
    ("declaration", "valid_until =", "# valid_until =", None, "'valid_until' is missing"),
    ("declaration", "schema = 1", "schema = 1\nschema = 1", None, "this is not TOML"),
    ("organisation", "allow_unreviewed = false", 'allow_unreviewed = "true"', "allow_unreviewed = ", "boolean"),
    ("organisation", '"endpoint:a"', '"a"', '"a"', "is not a selector"),
    ("organisation", '"gen.*"', '"gne.*"', '"gne.*"', "not a use code"),
    ("organisation", "\nby =", "\nmax_classification = 'high'\nby =", "max_classification", "not in `classifications`"),
    ("organisation", "valid_until = 2027-11-23\n", "\n", "[[approvals]]", "'valid_until' is missing"),
    ("contract", "schema = 1", "schema = true", "schema = true", "a schema is a number"),
    ("contract", 'id = "decisions"', 'id = "office-work"', 'id = "office-work"', "stands here twice"),
    ("contract", 'id = "decisions"', 'id = "deci sions"', 'id = "deci sions"', "not a clause id"),
    ("contract", 'uses = ["decide.*"]', 'uses = ["decide*"]', 'uses = ["decide*"]', "not a use code"),
    ("contract", 'uses = ["decide.*"]', "uses = []", "uses = []", "names no use"),
    ("contract", 'not_in = ["approve"]', 'not_in = ["aprove"]', "aprove", "not a value of 'oversight'"),
    ("contract", "{ oversight = {", "{ oversigt = {", "oversigt", "not known here"),
    ("contract", '["not-weapon"]', '["not-weapon", "unstated"]', '"unstated"', "meets no permit"),
    ("contract", "review_by = 2026-06-30", "", None, "'review_by' is missing"),
    ("contract", "valid_until = 2026-12-31", "", None, "'valid_until' is missing"),
    ("contract", '"unrecorded"', '"abc"', '"abc"', "not a SHA-256"),
    ("contract", 'status = "illustrative-unreviewed"', 'status = "reviewed"', 'sha256 = "unrecorded"', "not a SHA-256"),
    ("contract", '["developer:acme"]', '["host:acme"]', '["host:acme"]', "cannot say whom this layer binds"),
    ("contract", 'applies_to = ["developer:acme"]', "", None, "'applies_to' is missing"),
    ("contract", 'layer = "vendor"', 'layer = "floor"', 'effect = "permit"', "can only forbid"),
    ("contract", '"usage-policy"', '"public-statement"', 'effect = "permit"', "can only forbid"),
    ("contract", 'effect = "forbid"', 'effect = "forbids"', '"forbids"', "write 'forbid'"),
    ("contract", '"vendor_approval"] }', '"vendor_aproval"] }', "vendor_aproval", "write 'vendor_approval'"),
    ("contract", '{ needs = ["vendor_approval"] }', "{}", "exceptions = [", "excepted altogether"),
    ("contract", 'confidence = "clear"', 'confidence = "uncertain"', "uncertain", "permits nothing"),
    ("contract", "# supersedes", "supersedes", "supersedes =", "only an agreement"),
    ("contract", "# supersedes", 'carried_from = ["endpoint:a"] #', "carried_from", "only a carry-over contract"),
    ("carry-over", "endpoint:a", "host:a", "host:a", "is no endpoint"),
    ("contract", 'text = "No decision', 'text = "No\u202e decision', 'text = "No', "RIGHT-TO-LEFT"),
    ("contract", '["decide.*"]', '["surv.m\u0430ss"]', "surv.m", "U+0430 (CYRILLIC SMALL LETTER A)"),
    ("contract", '["decide.*"]', '["decide\u200b.*"]', '["decide', "ZERO WIDTH SPACE"),
    ("contract", 'id = "decisions"', 'id = "deci\u00adsions"', 'id = "deci', "SOFT HYPHEN"),
    ("contract", 'name = "Acme terms"', 'name = "\u0410cme terms"', "name =", "mixes letters of CYRILLIC and LATIN"),
    ("contract", 'name = "Acme terms"', 'name = "Acme\u00a0terms"', "name =", "NO-BREAK SPACE"),
    ("contract", 'name = "Acme terms"', 'name = "Acme\u3164terms"', "name =", "HANGUL FILLER"),
    ("contract", 'name = "Acme terms"', 'name = "Acme\\u200bterms"', "name =", "ZERO WIDTH SPACE"),
    ("contract", "# Days in UTC.", "# Days in\u202e UTC.", "# Days in", "RIGHT-TO-LEFT OVERRIDE"),
    (
        "contract",
        '["decide.*"]',
        '["decide.*", "gen.*", "decide.*"]',
        '"gen.*", "decide',
        "'decide.*' stands here twice",
    ),
    ("contract", '["not-weapon"]', '["not-weapon", "not-weapon"]', "not-weapon", "'not-weapon' stands here twice"),
    (
        "organisation",
        "effective =",
        'classifications = ["low", "low"]\neffective =',
        "classifications",
        "stands here twice",
    ),
    ("declaration", "[facets]", "[evidence]\nreaction_time_s = nan\n[facets]", "reaction_time_s", "above 0"),
    ("declaration", "[facets]", "[evidence]\nreaction_time_s = inf\n[facets]", "reaction_time_s", "above 0"),
    ("waivers", "on = 2026-11-23", "on = 2026-12-24", "valid_until = 2026-12-23", "before it begins"),
    ("waivers", 'authority = "board"', 'authority = " "', "authority =", "names an authority"),
    ("waivers", 'reason = "weighed"', 'second_authority = "Board"\nreason = "x"', "second_authority", "one name"),
]

KINDS = {
    "declaration": (DECLARATION, load_declaration),
    "organisation": (ORGANISATION, load_organisation),
    "contract": (CONTRACT, load_contract),
    "carry-over": (CARRY_OVER, load_contract),
    "waivers": (WAIVERS, load_waivers),
}


def line_with(text: str, part: str) -> int:
    """Counted from 1; the last one, where a second entry repeats the first."""
    return max(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


@pytest.mark.parametrize(("kind", "old", "new", "line", "words"), FAULTS)
def test_a_fault_is_named_by_file_line_and_mend(
    tmp_path: Path, kind: str, old: str, new: str, line: str | None, words: str
):
    text, load = KINDS[kind]
    assert old in text
    file = tmp_path / f"{kind}.toml"
    file.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load(file)

    message = str(caught.value)
    assert words.lower() in message.lower()
    assert caught.value.mend
    assert str(caught.value.where).startswith(str(file))
    assert "\n" not in message or "not TOML" in message


@pytest.mark.parametrize(
    ("kind", "old", "new", "line", "words"),
    [fault for fault in FAULTS if fault[3]],
)
def test_the_line_is_the_line_of_the_fault(tmp_path: Path, kind: str, old: str, new: str, line: str, words: str):
    text, load = KINDS[kind]
    file = tmp_path / f"{kind}.toml"
    file.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load(file)

    number = int(str(caught.value.where).rsplit(":", 1)[1])
    assert line in file.read_text("utf-8").splitlines()[number - 1]


def test_a_repeated_clause_id_is_named_at_its_second_place(tmp_path: Path):
    file = tmp_path / "contract.toml"
    text = CONTRACT.replace('id = "decisions"', 'id = "office-work"')
    file.write_text(text, "utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_contract(file)

    assert caught.value.where == f"{file}:{line_with(text, 'office-work')}"


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"a = ", b"[" * 3000, b""])
def test_bytes_that_are_no_policy_are_refused(raw: bytes):
    with pytest.raises(ConfigurationError):
        contract_from("bytes.toml", raw)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        load_contract(tmp_path / "gone.toml")

    assert str(tmp_path / "gone.toml") in str(caught.value)


def test_a_policy_file_is_read_by_its_layer(tmp_path: Path):
    org, terms, nothing = tmp_path / "org.toml", tmp_path / "terms.toml", tmp_path / "nothing.toml"
    org.write_text(ORGANISATION, "utf-8")
    terms.write_text(CONTRACT, "utf-8")
    nothing.write_text("schema = 1\n", "utf-8")

    assert load_policy(org).content.layer == "organisation"
    assert load_policy(terms).content.layer == "vendor"
    with pytest.raises(ConfigurationError, match="'layer' is missing"):
        load_policy(nothing)


def test_prose_may_hold_any_letter_that_shows(tmp_path: Path):
    file = tmp_path / "declaration.toml"
    file.write_text(DECLARATION.replace('owner = "to be named"', 'owner = "Łucja Müller"'), "utf-8")

    assert load_declaration(file).content.owner == "Łucja Müller"


def test_names_with_quotes_are_written_as_toml(tmp_path: Path):
    file = tmp_path / "declaration.toml"
    file.write_text(plain_declaration("triage", on=TODAY, owner='The "duty" \\ officer'), "utf-8")

    assert load_declaration(file).content.owner == 'The "duty" \\ officer'


def test_the_digest_is_of_the_files_bytes(tmp_path: Path):
    file = tmp_path / "contract.toml"
    file.write_text(CONTRACT, "utf-8")

    assert load_contract(file).sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_shipped_floor_loads_and_stands_without_an_end():
    floor = shipped_floor().content

    assert floor.layer == "floor"
    assert floor.valid_until is None
    assert {clause.id.split(".")[0] for clause in floor.clauses} == {"E1", "E2", "E1+", "E2+"}


@pytest.mark.parametrize(
    ("old", "new"),
    [('["decide.*"]', '["decide*"]'), ('["approve"]', '["aprove"]'), ("{ oversight", "{ oversigt"), ("layer", "lair")],
)
def test_the_published_schema_refuses_what_the_loader_refuses(old: str, new: str):
    wrong = json.loads(json.dumps(tomllib.loads(CONTRACT.replace(old, new, 1)), default=str))

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema("contract"))


def test_plain_terms_are_of_the_developer_and_valid_for_a_year():
    read = contract_from("acme.toml", plain_terms("bolt", on=TODAY).encode()).content

    assert read.applies_to == ("developer:bolt",)
    assert read.name == "bolt terms"
    assert (read.effective, read.valid_until) == (TODAY, date(2027, 11, 23))
    assert "cme" not in plain_terms("bolt", on=TODAY)
