"""Each source of a shipped profile resolves: to one address, and to a package or schema where that is at hand."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution

import pytest

from offramp.catalog import load_profile, policy_text, vendor_names
from offramp.contracts.statements import address_of, can_be_opened, statements
from offramp.policy import contract_from
from support.published_schemas import published


def named() -> Iterator[tuple[str, str, str]]:
    """Vendor, source and address of every statement."""
    for vendor in vendor_names():
        profile = load_profile(vendor)
        for _, evidence in statements(profile):
            if evidence.source:
                yield vendor, evidence.source, address_of(evidence.source, profile) or ""


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_source_has_an_address_that_can_be_opened(vendor: str):
    assert [source for of, source, address in named() if of == vendor and not can_be_opened(address)] == []


def test_an_address_that_nobody_can_open_is_told_apart():
    refused = ("hearsay", "http://docs.example.com", "https://localhost/doc", "/srv/facts.md", "https://a.b/ c", "")

    assert [address for address in refused if can_be_opened(address)] == []


def test_a_document_has_one_home_whoever_names_it():
    homes: dict[str, set[str]] = {}
    for _, source, address in named():
        homes.setdefault(source, set()).add(address)

    assert {source: at for source, at in homes.items() if len(at) > 1} == {}


def test_a_document_by_name_bears_its_version_or_its_day():
    unversioned = {s for _, s, _ in named() if "://" not in s and not re.search(r"\d+\.\d+|20\d\d-\d\d", s)}

    assert unversioned == set()


def test_a_package_s_home_is_that_of_its_very_version():
    pages = {(s, a) for _, s, a in named() if a.startswith("https://pypi.org/")}

    assert pages
    assert {s for s, a in pages if a.rstrip("/").rpartition("/")[2] not in re.findall(r"\d+(?:\.\d+)+", s)} == set()


def packages() -> dict[str, tuple[str, str, str]]:
    """Package, version and, if one is named, the file within it, by source."""
    found: dict[str, tuple[str, str, str]] = {}
    for _, source, address in named():
        page = re.fullmatch(r"https://pypi\.org/project/([^/]+)/([^/]+)/", address)
        if page:
            file = re.search(r", (\S+\.(?:py|json)|lib/\w+)$", source)
            found[source] = (page[1], page[2], file[1] if file else "")
    return found


@pytest.mark.parametrize("source", sorted(packages()))
def test_a_file_that_a_claim_names_is_in_the_package_that_is_installed(source: str):
    package, version, file = packages()[source]
    try:
        installed = distribution(package)
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed")
    if installed.version != version:
        pytest.skip(f"{package} is installed as {installed.version}, not {version}")

    held = [str(each) for each in installed.files or ()]

    assert held
    assert any(f"/{file}" in each for each in held)


@pytest.mark.parametrize("vendor", ["openai", "cohere", "mistral"])
def test_a_schema_that_is_at_hand_is_the_one_that_the_profile_names(vendor: str):
    commit = re.split(r"[@ ]", published(vendor)["_meta"]["source"])[1]

    assert any(f"/{commit}" in address for of, _, address in named() if of == vendor)


@pytest.mark.parametrize("vendor", [name for name in vendor_names() if policy_text(name)])
def test_the_terms_that_a_contract_was_read_from_have_an_address_and_a_day(vendor: str):
    shipped = policy_text(vendor)
    assert shipped
    sources = contract_from(*shipped).content.sources

    assert sources
    assert [each.document for each in sources if not can_be_opened(each.url or "")] == []
    assert all(each.effective <= each.retrieved for each in sources)
