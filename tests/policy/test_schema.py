"""The published JSON Schema and the strict loader are of one mind, as far as a schema can say it."""

import copy
import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.uses import FACETS, USE_CODES
from offramp.errors import ConfigurationError
from offramp.policy import contract_from, declaration_from, schema, waivers_from
from offramp.policy.load import organisation_from
from offramp.policy.plain import contract_template, plain_declaration, plain_organisation
from offramp.policy.schema import FileKind
from offramp.toml_writing import toml_of
from offramp.types import JsonObject

DAY = date(2026, 11, 26)
WAIVER = """
[[waivers]]
mission = "triage"
document = "Acme terms"
clauses = ["decisions"]
authority = "board"
second_authority = "inspector"
reason = "weighed"
on = 2026-11-23
valid_until = 2026-12-23
"""
ADOPTION = """
[[adoptions]]
document = "Acme terms"
version = "1"
uses = ["gen.*"]
reason = "weighed"
by = "board"
on = 2026-11-23
valid_until = 2026-12-23
"""
EVIDENCE = """
[evidence]
role = "duty officer"
reaction_time_s = 2.5
vendor_approvals = { "Acme terms" = "letter of 2026-11-01" }
"""
BOUNDS = """
[bounds]
window_hours = 12
calls = 200
subjects = 0
"""
AGREEMENT = (
    contract_template()
    .replace('layer = "vendor"', 'layer = "agreement"')
    .replace("developer:acme", "agreement:acme")
    .replace("# supersedes", "supersedes")
)
FLOOR = (files("offramp.policy") / "floor.toml").read_text("utf-8")
CARRY_OVER = FLOOR.replace('"floor"', '"carry-over"\ncarried_from = ["endpoint:a"]')
TEXTS: dict[str, tuple[FileKind, str]] = {
    "contract": ("contract", contract_template()),
    "agreement": ("contract", AGREEMENT),
    "floor": ("contract", FLOOR),
    "carry-over": ("contract", CARRY_OVER),
    "declaration": ("declaration", plain_declaration("triage", on=DAY) + EVIDENCE + BOUNDS),
    "organisation": (
        "organisation",
        plain_organisation(["triage"], endpoints=["endpoint:a"], on=DAY, allow_unreviewed=True) + ADOPTION + WAIVER,
    ),
    "waivers": ("waivers", f"schema = 1\n{WAIVER}"),
}
LOADERS: dict[FileKind, Callable[[str, bytes], object]] = {
    "contract": contract_from,
    "declaration": declaration_from,
    "organisation": organisation_from,
    "waivers": waivers_from,
}
SCHEMAS = {kind: jsonschema.Draft202012Validator(schema(kind)) for kind in LOADERS}
SHIPPED = [
    file
    for vendor in (files("offramp_providers") / "vendors").iterdir()
    if vendor.is_dir() and vendor.name != "template"  # it holds places to be filled in
    for file in vendor.iterdir()
    if file.name == "policy.toml" or file.name.startswith("public_statement")
]
BEYOND_A_SCHEMA = (
    "before it begins",
    "clause id",
    "may be taken for another",
    "not in `classifications`",
    "excepted altogether",
    "meets no permit",
    "one name stands for both",
)
"""What the loader says of things on which several keys, or every letter, have a say."""


def json_of(data: JsonObject) -> Any:
    return json.loads(json.dumps(data, default=lambda day: day.isoformat()))


def complaint(kind: FileKind, data: JsonObject) -> str | None:
    """What the loader has against it; None: nothing."""
    try:
        LOADERS[kind]("made.toml", toml_of(data).encode())
    except ConfigurationError as error:
        return str(error)
    return None


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a document, with each of its keys or places."""
    for key, inner in list(data.items() if isinstance(data, dict) else enumerate(data)):
        yield data, key
        if isinstance(inner, dict | list):
            yield from places(inner)


_WORDS = (
    *(
        "x",
        "unstated",
        "reviewed",
        "illustrative-unreviewed",
        "unrecorded",
        "2026-11-23",
        "2026-11-2",
        "forbid",
        "permit",
    ),
    *("uncertain", "endpoint:a", "host:b", "developer:", "mars:x", "gen.*", "gen*", "g.*", "*", "floor", "carry-over"),
    *("permit", "channel", "vendor", "agreement", "organisation", "public-statement", "vendor_approval"),
)
WORDS = st.sampled_from(
    ["", " ", "0" * 64, *_WORDS, *USE_CODES[::9], *(name for names in FACETS.values() for name in names[:2])]
)
# No 1.0: to a JSON Schema it is the same as 1, to the loader it is not.
SCALARS = WORDS | st.sampled_from([0, 1, 2, -1, 2.5, True, False, DAY, date(2020, 1, 1)])
VALUES = (
    SCALARS
    | st.lists(WORDS, max_size=3)
    | st.dictionaries(st.sampled_from(["not_in", "oversight", "x", "effect"]), SCALARS | st.lists(WORDS, max_size=2))
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[FileKind, JsonObject]:
    """A sound file with one or two things changed, taken away, added or repeated."""
    kind, text = TEXTS[draw(st.sampled_from(sorted(TEXTS)))]
    data = tomllib.loads(text)
    for _ in range(draw(st.integers(1, 2))):
        holder, key = draw(st.sampled_from(list(places(data))))
        match draw(st.sampled_from(["change", "change", "remove", "add", "repeat"])):
            case "change":
                holder[key] = draw(VALUES)
            case "remove":
                del holder[key]
            case "add" if isinstance(holder, dict):
                names = [
                    "extra",
                    "valid_until",
                    "needs",
                    "confidence",
                    "applies_to",
                    "supersedes",
                    "carried_from",
                    "when",
                ]
                holder[draw(st.sampled_from(names))] = draw(VALUES)
            case _ if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case _:
                pass
        if not list(places(data)):
            break
    return kind, data


@given(damaged())
def test_what_the_loader_takes_the_schema_takes(made: tuple[FileKind, JsonObject]):
    kind, data = made

    if complaint(kind, data) is None:
        SCHEMAS[kind].validate(json_of(data))


@given(damaged())
def test_what_the_schema_takes_the_loader_takes(made: tuple[FileKind, JsonObject]):
    kind, data = made

    if SCHEMAS[kind].is_valid(json_of(data)):
        found = complaint(kind, data)
        assert found is None or any(words in found for words in BEYOND_A_SCHEMA)


@pytest.mark.parametrize("name", TEXTS)
def test_sound_files_are_taken_by_both(name: str):
    kind, text = TEXTS[name]
    data = tomllib.loads(text)

    assert complaint(kind, data) is None
    SCHEMAS[kind].validate(json_of(data))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.name}-{file.name}")
def test_every_shipped_contract_is_taken_by_both(file: Any):
    text = file.read_text("utf-8")

    contract_from(file.name, text.encode())
    SCHEMAS["contract"].validate(json_of(tomllib.loads(text)))


def test_contracts_are_shipped():
    assert len(SHIPPED) >= 7


@pytest.mark.parametrize("kind", LOADERS)
def test_the_schema_is_a_schema(kind: FileKind):
    jsonschema.Draft202012Validator.check_schema(schema(kind))
