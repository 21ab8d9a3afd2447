"""`offramp vendors new`: a vendor to begin with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Call = Callable[..., Any]


def test_a_new_vendor_is_written_and_the_next_step_is_said(offramp: Call, tmp_path: Path):
    ran = offramp("vendors", "new", "acme-cloud")

    folder = tmp_path / "offramp-vendor-acme-cloud"
    assert ran.code == 0
    assert (folder / "offramp_vendor_acme_cloud" / "profile.toml").is_file()
    assert "pip install --editable offramp-vendor-acme-cloud" in " ".join(ran.out.split())


def test_a_vendor_goes_into_the_folder_that_is_asked_for(offramp: Call, tmp_path: Path):
    ran = offramp("vendors", "new", "acme", "--into", "vendors/here")

    assert ran.code == 0
    assert (tmp_path / "vendors" / "here" / "offramp-vendor-acme" / "pyproject.toml").is_file()


def test_a_taken_name_ends_in_one_line(offramp: Call):
    ran = offramp("vendors", "new", "openai")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "is installed already" in ran.err


def test_the_list_says_whose_terms_nobody_has_read(offramp: Call):
    rows = {row["vendor"]: row["policy"] for row in offramp("vendors", "--json").json["vendors"]}

    assert rows["groq"] == "none: unresearched, denied"
    assert rows["vllm"] == "none: the weights' terms hold"
