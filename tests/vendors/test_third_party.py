"""A third party's vendor, in a distribution of its own, works by its entry point; ours is not touched."""

import json
import os
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from offramp.catalog import template_text
from offramp.cli._scaffold import scaffold_vendor
from offramp.errors import ConfigurationError
from offramp.policy import contract_from

TODAY = date(2026, 11, 23)
ASKING = dedent(
    """
    import json, sys
    from offramp.catalog import load_profile, policy_text, vendor_names
    from offramp.config import Config, endpoint_of
    from offramp.types import GenerateRequest, Message, Text
    from offramp_providers.http_provider import HttpProvider

    config = Config.model_validate({
        "schema": 1,
        "endpoints": {"e": {"vendor": "acme-cloud", "model": "m", "base_url": "https://api.acme.example/v1",
                            "key": {"env": "ACME_KEY"}}},
        "missions": {"m": {"declaration": "m.toml", "route": ["e"]}},
    })
    call = HttpProvider(endpoint_of(config, "e")).prepare(
        GenerateRequest(messages=(Message(role="user", parts=(Text("Hello"),)),))
    )
    json.dump({
        "vendors": vendor_names(),
        "title": load_profile("acme-cloud").title,
        "policy": policy_text("acme-cloud") is not None,
        "url": call.http.url,
        "key": call.http.headers["authorization"],
    }, sys.stdout)
    """
)


def install(folder: Path, site: Path) -> None:
    """Put the package on a path as an installer does: its files, and its entry points in metadata."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    points = project["entry-points"]["offramp.vendors"]
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", "utf-8"
    )
    lines = "".join(f"{name} = {module}\n" for name, module in points.items())
    (info / "entry_points.txt").write_text(f"[offramp.vendors]\n{lines}", "utf-8")
    for module in points.values():
        (folder / module).rename(site / module)


def test_a_scaffolded_vendor_works_from_its_own_distribution(tmp_path: Path):
    scaffold_vendor("acme-cloud", into=tmp_path, today=TODAY)
    install(tmp_path / "offramp-vendor-acme-cloud", tmp_path / "site")
    surroundings = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "ACME_KEY": "made-up"}

    ran = subprocess.run([sys.executable, "-c", ASKING], env=surroundings, capture_output=True, text=True, check=False)

    assert ran.stderr == ""
    told = json.loads(ran.stdout)
    assert {"acme-cloud", "openai"} <= set(told["vendors"])
    assert (told["title"], told["policy"]) == ("acme-cloud", True)
    assert told["url"] == "https://api.acme.example/v1/chat/completions"
    assert told["key"] == "Bearer made-up"


def test_a_scaffold_is_a_sound_distribution(tmp_path: Path):
    written = scaffold_vendor("acme-cloud", into=tmp_path, today=TODAY)

    folder = tmp_path / "offramp-vendor-acme-cloud"
    assert [str(path.relative_to(folder)) for path in written] == [
        "pyproject.toml",
        "offramp_vendor_acme_cloud/profile.toml",
        "offramp_vendor_acme_cloud/policy.toml",
        "offramp_vendor_acme_cloud/__init__.py",
    ]
    project = tomllib.loads(written[0].read_text("utf-8"))
    assert project["project"]["entry-points"] == {"offramp.vendors": {"acme-cloud": "offramp_vendor_acme_cloud"}}
    assert not [path for path in written for word in ("NAME", "MODULE", "TODAY") if word in path.read_text("utf-8")]


def test_a_scaffolds_contract_denies_everything_as_unresearched(tmp_path: Path):
    written = scaffold_vendor("acme", into=tmp_path, today=TODAY)

    contract = contract_from(str(written[2]), written[2].read_bytes()).content

    assert [(clause.effect, clause.uses) for clause in contract.clauses] == [("forbid", ("*",))]
    assert contract.clauses[0].text.startswith("Unresearched")
    assert contract.applies_to == ("developer:acme",)


@pytest.mark.parametrize("name", ["Acme", "acme_cloud", "-acme", "acme-", "../acme", "acme cloud", "", "openai"])
def test_a_name_that_is_none_or_taken_is_refused_and_nothing_is_written(name: str, tmp_path: Path):
    with pytest.raises(ConfigurationError):
        scaffold_vendor(name, into=tmp_path, today=TODAY)

    assert list(tmp_path.iterdir()) == []


def test_nothing_that_is_there_is_overwritten(tmp_path: Path):
    scaffold_vendor("acme", into=tmp_path, today=TODAY)

    with pytest.raises(ConfigurationError, match="the folder is there already"):
        scaffold_vendor("acme", into=tmp_path, today=TODAY)


def test_an_unknown_kind_of_template_is_refused():
    with pytest.raises(ConfigurationError, match="there is no template 'dialect'"):
        template_text("dialect", "x")
